"""ranker: which candidate first."""

from pydantic import Field

from shelfwise.contracts.base import Message
from shelfwise.contracts.history import History
from shelfwise.contracts.product import ProductId
from shelfwise.contracts.reason import Reason
from shelfwise.contracts.retrieve import QuestionKind

MAX_RANKED = 2000
"""Candidates of one question."""


class RankRequest(Message):
    """Candidates in columns, as the retriever found them."""

    kind: QuestionKind
    text: str | None = None
    seeds: list[ProductId] = Field(default_factory=list, max_length=100)
    history: History | None = None
    ids: list[str] = Field(max_length=MAX_RANKED)
    listed: bool = Field(False, description="True: the ids are a caller's own list. False: a search found them.")
    scores: dict[str, list[float | None]]
    dense_by_chance: float | None = Field(
        None, description="As in the retriever's answer: the score of `dense` below which nearness in meaning is chance."
    )
    explain: int = Field(0, ge=0, le=MAX_RANKED, description="Number of best candidates to give reasons for.")
    explain_ids: list[str] = Field(
        default_factory=list, max_length=MAX_RANKED, description="Further candidates to give reasons for, whatever their place."
    )


class RankResponse(Message):
    """`scores` is as long as the request's ids and in their order; higher is better."""

    bundle: str
    scores: list[float]
    coverage: float | None = Field(
        None,
        ge=0,
        le=1,
        description="The largest share of a text's words, by weight, that any one candidate has in its title, brand, category "
        "or attributes. Absent if the ranker does not know all candidates.",
    )
    reasons: dict[str, Reason] = Field(default_factory=dict, description="By product id, for the requested candidates.")
