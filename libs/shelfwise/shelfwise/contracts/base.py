"""The manners every message shares."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
"""An identifier of the shop's own that PostgreSQL can keep: any text without the character NUL."""


def composed(text: str) -> str:
    """`text` in Unicode's form C: an accent that is typed as a character of its own joins its letter."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


Composed = AfterValidator(composed)
"""For text that is compared with other text; identifiers stay as the shop writes them."""


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"expected a number, found {str(value).lower()}")
    return value


NotBoolean = BeforeValidator(_no_boolean)
"""For numbers, after their bounds. A boolean would pass for 0 or 1: a product whose price the shop's own code could not work
out (`false`) would be free of charge."""


MOST_WHOLE = 2**31 - 1
"""The largest whole number that is kept: PostgreSQL's `integer`."""


class Message(BaseModel):
    """Unknown fields are an error, so a misspelt one is told and not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
