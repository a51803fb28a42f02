"""`python -m shelfwise_gateway.describe docs/openapi.json`: writes the API's public description.

A test compares that file with the code.
"""

import sys
from pathlib import Path

import orjson
from fastapi import FastAPI

from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings


def description(app: FastAPI) -> bytes:
    """The OpenAPI document in a form that is easy to compare."""
    return orjson.dumps(app.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("expected one argument, the file to write; e.g. docs/openapi.json")
    Path(sys.argv[1]).write_bytes(description(create_app(GatewaySettings())))


if __name__ == "__main__":
    main()
