"""DATABASE_URL, validated before anything uses it."""

from typing import Annotated

import psycopg
from psycopg import conninfo
from pydantic import AfterValidator, SecretStr

UNREADABLE = (
    "expected an address like postgresql://user:password@host:5432/name, found one that cannot be parsed "
    "(not shown, since it may contain a password)"
)


def is_readable(url: str) -> bool:
    """Whether libpq can parse it; a server need not be there. libpq's own message would show the password."""
    try:
        conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return False
    return True


def _checked(url: SecretStr) -> SecretStr:
    if not is_readable(url.get_secret_value()):
        raise ValueError(UNREADABLE)
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(_checked)]
"""An address that libpq can read."""
