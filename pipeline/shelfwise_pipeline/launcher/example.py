"""The first question, asked for the user: an example of what to do next, with its real answer."""

import json
import urllib.request
from http.client import HTTPException
from typing import Any

from shelfwise_pipeline.api_key import KEYS, first_key, headers
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.launcher.ready import DIRECT

QUESTION = {"product_name": "nail paints", "top_k": 5}


class Unanswered(PipelineError):
    """The gateway gave no answer; the message tells what it gave."""


def ask(url: str) -> dict[str, Any]:
    """Return the gateway's answer to QUESTION, asked with the first of its keys if it has any.

    Raises:
        Unanswered: there is none.
    """
    request = urllib.request.Request(  # noqa: S310 - a loopback http address of ours
        f"{url}/recommend",
        json.dumps({**QUESTION, "deadline_ms": 5000}).encode(),
        {"content-type": "application/json", **headers()},
    )
    try:
        with DIRECT.open(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
    except (OSError, HTTPException, ValueError) as error:
        raise Unanswered(f"expected an answer to {json.dumps(QUESTION)}, found: {error}") from error
    return answer


def curl(url: str) -> str:
    """Return the same question as one command line to paste into a terminal. The key itself is not shown."""
    key = f'-H "authorization: Bearer ${{{KEYS}%%,*}}" ' if first_key() else ""
    return f"curl -X POST {url}/recommend {key}-H 'content-type: application/json' -d '{json.dumps(QUESTION)}'"
