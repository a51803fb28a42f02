"""Maps are read from YAML and flags, and their errors say what is wrong."""

from pathlib import Path

import pytest

from shelfwise_pipeline.importing.errors import MapInvalid
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.reading import fits, read_map
from shelfwise_pipeline.importing.report import Kind

PRODUCTS = "fields: {product_id: sku, title: name}"


def in_file(folder: Path, text: str) -> Path:
    path = folder / "map.yaml"
    path.write_text(text, "utf-8")
    return path


def test_flags_override_the_file(tmp_path: Path) -> None:
    flags = ["title=productDisplayName", "category=[a, b]", "currency={constant: EUR}", "attributes.colour=baseColour"]
    found = read_map("products", in_file(tmp_path, PRODUCTS), flags, encoding="latin-1")
    assert found.fields["product_id"].column == "sku"
    assert found.fields["title"].column == "productDisplayName"
    assert found.fields["category"].columns == ["a", "b"]
    assert found.fields["currency"].constant == "EUR"
    assert found.attributes["colour"].column == "baseColour"
    assert found.file.encoding == "latin-1"


def test_flags_alone_make_a_map() -> None:
    assert set(read_map("products", None, ["product_id=sku", "title=name"]).used) == {"sku", "name"}


def test_one_per_sets_the_product_id(tmp_path: Path) -> None:
    found = read_map("products", in_file(tmp_path, "one_per: code\nfields: {title: {column: name, else: other}}"))
    assert found.fields["product_id"].column == "code"
    assert found.fields["title"].otherwise == ["other"]


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("products", "fields: {product_id: sku}", "lacks title"),
        ("products", "fields: {product_id: sku, titel: name}", "found 'titel' .did you mean 'title'"),
        ("products", "kind: events\n" + PRODUCTS, "expected a map for products, found one for events"),
        ("products", "[1]", "found list"),
        ("products", "fields: {", "expected YAML"),
        ("products", PRODUCTS + "\ncolour: red", "colour: unknown field; expected one of kind, file"),
        ("products", "fields:\n  product_id: sku\n  title: {column: a, colum: b}", "line 3: fields.title.colum: unknown field"),
        ("products", "fields: {product_id: sku, title: 5}", "fields.title: Input should be a valid dictionary, found 5"),
        ("products", PRODUCTS + "\nduplicates: newest", "duplicates: Input should be 'last', 'first' or .*, found 'newest'"),
        ("products", "fields:\n  product_id: sku\n  title: a\n  title: b", "line 4: .*'title' a second time"),
        ("products", "fields: {product_id: sku, title: {column: a, constant: b}}", "expected exactly one of column"),
        ("products", "fields: {product_id: sku, title: {column: a, extract: '('}}", "expected a regular expression"),
        ("products", "fields: {product_id: sku, title: {column: a, extract: '(?<=a)b'}}", "look-around.* is not supported"),
        ("products", PRODUCTS + "\nrefuse: [{column: a, reason: b, matches: '(a)\\1'}]", "backreferences are not supported"),
        (
            "products",
            "fields: {product_id: sku, title: {column: a, replace: {'(a)(b)': '\\2 \\1'}}}",
            r"expected groups written as \$\{2\}, found '\\\\2'",
        ),
        (
            "products",
            "fields: {product_id: sku, title: {column: a, replace: {a: '$5 off'}}}",
            r"found '5'; write .* \$\$ for a",
        ),
        ("products", "fields: {product_id: sku, title: {template: '{title'}}", "expected columns in braces"),
        ("products", "fields: {product_id: sku, title: {template: '{} x'}}", "a column's name in every pair of braces"),
        ("products", "fields: [a, b]", "expected a mapping .* under `fields`"),
        ("products", PRODUCTS + "\nattributes: 3", "under `attributes` .* found int"),
        ("products", PRODUCTS + "\nfile: csv", "under `file` .* found str"),
        ("products", PRODUCTS + "\nrefuse: [{column: a, reason: b}]", "expected exactly one of matches"),
        ("products", "one_per: code\n" + PRODUCTS, "product_id to come from the column 'code'"),
        ("products", PRODUCTS + "\nidentity: [a]", "identity is for events"),
        ("events", "fields: {type: a, product_id: b, timestamp: c}", "user_id or session_id"),
        (
            "events",
            "fields: {type: a, product_id: b, timestamp: {column: c, timezone: Mars}, user_id: d}",
            "expected a time zone",
        ),
        ("judgements", "fields: {query: a, product_id: b, grade: {column: c, scale: [3, 1]}}", "from low to high"),
        ("judgements", "fields: {query: a, product_id: b, grade: c}\nattributes: {a: b}", "are for products"),
    ],
)
def test_an_invalid_map_names_what_is_wrong(tmp_path: Path, kind: Kind, text: str, message: str) -> None:
    with pytest.raises(MapInvalid, match=message):
        read_map(kind, in_file(tmp_path, text))


def test_a_flag_without_a_column_raises_map_invalid() -> None:
    with pytest.raises(MapInvalid, match="expected --set FIELD=COLUMN, found 'title'"):
        read_map("products", None, ["title"])


def test_a_missing_map_file_raises_map_invalid() -> None:
    with pytest.raises(MapInvalid, match=r"nowhere\.yaml"):
        read_map("products", Path("nowhere.yaml"))


def test_an_unknown_column_is_named_with_the_most_similar_one(tmp_path: Path) -> None:
    shop = tmp_path / "shop.csv"
    shop.write_text("sku,product_name,price\n1,Comb,2\n", "utf-8")
    with pytest.raises(
        MapInvalid, match=r"column 'ProductName', which .*did you mean 'product_name'.*'sku', 'product_name', 'price'"
    ):
        fits("products", read_map("products", None, ["product_id=sku", "title=ProductName"]), SourceFile.open(shop))


def test_json_objects_may_lack_keys_of_fields_that_are_not_required(tmp_path: Path) -> None:
    shop = tmp_path / "shop.jsonl"
    shop.write_text('{"sku": 1, "name": "Comb"}\n', "utf-8")
    flags = ["product_id=sku", "title=name", "price={column: sale, else: list}", "attributes.colour=color"]
    fits("products", read_map("products", None, flags), SourceFile.open(shop))
    with pytest.raises(MapInvalid, match=r"column 'nmae', which .*did you mean 'name'"):
        fits("products", read_map("products", None, [*flags, "title=nmae"]), SourceFile.open(shop))
    (tmp_path / "nothing.jsonl").write_text("", "utf-8")
    fits("products", read_map("products", None, flags), SourceFile.open(tmp_path / "nothing.jsonl"))
