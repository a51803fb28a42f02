"""Learning from logged impressions and clicks, where whatever is shown first is clicked most."""

from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from shelfwise_pipeline.evaluation.metrics import ndcg
from shelfwise_pipeline.evaluation.positions import CORRECTED, LEAST, attention, corrected_values
from shelfwise_pipeline.evaluation.rows import BEFORE, Row
from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.examples.from_log import LoggedExamples, _seen
from shelfwise_pipeline.training.from_log import FEWEST_SHOPPERS, LearnedFromLog, learn_from_log, train_on_log
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import FACTS_FILE, LISTED, RankModel, load_listed, model_file

SHOWN = 12
NAMES = registry.names("text")
FREE = [name for name, rises in zip(NAMES, registry.rising("text"), strict=True) if not rises]
MISLEADING, TRUE = NAMES.index(FREE[0]), NAMES.index(FREE[1])
"""The former model orders by the first of these columns, shoppers want the second."""


def lists(count: int, seed: int) -> NDArray[np.float32]:
    """[count, SHOWN, columns]"""
    return np.random.default_rng(seed).normal(size=(count, SHOWN, len(NAMES))).astype(np.float32)


@pytest.fixture(scope="module")
def before() -> RankModel:
    content = lists(200, 1)
    grades = np.clip(np.rint(content[:, :, MISLEADING] + 1), 0, 3)
    data = lightgbm.Dataset(
        content.reshape(-1, len(NAMES)), label=grades.ravel(), group=[SHOWN] * 200, feature_name=NAMES, free_raw_data=False
    )
    parameters = {"objective": "lambdarank", "verbosity": -1, "num_threads": 1, "num_leaves": 7, "deterministic": True}
    return RankModel("text", lightgbm.train(parameters, data, num_boost_round=15))


def clicks(
    before: RankModel, count: int = 3000, seed: int = 2, *, steepness: float = 2, by: int | None = None
) -> LoggedExamples:
    """Lists in the order of the former model, or of a column; shoppers always look at the first place, then ever less."""
    draw = np.random.default_rng(seed)
    content = lists(count, seed)
    matrices, grades, positions = [], [], []
    for one in content:
        shown = one[np.argsort(-(before.scores(one) if by is None else one[:, by]), kind="stable")]
        looked = draw.random(SHOWN) < 1 / (1 + np.arange(SHOWN)) ** steepness
        wanted = draw.random(SHOWN) < 1 / (1 + np.exp(1 - 2 * shown[:, TRUE]))
        clicked = (looked & wanted).astype(np.float32)
        if 0 < clicked.sum() < SHOWN:
            matrices.append(shown)
            grades.append(clicked)
            positions.append(np.arange(SHOWN, dtype=np.int32))
    sizes = np.full(len(grades), SHOWN, dtype=np.int64)
    examples = ExampleSet("text", np.concatenate(matrices), np.concatenate(grades), sizes)
    return LoggedExamples(examples, np.concatenate(positions))


def truth(model: RankModel) -> float:
    """How well a model orders new lists by what shoppers want."""
    fresh = lists(300, 9)
    grades = np.clip(np.rint(fresh[:, :, TRUE] + 1), 0, 3)
    return float(np.mean([ndcg(model.scores(one), grade) for one, grade in zip(fresh, grades, strict=True)]))


def test_positions_keep_a_model_from_learning_its_own_order(before: RankModel) -> None:
    logged = clicks(before)
    with_positions = truth(train_on_log(before, logged))
    without = truth(train_on_log(before, logged, positions=False))
    assert with_positions > truth(before) + 0.1
    assert with_positions > without + 0.01
    assert truth(train_on_log(before, logged)) == with_positions


