"""What else is looked for when a text has certain words."""

from pydantic import Field

from shelfwise.contracts.base import Message


class Synonym(Message):
    """One entry of the shop's file."""

    words: list[str] = Field(description="A text with one of these words or phrases, in whatever case, singular or plural …")
    also_searched: list[str] = Field(description="… is looked for with these beside it, those that it does not have itself.")


class SynonymList(Message):
    """In the order of the shop's file; empty where there is none."""

    synonyms: list[Synonym]
