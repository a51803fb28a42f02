"""Ranking end to end: candidates in, scores and reasons out."""

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.rank import RankRequest, RankResponse
from shelfwise.contracts.reason import Reason
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise.errors import InvalidRequest
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.catalog.changes import CatalogChanges
from shelfwise_ranker.catalog.room import behavior_with_room, habits_with_room, room_for, table_with_room
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest, best_coverage
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.living.recent import RecentEvents
from shelfwise_ranker.living.statistics import LiveStatistics
from shelfwise_ranker.model import LISTED, RankModel, load_listed, name_of_model, trained_kinds
from shelfwise_ranker.newcomers import placed
from shelfwise_ranker.present_visit import OF_LOOKS, lifted, touched_now
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.reasons.explanation import Explanation, explained_positions
from shelfwise_ranker.reasons.of_model import reasons
from shelfwise_ranker.reasons.of_parts import explanation_of_parts
from shelfwise_ranker.stand_in import Parts, as_product_question, by_interest, by_popularity, only_looked


@dataclass(frozen=True)
class Ranking:
    """A response, and what it was computed from (the feature log records that)."""

    response: RankResponse
    matrix: NDArray[np.float32]  # [candidates, columns of the model's kind]; no columns if no model ranked
    now: float
    asked: RankRequest
    """What the model was asked: the request, or its substitute if its kind has no model."""
    explanation: Explanation | None = None
    """For the candidates that the request wants explained, while the response lacks their reasons."""

    def explained(self, reasons: dict[int, Reason]) -> "Ranking":
        """The same ranking with `reasons`, computed by its explanation, in the response."""
        named = {self.asked.ids[position]: reason for position, reason in reasons.items()}
        return replace(self, response=self.response.model_copy(update={"reasons": named}), explanation=None)


