"""The feature registry: valid names, declared inputs, and complete and finite matrices."""

from typing import Any

import numpy as np
import pytest

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.base import Feature
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.habits import HabitStats
from tests.unit.ranker.shelf import NOW, history_of_shopper, shelf, with_costs, with_vectors

ALL = [(kind, feature) for kind in registry.KINDS for feature in registry.FEATURES[kind]]


def request(kind: QuestionKind, ids: list[str]) -> FeatureRequest:
    table = with_vectors(with_costs(shelf()), nail=(1.0, 0.0), polish=(0.6, 0.8))
    return FeatureRequest.of(
        kind, "nail polish 2 oz", table.rows(["wall"] if kind in ("product", "together") else []), table.rows(ids),
        {"dense": np.linspace(1, 0, len(ids), dtype=np.float32)},
        table=table, behavior=BehaviorStats.empty(table), habits=HabitStats.empty(table), now=NOW.timestamp(),
        history=history_of_shopper(("purchase", "red", "ann", 3), ("view", "wall", "ann", 2)),
    )  # fmt: skip


class Watched:
    """Passes attributes on and remembers which were asked for."""

    def __init__(self, inner: FeatureRequest) -> None:
        self.inner = inner
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self.inner, name)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_feature_names_are_unique_and_valid_in_a_model_file(kind: QuestionKind) -> None:
    names = registry.names(kind)
    assert len(set(names)) == len(names) == len(registry.families(kind)) == len(registry.rising(kind))
    assert all(name.replace("_", "").isalnum() for name in names)
    assert registry.matrix(request(kind, ["red", "blue"])).shape == (2, len(names))


@pytest.mark.parametrize(("kind", "feature"), ALL, ids=lambda part: part if isinstance(part, str) else type(part).__name__)
def test_a_feature_reads_what_it_declares_and_writes_every_cell(kind: QuestionKind, feature: Feature) -> None:
    watched: Any = Watched(request(kind, ["red", "blue", "new"]))
    marker = np.float32(-12345.0)
    out = np.full((3, len(feature.columns)), marker, dtype=np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        feature.compute(watched, out)
    assert watched.read == feature.inputs
    assert not (out == marker).any()
    assert feature.rising <= set(feature.columns)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_a_request_without_candidates_has_an_empty_matrix(kind: QuestionKind) -> None:
    assert registry.matrix(request(kind, [])).shape == (0, len(registry.names(kind)))


@pytest.mark.parametrize("kind", registry.KINDS)
def test_no_feature_value_is_infinite(kind: QuestionKind) -> None:
    assert not np.isinf(registry.matrix(request(kind, ["red", "blue", "file", "wall", "new"]))).any()


@pytest.mark.parametrize("kind", registry.KINDS)
def test_absolute_features_do_not_depend_on_the_other_candidates(kind: QuestionKind) -> None:
    alone = registry.matrix(request(kind, ["blue"]))[0]
    among = registry.matrix(request(kind, ["blue", "wall"]))[0]
    absolute = [name in {"query_in_title", "log_price", "purchases_30d", "phrase"} for name in registry.names(kind)]
    np.testing.assert_array_equal(alone[absolute], among[absolute])
