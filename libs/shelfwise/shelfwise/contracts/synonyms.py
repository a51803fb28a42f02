"""What else is looked for when a text has certain words."""

from pydantic import Field

from shelfwise.contracts.base import Message


class Synonym(Message):
    """One entry of the shop's file of synonyms."""

    words: list[str] = Field(description="Words or phrases that a text may have, in any case, singular or plural.")
    also_searched: list[str] = Field(
        description="What is searched in addition if a text has one of `words`, except what the text itself has."
    )


class SynonymList(Message):
    """The synonyms, in the order of the shop's file; empty if there is no file."""

    synonyms: list[Synonym] = Field(description="One object for each entry of the file.")
