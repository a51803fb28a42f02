"""The path of one question through the services behind the gateway."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from shelfwise.clients import Candidates, Question, Ranking
from shelfwise.clients.embedder import WireVectors
from shelfwise.contracts.asked import Asked
from shelfwise.contracts.rank import MAX_RANKED
from shelfwise.contracts.retrieve import MAX_EXCLUDED
from shelfwise.deadline import Deadline
from shelfwise.errors import ForeignVector, ShelfwiseError, UpstreamUnavailable
from shelfwise_gateway import answer, reasons, shoppers
from shelfwise_gateway.degrade import FIRST_SHARE, LAST_STEP_SHARE, Degradation, part_of
from shelfwise_gateway.negation import Unwanted, unwanted_of
from shelfwise_gateway.ordering import Shown, order
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.synonyms import Synonyms
from shelfwise_gateway.timings import Timings
from shelfwise_gateway.upstreams import Upstreams
from shelfwise_gateway.weak import fits_nothing

WIDEST = 500
"""Candidates asked of each source if the first round left too few to show."""

PER_SHOWN = 4
"""Candidates asked of each source per product to show: some are variants of others, and products that belong into a long answer
may rank low in every source. For answers of a hundred, recall was .817 with one candidate per product, .827 with twice and .835
with three and a half times as many."""


@dataclass(frozen=True, slots=True)
class Round:
    """The result of retrieving, ranking and ordering once."""

    limit: int  # candidates asked of each source
    candidates: Candidates
    scores: list[float]
    by_ranker: bool  # the ranker gave the scores
    shown: Shown
    weak: bool  # none of the candidates fits the text
    reasons: dict[str, Any] = field(default_factory=dict)

    def items(self) -> list[dict[str, Any]]:
        """The shown products, as `contracts.recommend.Item`."""
        return answer.items_of(self.shown, self.candidates, self.scores, self.reasons, self.limit)


class Flow:
    """One question, what is known of it so far, and what had to be left out. Call `understand` first, then `best`."""

    def __init__(
        self,
        upstreams: Upstreams,
        asked: Asked,
        question: Question,
        scenario: Scenario,
        top_k: int,
        deadline: Deadline,
        degradation: Degradation,
        timings: Timings,
        synonyms: Synonyms,
    ) -> None:
        self._upstreams = upstreams
        self._asked = asked
        self._scenario = scenario
        self._deadline = deadline
        self._vector: WireVectors | None = None
        self.corrected: str | None = None
        """The text that is looked for instead of the requested one, if that was misspelt."""
        self._synonyms = synonyms
        self.question = synonyms.beside(question) if question.correct else question
        self.top_k = top_k
        self.degradation = degradation
        self.timings = timings
        self.hidden = {*question.seeds, *question.exclude}
        """Products that are not shown; those that the scenario leaves out because of the shopper's history are added."""
        self._unwanted = set(question.seeds)
        """The hidden products whose variants are not shown, either."""
        self.pins: dict[str, bool] = {}
        """Pinned products that were looked for, and whether the catalog holds each."""

    @property
    def wants_history(self) -> bool:
        return self._scenario.shopper != "ignored" and self._asked.has_shopper

    @property
    def explains(self) -> bool:
        return self._asked.explain

    @property
    def _limit(self) -> int:
        if self.question.only is not None:
            return len(self.question.only)
        return max(self._scenario.candidates, PER_SHOWN * self.top_k)

    @property
    def _without(self) -> Unwanted | None:
        text = self.question.text  # after spelling correction
        return None if text is None or self._asked.as_typed else unwanted_of(text)

    async def understand(self) -> None:
        """Get the text's vector and the shopper's history, concurrently if both are needed.

        Raises:
            UpstreamUnavailable: there is no history, and the scenario means nothing without it.
        """
        text = self.question.looked_for
        if text is None:
            if self.wants_history:
                await self._read_history()
        elif self.wants_history:
            await asyncio.gather(self._embed(text), self._read_history())
        else:
            await self._embed(text)

    async def best(self) -> Round:
        """One round, or a second over many more candidates if the first leaves too few to show; with reasons if asked for.

        Raises:
            ShelfwiseError: raised by the retriever.
        """
        best = await self._best()
        return replace(best, reasons=await self._reasons(best)) if self._asked.explain else best

    async def _best(self) -> Round:
        first = await self._round(self._limit)
        if not self._should_widen(first):
            return first
        steps = len(self.degradation.steps)
        try:
            wider = await self._round(WIDEST)
        except ShelfwiseError:
            return first
        if len(self.degradation.steps) == steps or not first.shown.rows:
            return wider
        self.degradation.take_back(steps)  # a few ranked products are better than many unranked ones
        return first

    async def _embed(self, text: str) -> None:
        """Get the vector; without one, the text is looked up by its words."""
        try:
            with self.timings.stage("embed"):
                self._vector = await self._upstreams.embedder.embed_query(text, part_of(self._deadline, FIRST_SHARE))
        except ShelfwiseError as error:
            self.degradation.take("without_embedder", error)

    async def _read_history(self) -> None:
        user_id, session_id = self._asked.user_id, self._asked.session_id
        try:
            with self.timings.stage("context"):
                history = await self._upstreams.ranker.history(user_id, session_id, part_of(self._deadline, FIRST_SHARE))
        except ShelfwiseError as error:
            self.degradation.take("without_context", error)
            if self._scenario.shopper == "essential":
                raise UpstreamUnavailable("the shopper's history cannot be read now; try again in a second") from error
            return
        known = shoppers.known(history)
        unwanted = shoppers.unwanted(known, self._scenario)
        self.hidden.update(unwanted)
        if not self._scenario.only_purchased:  # otherwise a variant is a purchase of its own
            self._unwanted.update(unwanted)
        exclude = [*self.question.exclude, *unwanted][:MAX_EXCLUDED]  # `order` leaves out the rest
        self.question = replace(self.question, history=known, exclude=exclude)

    async def _round(self, limit: int) -> Round:
        candidates = await self._candidates(limit)
        ranking = await self._scored(candidates)
        unwanted = [product for product in candidates.left_out if product["product_id"] in self._unwanted]
        shown = order(candidates, ranking.scores, self._scenario, self.top_k, self.hidden, unwanted, self._without)
        return Round(limit, candidates, ranking.scores, bool(ranking.bundle), shown, fits_nothing(candidates, ranking))

    async def _reasons(self, best: Round) -> dict[str, Any]:
        """Reasons for all shown products. The ranker is asked for them separately, since they take a hundred times as long as
        scores: only for the shown products, and only when the order is known, so that they cannot delay it."""
        candidates = best.candidates
        shown = [candidates.ids[row] for row in best.shown.rows]
        why: dict[str, Any] = {}
        if self._scenario.order != "ranker":
            why = reasons.of_order(candidates, best.scores, self._scenario, self.question.history)
        elif best.by_ranker and shown:
            within = part_of(self._deadline, 1 - LAST_STEP_SHARE)
            try:
                with self.timings.stage("rank"):
                    why = await self._upstreams.ranker.explain(self.question, candidates, shown, within)
            except ShelfwiseError as error:
                self.degradation.take("without_reasons", error)
        return reasons.with_places(why, [candidates.ids[row] for row in best.shown.pinned], candidates.named)

    def _should_widen(self, first: Round) -> bool:
        """Whether too few are left to show, there are more candidates, and there is time for a second, larger round."""
        return (
            len(first.shown.rows) < self.top_k
            and self.question.only is None
            and first.limit < WIDEST
            and first.candidates.full(first.limit)
            and self._deadline.remaining_s > 3 * self.timings.elapsed_s
        )

    async def _candidates(self, limit: int) -> Candidates:
        # A pin beyond the answer's end would only be a candidate that no source found, and might appear before its position.
        pins = (pin for pin in self._scenario.pins if pin.position <= self.top_k)
        wanted = [pin.product_id for pin in pins if pin.product_id not in self.hidden]
        if not wanted:
            return (await self._retrieve(limit)).first(MAX_RANKED)
        found, pinned = await asyncio.gather(self._retrieve(limit), self._pinned(wanted))
        found = found.first(MAX_RANKED - len(wanted))
        if isinstance(pinned, ShelfwiseError):
            if not set(wanted).issubset(found.ids):
                self.degradation.take("without_pins", pinned)
            return found
        self.pins = {product_id: product_id not in pinned.unknown for product_id in wanted}
        return found.joined(pinned)

    async def _retrieve(self, limit: int) -> Candidates:
        """Ask a misspelt text twice: the first answer is only the corrected text, which is then embedded and asked."""
        found = await self._found(limit)
        if found.corrected is None:
            return found
        self.corrected = found.corrected
        meant = replace(self.question, text=found.corrected, correct=False, also=[])
        self.question = self._synonyms.beside(meant)
        if self._vector is not None:
            self._vector = None
            await self._embed(self.question.looked_for or found.corrected)
        return await self._found(limit)

    async def _found(self, limit: int) -> Candidates:
        within = part_of(self._deadline, 1 - LAST_STEP_SHARE)
        retriever = self._upstreams.retriever
        with self.timings.stage("retrieve"):
            try:
                return await retriever.retrieve(self.question, self._vector, limit, within)
            except ForeignVector as error:
                # While the embedder and the retriever briefly serve bundles with different encoders.
                self.degradation.take("without_embedder", error)
                self._vector = None
                return await retriever.retrieve(self.question, None, limit, within)

    async def _pinned(self, wanted: list[str]) -> Candidates | ShelfwiseError:
        """The `wanted` products that satisfy the filter, whether or not a source finds them; else the error.

        Asked without the vector, which does not affect the result and may be from another space than the retriever's.
        """
        question = replace(self.question, only=wanted, sources=None, correct=False)
        within = part_of(self._deadline, 1 - LAST_STEP_SHARE)
        try:
            return await self._upstreams.retriever.retrieve(question, None, len(wanted), within)
        except ShelfwiseError as error:
            return error

    async def _scored(self, candidates: Candidates) -> Ranking:
        """Scores by the scenario's order."""
        if not candidates.ids:
            return _unranked([])
        if self._scenario.order == "ranker":
            return await self._ranked(candidates)
        source = self._scenario.by_source
        return _unranked(candidates.order if source is None else _filled(candidates.scores.get(source), candidates.order))

    async def _ranked(self, candidates: Candidates) -> Ranking:
        """The ranker's scores; the retriever's order if the ranker does not answer."""
        within = part_of(self._deadline, 1 - LAST_STEP_SHARE)
        try:
            with self.timings.stage("rank"):
                return await self._upstreams.ranker.rank(self.question, candidates, within)
        except ShelfwiseError as error:
            self.degradation.take("without_ranker", error)
            return _unranked(candidates.order)


def _unranked(scores: list[float]) -> Ranking:
    """An order that is not the ranker's, in the form of the ranker's answers."""
    return Ranking("", scores)


def _filled(column: list[float | None] | None, order: list[float]) -> list[float]:
    """`column`, with candidates that the source did not find ranked last; `order` if the bundle lacks the source."""
    if column is None:
        return order
    least = min((score for score in column if score is not None), default=0.0)
    return [least if score is None else score for score in column]
