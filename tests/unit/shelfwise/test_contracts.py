"""What the messages accept, and how they refuse everything else."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from shelfwise.contracts.base import Message
from shelfwise.contracts.batch import BatchRequest
from shelfwise.contracts.event import Event
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.history import COLUMNS, History
from shelfwise.contracts.product import Product, document_text
from shelfwise.contracts.product_write import ProductLine, ProductPatch
from shelfwise.contracts.recommend import Item, RecommendRequest
from shelfwise.contracts.rerank import RerankRequest
from shelfwise.validation import sentence

EVENT = {"event_id": "e", "type": "view", "product_id": "1", "user_id": "u", "timestamp": "2026-11-01T00:00:00Z"}


def test_a_product_name_and_top_k_are_a_valid_request() -> None:
    request = RecommendRequest.model_validate({"product_name": "nail paints", "top_k": 5})
    assert (request.product_name, request.top_k, request.explain) == ("nail paints", 5, False)


def test_an_item_has_every_field_of_a_product_but_its_title_and_description() -> None:
    assert set(Product.model_fields) - {"title", "description"} < set(Item.model_fields)


def test_combining_accents_are_composed_except_in_ids_and_addresses() -> None:
    apart, joined = "Cafe\u0301", "Caf\u00e9"
    request = RecommendRequest.model_validate(
        {"product_name": apart, "filter": {"brand": apart, "category": [apart], "attributes": {apart: apart}}}
    )
    assert request.product_name == joined
    assert request.filter == Filter(brand=[joined], category=[joined], attributes={joined: [joined]})
    address = f"https://shop.example/{apart}.jpg"
    fields = {"title": apart, "brand": apart, "category": [apart], "attributes": {apart: apart}, "image_url": address}
    line = ProductLine.model_validate({"product_id": apart, **fields})
    assert (line.title, line.brand, line.category, line.attributes) == (joined, joined, [joined], {joined: joined})
    assert (line.product_id, line.image_url) == (apart, address), "ids and addresses are the shop's own"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "expected product_name, product_id, cart, user_id, session_id or scenario, found none of them"),
        ({"cart": []}, "at least 1 item"),
        ({"cart": ["1"] * 101}, "at most 100 items"),
        ({"product_id": "1", "cart": ["2"]}, "found product_id and cart"),
        ({"user_id": ""}, "at least 1 character"),
        ({"scenario": ""}, "at least 1 character"),
        ({"product_name": "milk", "product_id": "1"}, "found product_name and product_id"),
        ({"product_name": "   "}, "at least 1 character"),
        ({"product_name": "x" * 501}, "at most 500 characters"),
        ({"product_name": "milk", "top_k": 0}, "greater than or equal to 1"),
        ({"product_name": "milk", "top_k": 101}, "less than or equal to 100"),
        ({"product_name": "milk", "deadline_ms": 1}, "greater than or equal to 10"),
        ({"product_name": "milk", "filter": {"colour": "red"}}, "Extra inputs are not permitted"),
        ({"product_id": "1\0"}, "should match pattern"),
        ({"cart": ["1", "\0"]}, "should match pattern"),
        ({"user_id": "a\0"}, "should match pattern"),
        ({"session_id": "\0a"}, "should match pattern"),
        ({"product_name": "milk", "exclude": ["\0"]}, "should match pattern"),
        ({"product_name": "milk", "filter": {"price": {}}}, "expected min, max or both"),
        ({"product_name": "milk", "filter": {"price": {"min": 3, "max": 2}}}, "found min 3.0 and max 2.0"),
    ],
)
def test_an_invalid_recommend_request_is_refused(body: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        RecommendRequest.model_validate(body)


def test_an_id_with_a_nul_character_is_refused_with_a_readable_sentence() -> None:
    with pytest.raises(ValidationError) as caught:
        RecommendRequest.model_validate({"user_id": "a\0"})
    assert sentence(caught.value.errors()[0]) == "user_id: expected text without the character NUL, found 'a\\x00'"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"product_name": "milk"}, "candidates"),
        ({"candidates": [], "product_name": "milk"}, "at least 1 item"),
        ({"candidates": ["1"] * 1001, "product_name": "milk"}, "at most 1000 items"),
        ({"candidates": ["1"]}, "found none of them; send at least one of them to judge the candidates by"),
        ({"candidates": ["1"], "product_name": "milk", "cart": ["2"]}, "found product_name and cart"),
        ({"candidates": ["1"], "user_id": "7", "top_k": 0}, "greater than or equal to 1"),
        ({"candidates": ["1"], "user_id": "7", "scenario": "search"}, "Extra inputs are not permitted"),
    ],
)
def test_an_invalid_rerank_request_is_refused(body: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        RerankRequest.model_validate(body)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_moment_outside_of_the_years_1_to_9999_is_refused(moment: str) -> None:
    with pytest.raises(ValidationError, match="expected a time between the years 1 and 9999 in UTC"):
        ProductPatch.model_validate_json(f'{{"created_at": "{moment}"}}')


def test_a_filter_takes_one_value_or_a_list_of_values() -> None:
    given = Filter.model_validate({"brand": "Acme", "category": ["Milk", "Cream"], "attributes": {"size": "1 l"}})
    assert (given.brand, given.category, given.attributes) == (["Acme"], ["Milk", "Cream"], {"size": ["1 l"]})


def test_attributes_are_counted_before_each_of_them_is_validated() -> None:
    with pytest.raises(ValidationError) as refused:
        Filter.model_validate({"attributes": {str(number): number for number in range(21)}})
    assert [sentence(problem) for problem in refused.value.errors()] == ["attributes: expected at most 20 attributes, found 21"]


def test_an_event_needs_a_user_or_a_session() -> None:
    with pytest.raises(ValidationError, match="expected user_id or session_id, found neither"):
        Event.model_validate({"event_id": "1", "type": "view", "product_id": "1", "timestamp": "2026-01-01T00:00:00Z"})


@pytest.mark.parametrize(
    ("title", "category", "text"),
    [
        ("Nail Care, 6 oz", ["Cosmetics", "Nail Care"], "Nail Care, 6 oz"),
        ("Ruby Gel", ["Cosmetics", "Nail Care"], "Ruby Gel. Nail Care"),
        ("Ruby Gel", [], "Ruby Gel"),
    ],
)
def test_the_document_text_says_the_category_once(title: str, category: list[str], text: str) -> None:
    assert document_text(title, category) == text


@pytest.mark.parametrize(
    ("message", "fields", "where"),
    [
        (RecommendRequest, {"product_name": "nail", "top_k": True}, "top_k"),
        (RecommendRequest, {"product_name": "nail", "deadline_ms": True}, "deadline_ms"),
        (RecommendRequest, {"product_name": "nail", "filter": {"price": {"max": True}}}, "filter.price.max"),
        (RecommendRequest, {"product_name": "nail", "filter": {"rating": {"min": True}}}, "filter.rating.min"),
        (RecommendRequest, {"product_name": "nail", "filter": {"added_within_days": True}}, "filter.added_within_days"),
        (RerankRequest, {"product_name": "nail", "candidates": ["1"], "top_k": True}, "top_k"),
        (BatchRequest, {"requests": [{"product_name": "nail"}], "deadline_ms": True}, "deadline_ms"),
        (ProductLine, {"product_id": "1", "title": "Lamp", "price": True}, "price"),
        (ProductLine, {"product_id": "1", "title": "Lamp", "rating": True}, "rating"),
        (ProductLine, {"product_id": "1", "title": "Lamp", "rating_count": True}, "rating_count"),
        (ProductPatch, {"price": True}, "price"),
        (Event, {**EVENT, "quantity": True}, "quantity"),
        (Event, {**EVENT, "value": True}, "value"),
        (Event, {**EVENT, "position": True}, "position"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_boolean_is_no_number(message: type[Message], fields: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as found:
        message.model_validate_json(json.dumps(fields))
    assert sentence(found.value.errors()[0]) == f"{where}: expected a number, found true"
    message.model_validate_json(json.dumps(fields).replace("true", '"20"'))


@pytest.mark.parametrize(
    ("column", "value"), [("purchases", 10**400), ("views", -1), ("decayed", "NaN"), ("last_s", "Infinity")]
)
def test_a_history_refuses_unusable_numbers_and_columns_of_unequal_length(column: str, value: object) -> None:
    body = {name: [1] for name in COLUMNS} | {"products": ["1"], "orders": 1, "orders_this_hour": 1, "orders_this_weekday": 1}
    assert History.model_validate_json(json.dumps(body)).purchases == [1]
    wrong = json.dumps(body | {column: [value]}).replace('"NaN"', "NaN").replace('"Infinity"', "Infinity")
    with pytest.raises(ValidationError, match=column):
        History.model_validate_json(wrong)
    with pytest.raises(ValidationError, match="expected columns of one length"):
        History.model_validate(body | {"last_look_s": [1.0, None]})
