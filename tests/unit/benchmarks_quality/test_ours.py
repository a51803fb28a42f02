"""Shelfwise as one of the measured systems: the product's own retriever and ranker, with the fake encoder."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

pytest.importorskip("ir_measures")

from benchmarks.quality.bundle import LastBundle, Opened
from benchmarks.quality.judging import Against
from benchmarks.quality.ours import FOR_BEHAVIOR, FOR_TEXTS, Shelfwise, ours
from benchmarks.quality.protocol import Known, Question
from benchmarks.quality.task import Task
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.rank import RankRequest
from shelfwise_pipeline.encoder.build import build_fake_encoder
from shelfwise_pipeline.evaluation.rows import OURS
from shelfwise_pipeline.training.plan import Plan
from shelfwise_ranker.rank import Ranking
from tests.unit.benchmarks_quality.worlds import PRODUCTS, known


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelfwise]:
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.quality.ours.CACHE", cache)
        system = Shelfwise(build_fake_encoder)
        system.fit(known())
        yield system
        assert list((cache / "quality").iterdir()) == [], "a bundle was left behind"


def test_a_text_finds_its_product(fitted: Shelfwise) -> None:
    [ranking] = fitted.rank([Question("q", text="paint number 3")], 5)
    assert ranking[0] == "paint3"
    assert len(set(ranking)) == 5


def test_a_callers_list_is_ordered_whole_and_nothing_is_added(fitted: Shelfwise) -> None:
    listed = ("rope1", "tea5", "paint3")
    [ranking] = fitted.rank([Question("q", text="paint number 3", candidates=listed)], 10)
    assert ranking[0] == "paint3"
    assert sorted(ranking) == sorted(listed)


def test_only_products_that_pass_the_filter_are_answered(fitted: Shelfwise) -> None:
    wanted = Filter(category="Rope")
    [ranking] = fitted.rank([Question("q", text="paint number 3", filter=wanted)], 10)
    assert sorted(ranking) == [f"rope{number}" for number in range(8)]


def test_excluded_products_and_seeds_are_not_answered(fitted: Shelfwise) -> None:
    text, seeds = fitted.rank(
        [Question("a", text="tea", exclude=frozenset({"tea1"})), Question("b", seeds=("rope1",), exclude=frozenset({"rope2"}))],
        24,
    )
    assert "tea1" not in text
    assert not {"rope1", "rope2"} & set(seeds)
    assert seeds
    assert set(text) | set(seeds) <= set(PRODUCTS)


def test_answers_do_not_depend_on_other_questions(fitted: Shelfwise) -> None:
    questions = [Question("a", text="tea number 1"), Question("b", text="green rope"), Question("c", seeds=("paint2",))]
    assert fitted.rank(questions, 10) == [fitted.rank([question], 10)[0] for question in questions]


def test_ranking_before_fit_raises_runtime_error() -> None:
    with pytest.raises(RuntimeError, match="call fit first"):
        Shelfwise(build_fake_encoder).rank([Question("a", text="tea")], 1)


def test_a_user_gets_products_of_their_kind_without_excluded_ones(fitted: Shelfwise) -> None:
    excluded = frozenset({"tea0", "tea1"})
    [ranking, without] = fitted.rank([Question("a", user="user0"), Question("b", user="user0", exclude=excluded)], 10)
    assert len(set(ranking)) == 10
    assert sum(product.startswith("tea") for product in ranking[:5]) >= 4, "user0 buys tea"
    assert not excluded & set(without)


def test_a_user_is_answered_at_the_time_of_the_question(fitted: Shelfwise, monkeypatch: pytest.MonkeyPatch) -> None:
    came = datetime(2031, 2, 3, 12, 30, tzinfo=UTC)
    moment = known().moment
    assert moment is not None
    clocks, rank = [], fitted.opened.ranker.rank

    def recorded(request: RankRequest, now: float) -> Ranking:
        assert request.history is not None
        clocks.append((now, min(request.history.last_s)))
        return rank(request, now)

    monkeypatch.setattr(type(fitted.opened.ranker), "rank", lambda ranker, request, now: recorded(request, now))
    fitted.rank([Question("a", user="user0"), Question("b", user="user0", asked_at=came)], 10)
    assert [now for now, _ in clocks] == [moment.timestamp(), came.timestamp()]
    assert clocks[1][1] - clocks[0][1] == pytest.approx((came - moment).total_seconds())


def test_strangers_get_the_same_full_list(fitted: Shelfwise) -> None:
    one, other, user = fitted.rank([Question(name, user=name) for name in ("nobody", "no one", "user0")], 10)
    assert len(set(one)) == 10
    assert one == other != user
    assert len({product.rstrip("01234567") for product in one}) > 1, "not of one kind, as a user's list"


@pytest.mark.parametrize(
    ("question", "plan"),
    [
        (Question("a", user="user0"), replace(FOR_BEHAVIOR, kinds=("user",))),
        (Question("a", seeds=("rope1",)), replace(FOR_BEHAVIOR, kinds=("together",))),
        (Question("a", text="tea"), FOR_TEXTS),
    ],
    ids=["user", "seeds", "text"],
)
def test_shelfwise_answers_every_kind_of_task_with_a_plan_for_it(fitted: Shelfwise, question: Question, plan: Plan) -> None:
    built = []

    class Built(LastBundle):
        def of(self, known: Known, plan: Plan | None, build: Callable[[], Opened]) -> Opened:
            built.append(plan)
            return fitted.opened

    task = Task(known(), [question], Against({}, {}), [], 10)
    system = ours(task, Built())
    assert system is not None
    assert system.name == OURS
    system.fit(task.known)
    assert built == [plan]
    assert system.rank(task.questions, 10) == fitted.rank(task.questions, 10)


def test_a_bundle_is_used_again_only_for_the_same_data_and_plan(fitted: Shelfwise) -> None:
    last, built = LastBundle(), []

    def build() -> Opened:
        built.append(fitted)
        return fitted.opened

    once = last.of(known(), Plan(), build)
    assert last.of(known(), Plan(), build) is once
    assert len(built) == 1
    fewer = replace(known(), events=known().events[:-1])
    for changed, plan in ((fewer, Plan()), (known(), Plan(seed=8)), (known(), Plan())):
        last.of(changed, plan, build)
    assert len(built) == 4