def test_a_model_is_replaced_when_the_new_one_wins_on_the_latest_questions(before: RankModel, tmp_path: Path) -> None:
    folder = ranker_folder(tmp_path, before)
    rows = learn_from_log(folder, {"text": clicks(before)}).rows
    by_system = {row.system: row for row in rows}
    assert by_system["ranker"].value > by_system["ranker before"].value
    assert by_system["ranker"].task == "text, logged"
    after = RankModel.load(folder, "text")
    assert truth(after) > truth(before) + 0.1
    facts = orjson.loads((folder / FACTS_FILE).read_bytes())["text"]
    assert facts["trees"] == after.trees > before.trees
    assert facts["trained_on"] == "events"


def test_callers_lists_train_only_the_model_for_lists_and_only_if_there_is_one(before: RankModel, tmp_path: Path) -> None:
    folder = ranker_folder(tmp_path, before)
    logged = {LISTED: clicks(before)}
    assert learn_from_log(folder, logged).trees == {}, "the shop has no judgements"
    facts = orjson.loads((folder / FACTS_FILE).read_bytes())
    (folder / FACTS_FILE).write_bytes(orjson.dumps({**facts, LISTED: facts["text"]}))
    (folder / model_file(LISTED)).write_text(before.as_text())
    learned = learn_from_log(folder, logged)
    assert {row.task for row in learned.rows} == {"text-listed, logged"}
    after = load_listed(folder)
    assert after is not None
    assert learned.trees == {LISTED: after.trees}
    assert truth(after) > truth(before) + 0.1
    assert RankModel.load(folder, "text").as_text() == before.as_text()


def test_too_few_questions_or_nothing_to_learn_leave_the_model_alone(before: RankModel, tmp_path: Path) -> None:
    folder = ranker_folder(tmp_path, before)
    few = clicks(before, 200)
    chance = clicks(before)
    draw = np.random.default_rng(5)
    by_chance = np.concatenate([draw.permutation([1] + [0] * (SHOWN - 1)) for _ in range(len(chance))]).astype(np.float32)
    noise = ExampleSet("text", chance.examples.matrix, by_chance, chance.examples.sizes)
    for logged in (few, few.part(0, 0)):
        assert learn_from_log(folder, {"text": logged}).rows == []
    assert RankModel.load(folder, "text").as_text() == before.as_text()
    learn_from_log(folder, {"text": LoggedExamples(noise, chance.positions)})
    assert abs(truth(RankModel.load(folder, "text")) - truth(before)) < 0.05


def test_repeated_clicks_of_one_among_many_shoppers_replace_no_model(before: RankModel, tmp_path: Path) -> None:
    folder = ranker_folder(tmp_path, before)
    logged = clicks(before)
    places = np.arange(len(logged))
    askers = np.where(places % 3, 0, 1 + places % 40)
    # The others click what the former model shows first, so that overall nothing is clear.
    grades = logged.examples.grades.copy()
    for (start, stop), asker in zip(logged.examples.bounds, askers, strict=True):
        if asker:
            grades[start:stop] = np.arange(stop - start) == 0
    examples = replace(logged.examples, grades=grades)
    assert learn_from_log(folder, {"text": LoggedExamples(examples, logged.positions)}).trees
    folder = ranker_folder(tmp_path / "again", before)
    assert learn_from_log(folder, {"text": LoggedExamples(examples, logged.positions, askers)}).trees == {}


def test_clicks_of_a_few_shoppers_replace_no_model_but_those_of_one_asker_do(before: RankModel, tmp_path: Path) -> None:
    logged = clicks(before, 1500)
    for shoppers, replaced in ((FEWEST_SHOPPERS - 1, False), (FEWEST_SHOPPERS, True), (1, True)):
        folder = ranker_folder(tmp_path / str(shoppers), before)
        asked = replace(logged, askers=np.arange(len(logged)) % shoppers)
        assert bool(learn_from_log(folder, {"text": asked}).trees) == replaced


