import orjson
import pytest

from shelfwise.contracts.product_lines import ProductLines, read, written

COLUMNS = {"bundle": "b1", "ids": ["1", "2"]}
PRODUCTS = [{"product_id": "1", "title": 'A ",\n" in a title, and ]}'}, {"product_id": "2", "title": ',"products":[\n{}'}]


def lines() -> list[bytes]:
    return [orjson.dumps(product) for product in PRODUCTS]


def test_a_written_answer_is_plain_json() -> None:
    assert orjson.loads(written(COLUMNS, lines())) == {**COLUMNS, "products": PRODUCTS}


def test_a_written_answer_is_read_back() -> None:
    answer = read(written(COLUMNS, lines()))
    assert isinstance(answer["products"], ProductLines)
    assert list(answer["products"]) == PRODUCTS
    assert answer["products"][-1] == PRODUCTS[-1]
    assert list(answer["products"][1:]) == PRODUCTS[1:]
    assert {key: value for key, value in answer.items() if key != "products"} == COLUMNS


def test_an_answer_without_products_is_written_and_read() -> None:
    raw = written(COLUMNS, [])
    assert orjson.loads(raw)["products"] == []
    assert len(read(raw)["products"]) == 0


@pytest.mark.parametrize("option", [None, orjson.OPT_INDENT_2, orjson.OPT_APPEND_NEWLINE])
def test_an_answer_written_as_any_other_json_is_read_too(option: int | None) -> None:
    answer = {"products": PRODUCTS, **COLUMNS}
    assert read(orjson.dumps(answer, option=option)) == answer


def test_an_answer_that_is_not_json_is_refused() -> None:
    with pytest.raises(orjson.JSONDecodeError):
        read(b"<html>")
