"""Errors travel between services without losing their type."""

import inspect
import re

import pytest

from shelfwise import errors
from shelfwise.errors import Internal, Overloaded, ShelfwiseError, UnknownProduct, UpstreamUnavailable, error_from

EVERY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ShelfwiseError)]


def test_the_tree_of_errors_in_the_docstring_is_complete() -> None:
    drawn = {(name, int(status)) for name, status in re.findall(r"(\w+) +(\d{3})\b", errors.__doc__ or "")}
    assert drawn == {(kind.__name__, kind.status) for kind in EVERY if kind is not ShelfwiseError}


def test_error_codes_are_unique() -> None:
    own = [kind.code for kind in EVERY if kind is not Internal]
    assert len(own) == len(set(own))


@pytest.mark.parametrize("kind", EVERY)
def test_an_error_body_becomes_the_same_error(kind: type[ShelfwiseError]) -> None:
    error = error_from({"error": {"code": kind.code, "message": "m", "request_id": "r"}}, kind.status, "ranker")
    assert (error.code, error.status, error.message) == (kind.code, kind.status, "m")


def test_retry_after_is_passed_on_only_for_an_overload() -> None:
    full = error_from({"error": {"code": "overloaded", "message": "m"}}, 429, "embedder", 7)
    assert full.headers == {"retry-after": "7"}
    assert error_from({"error": {"code": "unknown_product", "message": "m"}}, 404, "retriever", 7).headers == {}


def test_a_foreign_error_answer_becomes_one_of_our_errors() -> None:
    assert isinstance(error_from("<html>", 502, "ranker"), UpstreamUnavailable)
    assert isinstance(error_from({"detail": "?"}, 418, "ranker"), Internal)


def test_only_an_overload_has_a_retry_after_header() -> None:
    assert Overloaded("full", retry_after_s=4).headers == {"retry-after": "4"}
    assert UnknownProduct("?").headers == {}