@dataclass(frozen=True)
class Ranker:
    """The ranker's part of one bundle, in memory. `living` updates `behavior.values`, and `catalog` takes in changed products;
    nothing else changes it."""

    version: str
    table: ProductTable
    behavior: BehaviorStats
    habits: HabitStats
    models: dict[QuestionKind, RankModel]
    """The bundle's models; a kind that the shop's events could not teach is missing (see `stand_in`)."""
    living: LiveStatistics | None = None
    """Updates the statistics in `behavior`, for the code that follows the events."""
    catalog: CatalogChanges | None = None
    """Takes in the catalog's changes, if the ranker was opened for them."""
    listed: RankModel | None = None
    """For a text and a caller's own list, if the shop's judgements taught such a model."""

    @classmethod
    def open(cls, path: Path, version: str = "", last_change: int | None = None) -> "Ranker":
        """Open the ranker's folder of a bundle.

        `last_change`: the last of the catalog's changes that the bundle contains. If given, the ranker is prepared for later
        changes, which its `catalog` takes in.

        Raises:
            BundleDamaged: a file is missing or unreadable.
            BundleMismatch: a model was trained on other features than this code computes.
        """
        models = {kind: RankModel.load(path, kind) for kind in trained_kinds(path)}
        table = ProductTable.load(path)
        behavior, habits = BehaviorStats.load(path, table), HabitStats.load(path, table)
        if last_change is not None:
            room = room_for(table)
            table, behavior, habits = (
                table_with_room(table, room),
                behavior_with_room(behavior, room),
                habits_with_room(habits, room),
            )
        living = LiveStatistics(table, behavior, RecentEvents.load(path))
        catalog = CatalogChanges(table, habits, living, last_change) if last_change is not None else None
        return cls(version, table, behavior, habits, models, living, catalog, load_listed(path))

    def context(self, request: RankRequest, now: float) -> FeatureRequest:
        """What the features read of `request`.

        Raises:
            InvalidRequest: a score column is not as long as the ids, or the question is missing.
        """
        _check(request)
        table = self.table
        return FeatureRequest.of(
            request.kind,
            request.text,
            table.rows(request.seeds),
            table.rows(request.ids),
            request.scores,
            table=table,
            behavior=self.behavior,
            habits=self.habits,
            now=now,
            history=request.history,
            dense_by_chance=request.dense_by_chance,
        )

    def _model(self, request: RankRequest) -> RankModel:
        """The model of the request's kind; for a text and a caller's own list, the one that judgements taught, if there is
        one."""
        if self.listed is not None and name_of_model(request.kind, listed=request.listed) == LISTED:
            return self.listed
        return self.models[request.kind]

    def rank(self, request: RankRequest, now: float | None = None, *, complete: bool = False) -> Ranking:
        """Score every candidate, and give the reasons for those that the request wants explained; see `scored`."""
        ranking = self.scored(request, now, complete=complete)
        return ranking if ranking.explanation is None else ranking.explained(ranking.explanation.all())

    def scored(self, request: RankRequest, now: float | None = None, *, complete: bool = False) -> Ranking:
        """Score every candidate; the reasons are left to `Ranking.explanation`, for a caller that has the time.

        `now`: seconds since 1970, by default the clock's. `complete`: also compute the features that this model ignores, for
        callers that keep the matrix to train the next one.

        Raises:
            InvalidRequest: see `context`.
        """
        now = time.time() if now is None else now
        _check(request)
        if only_looked(request):  # no model answers for a shopper who has bought nothing yet
            return self._without_model(request, by_interest(request.scores), now)
        if request.kind not in self.models:
            other = as_product_question(request)
            if other is None:
                return self._without_model(request, by_popularity(self.table.rows(request.ids), self.behavior), now)
            request = other
        context = self.context(request, now)
        model = self._model(request)
        matrix = registry.matrix(context, None if complete else model.used)
        scores = model.scores(matrix)
        if context.unknown is not None:  # products that the table lacks have no features
            scores = placed(scores, context.unknown)
        visit = None  # puts the present visit first, if the model was never taught what viewing means
        if request.kind == "user" and not model.told & OF_LOOKS and (touched := touched_now(request.history)):
            visit = lifted(request, context, scores, touched)
            scores = visit.scores
        explanation = None
        if positions := _positions(request, scores):
            say = partial(reasons, context, matrix, scores, visit)
            explanation = Explanation(positions, lambda some: model.contributions(matrix[some]), say)
        return Ranking(self._response(scores, best_coverage(context)), matrix, now, request, explanation)

    def _without_model(self, request: RankRequest, parts: Parts, now: float) -> Ranking:
        """Rank by the sum of `parts`, which the reasons name."""
        scores = sum(parts.values(), np.zeros(len(request.ids)))
        positions = _positions(request, scores)
        explanation = explanation_of_parts(self.context(request, now), parts, positions) if positions else None
        return Ranking(self._response(scores), np.empty((len(scores), 0), np.float32), now, request, explanation)

    def _response(self, scores: NDArray[np.float64], coverage: float | None = None) -> RankResponse:
        return RankResponse.model_construct(bundle=self.version, scores=scores.tolist(), coverage=coverage, reasons={})


def _positions(request: RankRequest, scores: NDArray[np.float64]) -> list[int]:
    if not (request.explain or request.explain_ids):
        return []
    return explained_positions(scores, request.ids, request.explain, request.explain_ids)


def _check(request: RankRequest) -> None:
    for source, column in request.scores.items():
        if len(column) != len(request.ids):
            raise InvalidRequest(
                f"scores.{source}: expected {len(request.ids)} numbers, one for each of ids, found {len(column)}"
            )
    if request.kind == "text" and not (request.text or "").strip():
        raise InvalidRequest("text: expected the question's text, found none; a question of kind 'text' needs it")
    if request.kind in ("product", "together") and not request.seeds:
        raise InvalidRequest(
            f"seeds: expected at least one product id, found none; a question of kind {request.kind!r} needs it"
        )
