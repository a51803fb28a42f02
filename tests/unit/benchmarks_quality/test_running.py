"""One task from data to rows and page, with systems whose answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

pytest.importorskip("ir_measures")

from benchmarks.quality.data import canonical
from benchmarks.quality.data.place import VARIABLE, DataMissing, DataPlace
from benchmarks.quality.goals import AtLeast
from benchmarks.quality.judging import NDCG_10, Against
from benchmarks.quality.protocol import Known, Question, Ranking, System
from benchmarks.quality.rankings import RankingStore, digest_of
from benchmarks.quality.report.page import write_page
from benchmarks.quality.running import Plan, answered, run
from benchmarks.quality.task import Dataset, Task, TaskSpec
from tests.unit.benchmarks_quality.worlds import lines, products

QUESTIONS = [Question(f"q{number}", text="tea", exclude=frozenset({"rope7"})) for number in range(4)]
NOWHERE = DataPlace(None)


@dataclass
class Fixed:
    """Answers the same to every question; counts how often it had to learn."""

    name: str
    answer: Ranking
    learned: int = 0
    asked: list[str] = field(default_factory=list)

    def fit(self, known: Known) -> None:
        self.learned += 1

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        return [self.answer[:depth] for _ in questions]


def _spec(peers: Sequence[System]) -> TaskSpec:
    def build(data: Dataset) -> Task:
        judge = Against({question.id: {"tea1": 1.0} for question in QUESTIONS}, {"ndcg@10": NDCG_10})
        return Task(Known(data.products, data.lines), QUESTIONS, judge, peers, depth=3)

    return TaskSpec(
        "task", "A task", "What <is> asked.", lambda _: Dataset(products(), lines(), canonical.NO_JUDGEMENTS), build
    )


def _plan(folder: Path, ours: System | None = None, **more: object) -> Plan:
    return replace(Plan(NOWHERE, RankingStore(folder), lambda _: ours), **more)  # type: ignore[arg-type]


def test_all_systems_are_measured_and_ours_is_compared(tmp_path: Path) -> None:
    ours, peer = Fixed("shelfwise", ["tea1"]), Fixed("peer", ["tea2", "tea1"])
    outcome = run(_spec([peer]), _plan(tmp_path, ours), lambda _: None)
    assert [(row.system, round(row.value, 3), row.n) for row in outcome.rows] == [("shelfwise", 1.0, 4), ("peer", 0.631, 4)]
    assert outcome.rows[1].difference is not None


def test_questions_of_one_buyer_widen_the_interval(tmp_path: Path) -> None:
    """Every fourth of forty questions is answered well; these ten have a buyer each, or all of them the same buyer."""
    questions = [Question(f"q{number}", text="tea") for number in range(40)]
    gains = {one.id: {"tea1" if place % 4 == 0 else "tea2": 1.0} for place, one in enumerate(questions)}

    def width(buyers: dict[str, str]) -> float:
        task = replace(_spec([]).load(NOWHERE), questions=questions, judge=Against(gains, {"ndcg@10": NDCG_10}), buyers=buyers)
        [row] = run(
            replace(_spec([]), build=lambda _: task), _plan(tmp_path, Fixed("shelfwise", ["tea1"])), lambda _: None
        ).rows
        assert row.value == pytest.approx(0.25)
        return row.high - row.low

    alone = width({})
    assert width({one.id: one.id for one in questions[::4]}) == pytest.approx(alone, rel=0.1)
    assert width({one.id: "the same" for one in questions[::4]}) > 1.5 * alone


def test_answers_of_peers_are_kept_and_ours_are_not(tmp_path: Path) -> None:
    ours, peer = Fixed("shelfwise", ["tea1"]), Fixed("peer", ["tea1"])
    for _ in range(2):
        run(_spec([peer]), _plan(tmp_path, ours), lambda _: None)
    assert (ours.learned, peer.learned) == (2, 1)
    run(_spec([peer]), _plan(tmp_path, ours, fresh=True), lambda _: None)
    assert peer.learned == 2


def test_other_data_questions_or_depth_change_the_digest_of_a_task() -> None:
    task = _spec([]).load(NOWHERE)
    same = _spec([]).load(NOWHERE)
    assert digest_of(task) == digest_of(same)
    for other in (
        replace(task, known=Known(products(), lines(seed=4))),
        replace(task, questions=QUESTIONS[1:]),
        replace(task, questions=[replace(QUESTIONS[0], exclude=frozenset()), *QUESTIONS[1:]]),
        replace(task, depth=4),
    ):
        assert digest_of(other) != digest_of(task)


def test_only_wanted_systems_run_and_a_note_says_if_ours_cannot_answer(tmp_path: Path) -> None:
    outcome = run(_spec([Fixed("BM25", ["tea1"]), Fixed("other", [])]), _plan(tmp_path, only=["bm25"]), lambda _: None)
    assert [row.system for row in outcome.rows] == ["BM25"]
    assert outcome.notes == []
    outcome = run(_spec([Fixed("BM25", ["tea1"])]), _plan(tmp_path), lambda _: None)
    assert outcome.notes == ["Shelfwise does not answer this kind of question yet."]
    outcome = run(_spec([]), _plan(tmp_path, only=["nobody"]), lambda _: None)
    assert outcome.skipped is not None


@pytest.mark.parametrize(
    ("answer", "message"),
    [(["tea1", "tea1"], "different products"), (["rope7"], "nothing that is excluded")],
)
def test_answers_that_break_the_rules_raise_value_error(answer: Ranking, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        answered(Fixed("cheat", answer), _spec([]).load(NOWHERE))


def test_a_missing_data_set_skips_its_task_with_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(DataMissing, match=VARIABLE):
        DataPlace.named(None).file("shop", "lines.csv")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    place = DataPlace.named(None)
    with pytest.raises(DataMissing, match=r"shop/lines\.csv"):
        place.file("shop", "lines.csv")
    spec = replace(_spec([]), read=lambda where: Dataset(products(), lines(), where.file("shop", "x")))  # type: ignore[arg-type]
    told: list[str] = []
    outcome = run(spec, replace(_plan(tmp_path), place=place), told.append)
    assert outcome.skipped is not None
    assert "skipped" in told[0]


def test_the_page_is_self_contained_and_escapes_html(tmp_path: Path) -> None:
    spec = _spec([Fixed("<b>peer</b>", ["tea2", "tea1"])])
    outcome = run(spec, _plan(tmp_path, Fixed("shelfwise", ["tea1"])), lambda _: None)
    facts = {"Measured": "now", "numpy": "2"}
    write_page(tmp_path / "page.html", [outcome], [AtLeast("task", "ndcg@10", 0.9).verdict(outcome.rows)], facts)
    page = (tmp_path / "page.html").read_text()
    assert "What &lt;is&gt; asked." in page
    assert "<b>peer" not in page
    assert page.count("<svg") == 1
    assert "✓ met" in page
    assert "Measured now, numpy 2." in page
    assert "http" not in page.replace("http-equiv", "")
