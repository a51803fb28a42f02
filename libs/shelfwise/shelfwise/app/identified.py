"""Addresses that end with a shop's own identifier, which is any text: slashes and line ends may be in it."""

from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request
from starlette.convertors import PathConvertor, register_url_convertor

from shelfwise.errors import InvalidRequest


class _AnyText(PathConvertor):
    """Starlette's `path` ends at a line end: an id with one in it is not found, and one with one at its end is taken for the
    id before it, another's."""

    regex = r"[\s\S]*"


register_url_convertor("text", _AnyText())  # names are the process's, and routes look theirs up when they are made


def identified(path: str, name: str) -> str:
    """The address of a route: `path` and, as its parameter `name`, all that follows."""
    return f"{path}/{{{name}:text}}"


async def _in_utf8(request: Request) -> None:
    """Raises InvalidRequest: what is no UTF-8 was replaced by «�» on the way here, so that several ids would be one."""
    path: bytes = request.scope["raw_path"]
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise InvalidRequest(f"expected an address in UTF-8, percent-encoded, found {path.decode('latin-1')!r}") from None


in_utf8 = Depends(_in_utf8)
"""A dependency of routes of such addresses that others than our own services ask."""
