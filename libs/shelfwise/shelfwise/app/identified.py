"""Addresses that end with a shop's own identifier, which may be any text, even with slashes and line ends."""

from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request
from starlette.convertors import PathConvertor, register_url_convertor

from shelfwise.errors import InvalidRequest


class _AnyText(PathConvertor):
    """Starlette's `path` ends at a line end: an id that contains one is not found, and an id that ends with one is taken for
    the id before it, which is another's."""

    regex = r"[\s\S]*"


register_url_convertor("text", _AnyText())  # names belong to the process, and routes look theirs up when they are created


def identified(path: str, name: str) -> str:
    """The address of a route: `path`, then everything that follows as its parameter `name`."""
    return f"{path}/{{{name}:text}}"


async def _in_utf8(request: Request) -> None:
    """Raises InvalidRequest: bytes that are not UTF-8 were replaced by "�" before, so that several ids would become one."""
    path: bytes = request.scope["raw_path"]
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise InvalidRequest(f"expected a path in percent-encoded UTF-8, found {path.decode('latin-1')!r}") from None


in_utf8 = Depends(_in_utf8)
"""A dependency of routes with such addresses that callers other than our own services use."""
