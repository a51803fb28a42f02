"""What features read of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts import retrieve as contract
from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.features.past import Past
from shelfwise_ranker.features.query import Query
from shelfwise_ranker.features.relative import height, share_of_maximum
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.products import ProductTable, Rows
from shelfwise_ranker.vocabulary import PAD

SOURCES = ("dense", "lexical")
"""The candidate sources that measure how close a candidate is to a text or a product; they come first in both kinds."""


def sources_of(kind: QuestionKind) -> tuple[str, ...]:
    """The candidate sources whose scores the model of this kind uses; scores of other sources in a request are ignored."""
    return contract.SOURCES[kind]


ScoreColumns = Mapping[str, Sequence[float | None] | NDArray[np.float32]]


@dataclass(frozen=True)
class FeatureRequest:
    """One question and its candidates; `rows` and `seeds` may hold -1, a product that the table does not have.

    `rows` has the integer type that numpy indexes with: many arrays are indexed by it.
    """

    kind: QuestionKind
    query: Query
    seeds: Rows
    rows: NDArray[np.intp]
    scores: NDArray[np.float32]  # [candidates, sources of the kind], NaN where a source did not find the candidate
    table: ProductTable
    behavior: BehaviorStats
    habits: HabitStats
    now: float  # seconds since 1970
    history: History | None = None
    dense_by_chance: float | None = None  # the `dense` score below which closeness in meaning says nothing

    @classmethod
    def of(
        cls,
        kind: QuestionKind,
        text: str | None,
        seeds: Rows,
        rows: Rows,
        scores: ScoreColumns,
        *,
        table: ProductTable,
        behavior: BehaviorStats,
        habits: HabitStats,
        now: float,
        history: History | None = None,
        dense_by_chance: float | None = None,
    ) -> "FeatureRequest":
        """Build the context; the query of a `text` question is its text, that of any other kind the titles of its seeds."""
        query = Query.of_text(text or "", table) if kind == "text" else Query.of_seeds(seeds, table)
        sources = sources_of(kind)
        columns = np.full((len(rows), len(sources)), np.nan, dtype=np.float32)
        for position, source in enumerate(sources):
            if source in scores:
                columns[:, position] = np.asarray(scores[source], dtype=np.float32)
        return cls(kind, query, seeds, rows.astype(np.intp), columns, table, behavior, habits, now, history, dense_by_chance)

    # What several features need is computed once, by the first one that reads it.

    @cached_property
    def known_seeds(self) -> Rows:
        return self.seeds[self.seeds >= 0]

    @cached_property
    def knows_shopper(self) -> bool:
        """Whether anything is known about the shopper from before the present visit."""
        return self.history is not None and bool(self.past.before_the_visit.any())

    @cached_property
    def past(self) -> Past:
        """The shopper's history; an empty one if nothing is known."""
        return Past.of(self.history, self.table)

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """[candidates] the index of each in `past`; -1 if the shopper never touched it."""
        return self.past.places(self.rows)

    @cached_property
    def tokens(self) -> NDArray[np.int32]:
        """[candidates, width] token numbers of the candidates, all sections."""
        return self.table.tokens[self.rows]

    @cached_property
    def tokens_across(self) -> NDArray[np.int32]:
        """[width, candidates] `tokens` with candidates last, so that a token is looked up in all candidates at once."""
        return np.ascontiguousarray(self.tokens.T)

    @cached_property
    def title_words(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The distinct tokens of all titles, ascending, with PAD; and [title width, candidates] the index of each title's
        tokens among them. Candidates come last, so that sums over a title's words are added row by row."""
        title = self.tokens_across[self.table.spans["title"]]
        there = np.zeros(len(self.table.vocabulary) + 1, dtype=bool)
        there[title] = True
        there[PAD] = True
        present = np.flatnonzero(there).astype(np.int32)
        place = np.empty(len(there), np.int32)
        place[present] = np.arange(len(present), dtype=np.int32)
        return present, place[title]

    @cached_property
    def leaf(self) -> NDArray[np.intp]:
        """[candidates] the number of each candidate's narrowest category."""
        return self.table.leaf[self.rows].astype(np.intp)  # numpy's index type: it indexes several arrays

    @cached_property
    def statistics(self) -> NDArray[np.float32]:
        """[candidates, behavior.COLUMNS] how much each candidate is bought."""
        return self.behavior.values[self.rows]

    @cached_property
    def found(self) -> NDArray[np.float32]:
        """[candidates, width] the weight of each token for the query."""
        return self.query.mark(self.tokens, self.table)[self.tokens]

    @cached_property
    def coverage(self) -> NDArray[np.float32]:
        """[candidates, 2] the share of the query, by weight, found in the title, and in title and `rest` together."""
        title, rest = self.table.spans["title"], self.table.spans["rest"]
        worth = np.stack([self._worth(title), self._worth(slice(title.start, rest.stop))], axis=1)
        share = np.minimum(worth / np.float32(self.query.total), np.float32(1.0))
        share[self.rows < 0] = np.nan
        return np.asarray(share, np.float32)

    def _worth(self, where: slice) -> NDArray[np.float32]:
        """[candidates] the sum of the weights of the tokens in `where`. Of two query words that a product has both apart and
        joined ("T-shirt, a Tshirt"), only the joined form counts: counted twice, they would make up for a missing word."""
        found, tokens, query = self.found[:, where], self.tokens[:, where], self.query
        worth = found.sum(axis=1)
        for number, stands_for in zip(query.together, query.parts, strict=True):
            as_one = (tokens == number).any(axis=1)
            if as_one.any():
                apart = (tokens == query.numbers[stands_for][:, None, None]).any(axis=0)
                worth -= np.where(apart, found, np.float32(0.0)).sum(axis=1) * as_one
        return np.asarray(worth)

    @cached_property
    def relevance(self) -> NDArray[np.float32]:
        """[candidates] 0 to 1: the mean of closeness in meaning and share of the query found, both relative to the others."""
        words = share_of_maximum(self.coverage[:, 1])
        meaning = height(self.scores[:, SOURCES.index("dense")])
        sum_of_known = np.where(meaning == meaning, meaning, 0.0) + np.where(words == words, words, 0.0)
        return np.asarray(sum_of_known / 2, dtype=np.float32)

    @cached_property
    def unknown(self) -> NDArray[np.bool_] | None:
        """Candidates that the table does not hold; None if there are none, the usual case."""
        unknown = self.rows < 0
        return unknown if unknown.any() else None


def best_coverage(request: FeatureRequest) -> float | None:
    """The largest share of a text's words that any candidate has, 0 to 1; 0 for a text without words. None for other kinds,
    without candidates, and when the table does not hold all of them."""
    if request.kind != "text" or request.unknown is not None or not len(request.rows):
        return None
    best = float(request.coverage[:, 1].max())
    return best if best == best else 0.0
