"""The manners every message shares."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
"""An identifier of the shop's own that PostgreSQL can keep: any text without the character NUL."""


class Message(BaseModel):
    """Unknown fields are an error, so a misspelt one is told and not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
