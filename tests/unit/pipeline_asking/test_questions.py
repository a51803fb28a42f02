"""Questions from a file: a table's columns or JSON lines, and a sentence for each line that is not a question."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from shelfwise_pipeline.asking.questions import Question, QuestionsUnreadable, read_questions
from shelfwise_pipeline.importing.errors import FileUnreadable


def test_other_columns_of_a_table_are_ignored_and_defaults_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("email;user_id;scenario\na@b.c; 17 ;\nd@e.f;18;buy-again\n", encoding="utf-8")
    assert list(read_questions(path, {"scenario": "for-you", "top_k": 3})) == [
        Question(2, {"scenario": "for-you", "top_k": 3, "user_id": "17"}),
        Question(3, {"scenario": "buy-again", "top_k": 3, "user_id": "18"}),
    ]


def test_numbers_in_parquet_are_read_as_ids_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    pl.DataFrame({"user_id": [17, 18], "top_k": [5, None]}).write_parquet(path)
    assert [question.asked for question in read_questions(path, {})] == [{"user_id": "17", "top_k": 5}, {"user_id": "18"}]


def test_json_lines_may_have_any_field_of_a_request(tmp_path: Path) -> None:
    path = tmp_path / "carts.jsonl.gz"
    asked = [{"cart": ["1", "2"], "filter": {"price": {"max": 5.0}}}, {"product_name": "nail paints"}]
    path.write_bytes(gzip.compress("\n\n".join(map(json.dumps, asked)).encode()))
    assert [(question.line, question.asked) for question in read_questions(path, {})] == [(1, asked[0]), (3, asked[1])]


def test_a_line_that_is_not_a_question_keeps_its_place_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"user": "17"}\n[1]\n{"user_id": "17"}\n{"product_id": "1", "cart": ["2"]}\n{\n', encoding="utf-8")
    questions = list(read_questions(path, {}))
    assert [question.line for question in questions] == [1, 2, 3, 4, 5]
    assert "user: unknown field; expected one of" in (questions[0].problem or "")
    assert questions[1].problem == "expected a JSON object, found [1]"
    assert (questions[2].problem, questions[2].asked) == (None, {"user_id": "17"})
    assert "found product_id and cart" in (questions[3].problem or "")
    assert "expected a JSON object" in (questions[4].problem or "")


def test_a_broken_row_keeps_its_place_and_its_line_number(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("user_id,email\n17,a\n18\n19,b\n", encoding="utf-8")
    questions = list(read_questions(path, {}))
    assert [question.line for question in questions] == [2, 3, 4]
    found = {question.line: question for question in questions}
    assert (found[2].asked, found[4].asked) == ({"user_id": "17"}, {"user_id": "19"})
    assert "not as many fields as the header has columns" in (found[3].problem or "")


def test_a_table_without_a_known_column_raises_questions_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("customer,email\n17,a@b.c\n", encoding="utf-8")
    with pytest.raises(QuestionsUnreadable, match=r"expected one of the columns user_id, .* found customer, email"):
        list(read_questions(path, {}))


def test_a_missing_file_raises_file_unreadable(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="expected a file at"):
        list(read_questions(tmp_path / "none.csv", {}))
