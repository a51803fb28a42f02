"""Which judged queries teach the encoder, and when the tuned encoder is used."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from shelfwise_pipeline.encoder.tuning import learner, lessons, tune
from shelfwise_pipeline.encoder.tuning.lessons import Lesson, lessons_of
from shelfwise_pipeline.encoder.tuning.tune import FOLDER, TuningUnavailable, published, tuned
from shelfwise_pipeline.encoder.weights import TENSORS, find_checkpoint
from shelfwise_pipeline.examples.from_judgements import VALIDATION, part_of
from shelfwise_pipeline.shop import Shop
from tests.support.catalog import products_frame
from tests.support.checkpoint import write_checkpoint

SHELF = products_frame(
    [
        {"product_id": "lamp", "title": "Desk lamp", "category": ["Home"]},
        {"product_id": "rope", "title": "Rope 10 m", "category": ["Garden"]},
    ]
)
QUERIES = [f"query {number}" for number in range(400)]


def shop(rows: Iterable[tuple[str, str, float]], part: Mapping[str, str] | None = None) -> Shop:
    schema = {"query": pl.String, "product_id": pl.String, "grade": pl.Float64}
    judgements = pl.DataFrame(list(rows), schema=schema, orient="row")
    if part is not None:
        judgements = judgements.with_columns(part=pl.col("query").replace_strict(dict(part)))
    return Shop(SHELF, judgements=judgements)


def both(queries: Sequence[str] = QUERIES) -> list[tuple[str, str, float]]:
    return [(query, product, grade) for query in queries for product, grade in (("lamp", 3.0), ("rope", 0.5))]


class Quick:
    """Learns at once; `after` is the quality of its cosines from then on."""

    made = 0
    after = 0.9

    def __init__(self, folder: Path, seed: int) -> None:
        type(self).made += 1
        self._quality = 0.5

    def teach(self, lessons: Sequence[Lesson], advance: Callable[[int, int | None], None]) -> None:
        self._quality = self.after
        advance(1, 1)

    def quality(self, lessons: Sequence[Lesson]) -> float:
        return self._quality

    def tensors(self) -> dict[str, Any]:
        return {"learned": np.ones(3, np.float32)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> type[Quick]:
    class Mine(Quick):
        pass

    monkeypatch.setattr(learner, "Learner", Mine)
    monkeypatch.setattr(lessons, "LEAST", 20)
    return Mine


def quiet(done: int, total: int | None) -> None:
    pass


def test_half_of_the_training_queries_teach_the_encoder_and_all_others_are_left() -> None:
    divided = lessons_of(shop(both()))
    teaching, choosing = ({one.query for one in part} for part in (divided.teaching, divided.choosing))
    left = set(divided.left["query"])
    assert teaching | left == set(QUERIES)
    assert not teaching & left
    assert choosing == {query for query in QUERIES if part_of(query) == VALIDATION}
    assert choosing <= left
    # Half of the queries that do not choose.
    assert 0.4 < len(teaching) / (len(QUERIES) - len(choosing)) < 0.6


def test_whether_a_query_teaches_the_encoder_depends_on_its_text_alone() -> None:
    every, some = ({one.query for one in lessons_of(shop(both(of))).teaching} for of in (QUERIES, QUERIES[::3]))
    assert some == every & set(QUERIES[::3])


def test_a_given_split_is_kept() -> None:
    part = {query: "validation" if number < 300 else "train" for number, query in enumerate(QUERIES)}
    divided = lessons_of(shop(both(), part))
    assert [one.query for one in divided.choosing] == QUERIES[:300]
    assert {one.query for one in divided.teaching} < set(QUERIES[300:])
    assert "part" in divided.left.columns


def test_lessons_hold_the_embedded_texts_of_known_products_only() -> None:
    rows = [*both(), *((query, "unknown", 3.0) for query in QUERIES), ("worthless", "lamp", 0.0)]
    divided = lessons_of(shop(rows))
    for one in (*divided.teaching, *divided.choosing):
        assert one.texts == ["Desk lamp. Home", "Rope 10 m. Garden"]
        assert one.grades.tolist() == [3.0, 0.5]
    assert "worthless" not in {one.query for one in (*divided.teaching, *divided.choosing)}


def test_few_judgements_leave_the_encoder_as_it_is(tmp_path: Path, quick: type[Quick]) -> None:
    few = shop(both(QUERIES[:20]))
    chosen = tuned(few, tmp_path, quiet)
    assert (chosen.source, chosen.outcome, quick.made) == (None, None, 0)
    assert chosen.judgements.equals(few.judgements)
    assert tuned(Shop(SHELF), tmp_path, quiet).source is None
    assert chosen.summary.startswith("the encoder stays as it is: tuning takes some 1,200 judged queries")


def test_a_better_encoder_is_kept_and_not_tuned_again(tmp_path: Path, quick: type[Quick]) -> None:
    told: list[tuple[int, int | None]] = []
    chosen = tuned(shop(both()), tmp_path, lambda done, total: told.append((done, total)))
    assert chosen.outcome is not None
    assert (chosen.outcome.before, chosen.outcome.after, told) == (0.5, 0.9, [(1, 1)])
    assert set(chosen.judgements["query"]).isdisjoint(one.query for one in lessons_of(shop(both())).teaching)
    assert chosen.source is not None
    checkpoint = find_checkpoint(chosen.source)
    assert checkpoint.name == "all-MiniLM-L6-v2-tuned"
    assert list(load_file(checkpoint.folder / TENSORS)) == ["learned"]
    assert chosen.cache in checkpoint.folder.parents
    again = tuned(shop(both()), tmp_path, quiet)
    assert (again.source, again.outcome, quick.made) == (chosen.source, chosen.outcome, 1)
    taught = len(lessons_of(shop(both())).teaching)
    figures = "NDCG@10 of held-out lists 0.5000 before, 0.9000 after"
    assert again.summary == f"the encoder was tuned on {taught} judged queries ({figures})"


def test_a_shops_own_encoder_is_tuned_too(tmp_path: Path, quick: type[Quick]) -> None:
    mine = write_checkpoint(tmp_path / "mine")
    chosen = tuned(shop(both()), tmp_path, quiet, str(mine))
    assert chosen.source is not None
    checkpoint = find_checkpoint(chosen.source)
    assert checkpoint.name == "mine-tuned"
    assert (checkpoint.folder / "tokenizer.json").read_bytes() == (mine / "tokenizer.json").read_bytes()
    # The same judgements make another encoder of other weights.
    assert tuned(shop(both()), tmp_path, quiet, str(write_checkpoint(tmp_path / "other", seed=4))).source != chosen.source
    assert quick.made == 2


def test_a_shops_own_encoder_stays_when_tuning_gains_nothing(tmp_path: Path, quick: type[Quick]) -> None:
    quick.after = 0.5
    mine = str(write_checkpoint(tmp_path / "mine"))
    for judged in (both(), both(QUERIES[:20])):
        chosen = tuned(shop(judged), tmp_path, quiet, mine)
        assert (chosen.source, chosen.cache) == (mine, tmp_path)
        assert chosen.summary.startswith("the encoder stays as it is")
    assert published(shop(both()), tmp_path, mine).source == mine


def test_changed_judgements_are_learned_anew_and_the_former_encoder_removed(tmp_path: Path, quick: type[Quick]) -> None:
    first = tuned(shop(both()), tmp_path, quiet)
    second = tuned(shop([(query, product, grade - 0.5) for query, product, grade in both()]), tmp_path, quiet)
    assert quick.made == 2
    assert second.source != first.source
    assert [folder.name for folder in tmp_path.glob(f"{FOLDER}*")] == [second.cache.name]


def test_an_encoder_that_got_no_better_is_neither_used_nor_tuned_again(tmp_path: Path, quick: type[Quick]) -> None:
    quick.after = 0.5
    for _ in range(2):
        chosen = tuned(shop(both()), tmp_path, quiet)
        assert (chosen.source, chosen.cache, quick.made) == (None, tmp_path, 1)
        assert chosen.judgements.height == len(both())
        assert chosen.outcome is not None
        assert chosen.outcome.after == 0.5
        assert "made it no better (NDCG@10" in chosen.summary


def test_unfinished_tuning_is_done_again(tmp_path: Path, quick: type[Quick]) -> None:
    chosen = tuned(shop(both()), tmp_path, quiet)
    (chosen.cache / tune.OUTCOME).unlink()
    assert tuned(shop(both()), tmp_path, quiet).source == chosen.source
    assert quick.made == 2
    assert json.loads((chosen.cache / tune.OUTCOME).read_text())["after"] == 0.9


def test_tuning_without_torch_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "LEAST", 20)
    monkeypatch.delitem(sys.modules, learner.__name__)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TuningUnavailable, match=r"'torch', found it not installed; .*\[tuning\]"):
        tuned(shop(both()), tmp_path, quiet)
    assert published(shop(both()), tmp_path).source is None
