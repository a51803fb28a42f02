"""Addresses that end with a shop's own identifier, which is any text: slashes and line ends may be in it."""

from starlette.convertors import PathConvertor, register_url_convertor


class _AnyText(PathConvertor):
    """Starlette's `path` ends at a line end: an id with one in it is not found, and one with one at its end is taken for the
    id before it, another's."""

    regex = r"[\s\S]*"


register_url_convertor("text", _AnyText())  # names are the process's, and routes look theirs up when they are made


def identified(path: str, name: str) -> str:
    """The address of a route: `path` and, as its parameter `name`, all that follows."""
    return f"{path}/{{{name}:text}}"