def test_clicks_at_random_replace_no_model(before: RankModel, tmp_path: Path) -> None:
    """With the fewest questions that are learned from at all; 45 of them judge."""
    folder = ranker_folder(tmp_path, before)
    for seed in range(6):
        logged = clicks(before, 900, seed=20 + seed).part(0, 300)
        draw = np.random.default_rng(seed)
        chosen = [draw.permutation([1] + [0] * (SHOWN - 1)) for _ in range(len(logged))]
        by_chance = ExampleSet("text", logged.examples.matrix, np.concatenate(chosen).astype(np.float32), logged.examples.sizes)
        assert learn_from_log(folder, {"text": LoggedExamples(by_chance, logged.positions)}) == LearnedFromLog([], {})
    assert RankModel.load(folder, "text").as_text() == before.as_text()


def test_products_at_one_position_have_one_order_whatever_the_order_of_events() -> None:
    ranked, shown = ["a", "b", "c"], ["a", "b", "c", "b"]
    placed, kinds = [2, 1, 1, None], ["impression"] * 3 + ["view"]
    rows, positions, grades = _seen(ranked, shown, placed, kinds)
    assert (rows, positions.tolist(), grades.tolist()) == ([1, 2, 0], [0, 0, 1], [1, 0, 0])
    assert _seen(ranked, shown[::-1], placed[::-1], kinds[::-1])[0] == rows


def test_figures_measured_before_a_model_was_replaced_name_the_former_ranker() -> None:
    measured = [
        Row(task, "ranker", "ndcg@10", 0.5, 0.4, 0.6, 9)
        for task in ("text, purchases", "text, judged lists", "user, purchases")
    ]
    log = Row("text, logged", "ranker", CORRECTED, 0.5, 0.4, 0.6, 9)
    told = LearnedFromLog([log], {"text": 30}).among(measured)
    assert [row.system for row in told] == [BEFORE, "ranker", "ranker", "ranker"]
    assert told[1:] == [*measured[1:], log]
    of_lists = LearnedFromLog([], {LISTED: 30}).among(measured)
    assert [row.system for row in of_lists] == ["ranker", BEFORE, "ranker"]


@pytest.mark.parametrize(("steepness", "by"), [(1, None), (2, None), (1, TRUE)])
def test_attention_by_position_is_told_apart_from_relevance(before: RankModel, steepness: int, by: int | None) -> None:
    logged = clicks(before, 6000, steepness=steepness, by=by)
    found = attention(logged.examples.matrix, logged.positions, logged.examples.grades > 0, last=SHOWN - 1)
    np.testing.assert_allclose(found[:4], 1 / (1 + np.arange(4)) ** steepness, atol=0.12)
    assert (np.diff(found) <= 0).all()
    assert found.min() >= LEAST


def test_a_click_at_a_rarely_seen_position_stands_for_those_that_were_missed() -> None:
    grades = [np.array([1, 0, 1], dtype=np.float32)]
    first, last = [np.array([3.0, 2.0, 1.0])], [np.array([1.0, 2.0, 3.0])]
    everywhere, little = [np.ones(3)], [np.array([1.0, 0.5, 0.1])]
    assert corrected_values(first, grades, everywhere) == pytest.approx(corrected_values(last, grades, everywhere))
    assert corrected_values(last, grades, little) == pytest.approx([1.0], abs=0.02)
    assert corrected_values(first, grades, little)[0] < 0.7
    assert corrected_values(first, [np.zeros(3, np.float32)], little)[0] == 0


def test_a_click_far_down_outweighs_a_click_at_the_top() -> None:
    top, bottom = np.array([1, 0], dtype=np.float32), np.array([0, 1], dtype=np.float32)
    seen = [np.array([1.0, 0.25])] * 2
    as_shown, reversed_ = [np.array([2.0, 1.0])] * 2, [np.array([1.0, 2.0])] * 2
    assert corrected_values(reversed_, [top, bottom], seen).mean() > corrected_values(as_shown, [top, bottom], seen).mean()


def ranker_folder(folder: Path, model: RankModel) -> Path:
    (folder / model_file("text")).parent.mkdir(parents=True)
    (folder / model_file("text")).write_text(model.as_text())
    facts = {"text": {"features": NAMES, "trees": model.trees, "trained_on": "events"}}
    (folder / FACTS_FILE).write_bytes(orjson.dumps(facts))
    return folder
