"""The effect of a write on a product and of a batch of writes, and how a body is cut into lines."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from shelfwise.contracts.product_write import ProductPatch, ProductWrite
from shelfwise.errors import DatabaseUnavailable, UnknownProduct
from shelfwise_retriever.writing.bulk import Line, lines_of
from shelfwise_retriever.writing.merging import Write, after
from shelfwise_retriever.writing.plan import Plan

NOW = datetime(2026, 5, 1, tzinfo=UTC)
THEN = datetime(2025, 1, 1, tzinfo=UTC)


def put(product_id: str = "1", **fields: Any) -> Write:
    return Write.put(product_id, ProductWrite.model_validate({"title": "Kettle", **fields}))


def patch(product_id: str = "1", **fields: Any) -> Write:
    return Write.patch(product_id, ProductPatch.model_validate(fields))


def stored(product_id: str = "1", **fields: Any) -> dict[str, Any]:
    product = after(put(product_id, **fields), None, THEN)
    assert product is not None
    return product


def test_a_put_clears_the_fields_it_does_not_name_but_keeps_created_at() -> None:
    changed = after(put(price=1.23456), stored(brand="Glow", price=2.0), NOW)
    assert changed is not None
    assert (changed["brand"], changed["price"], changed["created_at"]) == (None, 1.2346, THEN)
    assert stored()["created_at"] == THEN


def test_a_put_leaves_the_created_at_of_an_imported_product_unknown() -> None:
    """Otherwise the first put of every imported product would make it a new arrival."""
    imported = stored() | {"created_at": None}
    assert after(put(price=2.0), imported, NOW) == imported | {"price": 2.0}


def test_a_patch_changes_only_the_fields_it_names() -> None:
    before = stored(brand="Glow", category=["Home"], attributes={"color": "red", "size": "1"}, in_stock=False)
    changed = after(patch(brand=None, category=None, attributes={"color": None, "shape": "round"}), before, NOW)
    assert changed == {**before, "brand": None, "category": [], "attributes": {"size": "1", "shape": "round"}}
    assert after(patch(attributes={}), before, NOW) == before
    assert after(patch(attributes=None, in_stock=None), before, NOW) == {**before, "attributes": {}, "in_stock": True}


@pytest.mark.parametrize(
    ("write", "advice"), [(patch(price=1), "check the id, or put the whole product"), (Write.delete("1"), "check the id")]
)
def test_patching_or_deleting_a_missing_product_raises_unknown_product(write: Write, advice: str) -> None:
    with pytest.raises(UnknownProduct, match=f"; {advice}$"):
        after(write, None, NOW)


def test_blank_texts_are_none_and_other_texts_are_stripped() -> None:
    written = ProductWrite.model_validate({"title": "  Kettle ", "brand": " ", "currency": "eur"})
    assert (written.title, written.brand, written.currency) == ("Kettle", None, "EUR")


def test_several_writes_of_one_product_are_applied_in_order() -> None:
    writes = [put(), patch(price=3), Write.delete("1"), patch(price=4), put(price=5), put(price=5)]
    plan = Plan.of(writes, {}, {}, NOW)
    assert plan.upserts["1"]["price"] == 5
    assert not plan.deletes
    assert plan.changing == {0, 1, 2, 4}
    assert list(plan.refused) == [3]


def test_only_the_net_effect_of_a_batch_is_written() -> None:
    there = {"1": stored("1", price=1.0), "2": stored("2")}
    plan = Plan.of([patch("1", price=2), patch("1", price=1), Write.delete("2"), put("3"), Write.delete("3")], there, {}, NOW)
    assert (plan.upserts, plan.deletes) == ({}, {"2"})


def test_a_text_without_a_vector_refuses_only_the_writes_that_need_it() -> None:
    away = DatabaseUnavailable("away")
    there = {"1": stored("1", title="New"), "2": stored("2")}
    writes = [put("1", title="New", created_at=THEN), put("2", title="New"), patch("2", price=2)]
    plan = Plan.of(writes, there, {"New": away}, NOW)
    assert plan.refused == {1: away}
    assert plan.upserts["2"]["title"] == "Kettle"


async def parts(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"a\nb\n"], [(1, b"a"), (2, b"b")]),
        ([b"a", b"a\n", b"b"], [(1, b"aa"), (2, b"b")]),
        ([b"a\n\n \r\nb"], [(1, b"a"), (4, b"b")]),
        ([b"12345678\nb"], [(1, b"12345678"), (2, b"b")]),
        ([b"123456789\nb"], [(1, None), (2, b"b")]),
        ([b"12345", b"67890", b"12345", b"\nb\n"], [(1, None), (2, b"b")]),
        ([b"123456789"], [(1, None)]),
        ([], []),
    ],
)
async def test_a_body_is_cut_into_numbered_lines_and_too_long_ones_are_none(
    chunks: list[bytes], lines: list[tuple[int, bytes | None]]
) -> None:
    assert [line async for line in lines_of(parts(*chunks), longest=8)] == [Line(*line) for line in lines]
