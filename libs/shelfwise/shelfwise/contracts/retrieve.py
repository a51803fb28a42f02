"""retriever: who could be recommended."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from pydantic import Field

from shelfwise.contracts.base import Message
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.history import History
from shelfwise.contracts.product import ProductId
from shelfwise.contracts.vectors import EncodedVectors

PER_TEXT = 3
"""Of products with the very same text, so many are candidates: a shopper is shown one of them, and a hundred would leave no
room for others."""

MAX_EXCLUDED = 2000
"""Room for what a request excludes, what the other shelves of its page show, and most of a history."""

QuestionKind = Literal["text", "product", "together", "user"]
"""What is asked for: what a text names, what is like a product, what is bought with products, what a shopper wants next."""

QUESTION_KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)

SOURCES: dict[QuestionKind, tuple[str, ...]] = {
    "text": ("dense", "lexical", "spelled", "judged"),
    "product": ("dense", "lexical", "category"),
    "together": ("together", "behavior", "learned", "users", "dense", "trending", "category"),
    "user": ("own", "viewed", "together", "behavior", "learned", "users", "dense", "trending", "category"),
}
"""The candidate sources that answer each kind of question unless a request names others. `judged` is only there in a shop
whose answers people have graded."""

EVERY_SOURCE = frozenset(source for sources in SOURCES.values() for source in sources)


def looked_for(text: str | None, also: Sequence[str]) -> str | None:
    """The text that is embedded, searched and ranked by: what was asked, and the synonyms that are `also` looked for."""
    return text if text is None or not also else " ".join([text, *also])


class RetrieveRequest(Message):
    """A question and what its answers must satisfy.

    A `text` question carries `text`, and `vector` unless the embedder is out (then the sources that need none answer).
    A `product` question and a `together` question carry `seeds`; the retriever knows their vectors and texts itself.
    A `user` question carries `history`, or nothing for a shopper of whom nothing is known. Any question may carry a history.
    """

    kind: QuestionKind
    text: str | None = None
    also: list[str] = Field(default_factory=list, description="Words and phrases to search for in addition to the text.")
    vector: EncodedVectors | None = None
    seeds: list[ProductId] = Field(default_factory=list, max_length=100)
    history: History | None = None
    sources: list[str] | None = Field(None, description="Sources to ask; null: all that answer this kind of question.")
    filter: Filter | None = None
    exclude: list[ProductId] = Field(default_factory=list, max_length=MAX_EXCLUDED)
    only: list[ProductId] | None = Field(
        None,
        max_length=1000,
        description="The caller's own list. All of these that the filter lets through are candidates, whoever finds them.",
    )
    limit: int = Field(100, ge=1, le=1000, description="Number of candidates to ask each source for.")
    correct: bool = Field(
        False,
        description="If the text has misspelled words, answer with `corrected` and no candidates. The caller then asks again "
        "with that text.",
    )
    as_meant: list[str] = Field(default_factory=list, description="Words of the text that are never taken for misspelled.")
    per_text: int | None = Field(
        PER_TEXT, ge=1, description="Of products with exactly the same text, how many of the most popular ones; null: all."
    )


class LeftOut(Message):
    """A product that is no candidate, by what tells its variants: they may not be wanted, either."""

    product_id: str
    title: str
    variant_group: str | None = None


class RetrieveResponse(Message):
    """Candidates in columns, best first by `order`, before them the `named` one. Every list of numbers is as long as `ids`."""

    bundle: str
    ids: list[str]
    order: list[float] = Field(description="Calibrated sum of the sources: the order to use if no ranker answers.")
    scores: dict[str, list[float | None]] = Field(description="One list for each source; null if it has no score.")
    products: list[dict[str, Any]] = Field(
        description="What the shop sent about each candidate, without its description and absent fields."
    )
    why_fewer: str | None = Field(None, description="Why there are fewer candidates than asked for, if a filter is the reason.")
    corrected: str | None = Field(None, description="The text as it was most likely meant. There are then no candidates.")
    dense_by_chance: float | None = Field(
        None,
        description="For a text's vector: the score of `dense` that texts of random letters stay below. A candidate below it "
        "is near in meaning by chance. Absent if the bundle does not know it.",
    )
    named: str | None = Field(
        None, description="The candidate whose id is the text, compared as values of a filter. It comes first."
    )
    unknown: list[str] = Field(
        default_factory=list, description="Ids of `only`, otherwise of `seeds`, that the catalog does not hold, in their order."
    )
    left_out: list[LeftOut] = Field(
        default_factory=list,
        description="The seeds, and the excluded products of the history, the last touched first; absent if there are none.",
    )
