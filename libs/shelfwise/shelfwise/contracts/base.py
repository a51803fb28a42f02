"""The manners every message shares."""

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Unknown fields are an error, so a misspelt one is told and not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
