"""Pydantic's errors, told in words that whoever sent or wrote the value knows."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shelfwise.contracts.product_write import ProductWrite
from shelfwise.errors import InvalidRequest
from shelfwise.validation import MOST_PROBLEMS, problems_of, sentence


class Price(BaseModel):
    """A part of what a file says."""

    max: float


class Shelf(BaseModel):
    """What a file says."""

    sources: tuple[str, ...] = ()
    collapse: frozenset[str] = frozenset()
    price: Price | None = None


@pytest.mark.parametrize(
    ("model", "value", "said"),
    [
        (ProductWrite, {"title": " "}, "title: String should have at least 1 character, found ' '"),
        (ProductWrite, {"title": "ab" * 501}, "title: String should have at most 1000 characters, found 'abab"),
        (
            ProductWrite,
            {"title": "a", "category": ["b"] * 21},
            "category: List should have at most 20 items after validation, not",
        ),
        (Shelf, {"sources": "own"}, "sources: Input should be a valid list, found 'own'"),
        (Shelf, {"collapse": "title"}, "collapse: Input should be a valid list, found 'title'"),
        (Shelf, {"price": 5}, "price: Input should be a valid dictionary, found 5"),
    ],
)
def test_an_invalid_value_is_described_in_words_that_its_writer_knows(
    model: type[BaseModel], value: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(value)
    assert sentence(refused.value.errors()[0]).startswith(said)


def wrong(fields: int) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        ProductWrite.model_validate({"title": "a", **{f"unknown{number}": 1 for number in range(fields)}})
    return refused.value


def test_more_problems_than_most_problems_are_only_counted() -> None:
    assert len(problems_of(wrong(MOST_PROBLEMS))) == MOST_PROBLEMS
    with pytest.raises(InvalidRequest, match=f"found {MOST_PROBLEMS + 1} mistakes in it"):
        problems_of(wrong(MOST_PROBLEMS + 1))


def test_a_long_name_is_shortened_in_the_message() -> None:
    with pytest.raises(ValidationError) as refused:
        ProductWrite.model_validate({"title": "a", "attributes": {"n" * 60_000: "b"}})
    assert [len(sentence(dict(problem))) < 300 for problem in problems_of(refused.value)] == [True]
