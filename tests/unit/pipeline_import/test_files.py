"""Files are read whatever their names, and every row keeps its line number."""

import gzip
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from shelfwise_pipeline.importing.errors import FileUnreadable
from shelfwise_pipeline.importing.files import FileOptions, RowProblem, SourceFile

ROWS = [("1", "Comb", "3.99"), ("2", 'Brush "Soft"; 9"', "1,50"), ("3", "two\nlines", None)]
CSV = 'id,name,price\n1,Comb,3.99\n2,"Brush ""Soft""; 9""","1,50"\n\n3,"two\nlines",\n'


def rows(
    path: Path, chunk: int = 50_000, options: FileOptions | None = None
) -> tuple[list[tuple[object, ...]], list[RowProblem]]:
    """Each row's line and values, and the problems."""
    chunks = list(SourceFile.open(path, options).chunks(chunk))
    found = [row for part in chunks for row in part.frame.select("line", pl.exclude("line", "__mended")).rows()]
    return found, [problem for part in chunks for problem in part.problems]


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("shop.csv", CSV.encode()),
        ("shop.csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("shop.csv", CSV.encode("utf-16")),
        ("shop.csv", CSV.replace("\n", "\r\n").replace("two\r\nlines", "two\nlines").encode()),
        ("shop.csv.gz", gzip.compress(CSV.encode())),
        ("shop.csv", gzip.compress(CSV.encode())),
        ("shop.tsv", CSV.replace(",Comb,", "\tComb\t").replace("2,", "2\t").replace(',"1,50"', '\t"1,50"')
            .replace('3,"', '3\t"').replace('",\n', '"\t\n').replace("id,name,price", "id\tname\tprice").encode()),
    ],
    ids=["plain", "bom", "utf16", "crlf", "gz", "gz-by-bytes", "tabs"],
)  # fmt: skip
def test_csv_files_of_any_encoding_give_the_same_rows_and_lines(tmp_path: Path, name: str, content: bytes) -> None:
    found, problems = rows(written(tmp_path, name, content))
    assert [row[1:] for row in found] == ROWS
    assert [row[0] for row in found] == [2, 3, 5]
    assert problems == []


def test_parquet_and_json_lines_give_the_same_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame(ROWS, schema=["id", "name", "price"], orient="row")
    frame.write_parquet(tmp_path / "shop.parquet")
    frame.write_ndjson(tmp_path / "shop")
    assert rows(tmp_path / "shop.parquet", 2)[0] == [(line, *row) for line, row in enumerate(ROWS, 1)]
    assert rows(tmp_path / "shop", 2)[0] == [(line, *row) for line, row in enumerate(ROWS, 1)]
    assert SourceFile.open(tmp_path / "shop").format == "jsonl"


def test_typed_values_become_text(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "id": [17850.0, None],
            "price": [2.5, float("nan")],
            "at": [datetime(2024, 1, 2, 3), None],
            "path": [["A", "B"], None],
            "line": [True, None],
        }
    ).write_parquet(tmp_path / "shop.parquet")
    ((_, *first), (_, *second)) = rows(tmp_path / "shop.parquet")[0]
    assert first == ["17850", "2.5", "2024-01-02 03:00:00.000000", '["A", "B"]', "true"]
    assert second == [None, "NaN", None, None, None]
    assert SourceFile.open(tmp_path / "shop.parquet").columns[-1] == "line_"


def test_values_of_every_other_type_become_text(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "took": pl.Series([timedelta(hours=1, seconds=1), None]),
            "raw": pl.Series([b"Cr\xe8me", "Crème".encode()]),
            "size": pl.Series([[1, 2], None], dtype=pl.Array(pl.Int64, 2)),
        }
    ).write_parquet(tmp_path / "shop.parquet")
    found, problems = rows(tmp_path / "shop.parquet")
    assert found == [(1, "PT1H1S", "Crème", "[1, 2]"), (2, None, "Crème", None)]
    assert [(problem.line, problem.rule, problem.action, problem.text) for problem in problems] == [
        (1, "row_latin1", "mended", "raw: Crème")
    ]
    (chunk,) = SourceFile.open(tmp_path / "shop.parquet").chunks()
    assert chunk.frame["__mended"].to_list() == [True, False]


def test_only_the_needed_columns_are_read(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["1"], "name": ["Comb"], "vector": [b"\xff"]}).write_parquet(tmp_path / "shop.parquet")
    (chunk,) = SourceFile.open(tmp_path / "shop.parquet").chunks(only=["name", "id", "name"])
    assert chunk.frame.columns == ["name", "id", "line", "__mended"]
    assert chunk.problems == []


@pytest.mark.parametrize("compression", ["zstd", "uncompressed"])
def test_a_damaged_parquet_page_raises_file_unreadable(tmp_path: Path, compression: Literal["zstd", "uncompressed"]) -> None:
    path = tmp_path / "shop.parquet"
    pl.DataFrame({"name": [f"Comb {number}" for number in range(1000)]}).write_parquet(path, compression=compression)
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(content)
    with pytest.raises(FileUnreadable, match=r"expected .*shop\.parquet' to be complete"):
        rows(path)


def test_nested_json_objects_are_flattened_and_broken_lines_refused(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": 7, "price": {"amount": 2.0, "currency": "EUR"}, "path": ["A"]}),
        "[1]",
        "",
        '{"id": ',
        '{"id": "8"}',
    ]
    found, problems = rows(written(tmp_path, "shop.ndjson", "\n".join(lines).encode()))
    assert found == [(1, "7", "2", "EUR", '["A"]'), (5, "8", None, None, None)]
    assert [(problem.line, problem.rule, problem.action) for problem in problems] == [
        (2, "row_json", "refused"),
        (4, "row_json", "refused"),
    ]


def test_half_an_emoji_is_replaced_and_its_line_reported(tmp_path: Path) -> None:
    lines = [
        r'{"id": "1", "name": "cut \ud83d"}',
        r'{"id": "2", "name": "\ud83d\ude00"}',
        r'{"id": "3", "n\ude00": ["\ud83d"]}',
    ]
    found, problems = rows(written(tmp_path, "shop.jsonl", "\n".join(lines).encode()))
    assert found == [(1, "1", "cut �", None), (2, "2", "😀", None), (3, "3", None, '["�"]')]
    assert SourceFile.open(tmp_path / "shop.jsonl").columns == ("id", "name", "n�")
    assert [(problem.line, problem.rule, problem.action) for problem in problems] == [
        (1, "row_half", "mended"),
        (3, "row_half", "mended"),
    ]


def test_a_line_that_is_not_utf8_is_read_as_latin1(tmp_path: Path) -> None:
    content = "id,name\n1,Crème\n".encode() + "2,Brûlée €\n".encode("cp1252") + b"3,\x81\n"
    found, problems = rows(written(tmp_path, "shop.csv", content))
    assert [row[2] for row in found] == ["Crème", "Brûlée €", "\x81"]
    assert [(problem.line, problem.action) for problem in problems] == [(3, "mended"), (4, "mended")]
    marked = next(SourceFile.open(tmp_path / "shop.csv").chunks()).frame["__mended"]
    assert marked.to_list() == [False, True, True]


def test_a_named_encoding_is_obeyed(tmp_path: Path) -> None:
    path = written(tmp_path, "shop.csv", "id,name\n1,Brûlée\n".encode("latin-1"))
    assert rows(path, options=FileOptions(encoding="latin-1")) == ([(2, "1", "Brûlée")], [])
    with pytest.raises(FileUnreadable, match="expected text in utf-8"):
        rows(path, options=FileOptions(encoding="utf-8"))
    with pytest.raises(FileUnreadable, match="found 'klingon'"):
        rows(path, options=FileOptions(encoding="klingon"))


def test_stray_quotes_cost_no_other_row(tmp_path: Path) -> None:
    content = 'id,name,price\n1,Comb,1\n2,"Brush,2\n3,Soap,3\n4,"fine, ""x""\ny",4\n5,Lamp,5\n6,"Mat\n7,"3" nail",7\n'
    found, problems = rows(written(tmp_path, "shop.csv", content.encode()))
    assert [(problem.line, problem.rule, problem.action, problem.text) for problem in problems] == [
        (3, "row_quotes", "mended", '2,"Brush,2'),
        (8, "row_fields", "refused", '6,"Mat'),
        (9, "row_quotes", "mended", '7,"3" nail",7'),
    ]
    assert found == [
        (2, "1", "Comb", "1"),
        (3, "2", '"Brush', "2"),
        (4, "3", "Soap", "3"),
        (5, "4", 'fine, "x"\ny', "4"),
        (7, "5", "Lamp", "5"),
        (9, "7", '3" nail', "7"),
    ]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ('id,"Name" (en),price', ("id", '"Name" (en)', "price")),
        ('id,"Name,price', ("id", '"Name', "price")),
        ('id,"Name\nlong, in English",price', ("id", "Name\nlong, in English", "price")),
    ],
)
def test_stray_quotes_in_the_header_cost_no_row(tmp_path: Path, header: str, columns: tuple[str, ...]) -> None:
    path = written(tmp_path, "shop.csv", (header + "\n" + "1,Comb,3\n" * 20_000).encode())
    assert SourceFile.open(path).columns == columns
    found, problems = rows(path)
    assert (len(found), problems) == (20_000, [])
    assert found[0] == (2 + header.count("\n"), "1", "Comb", "3")


def test_an_unclosed_quote_in_a_large_file_costs_no_other_row(tmp_path: Path) -> None:
    content = 'id,name\n0,a,"Brush\n' + "".join(f"{number},{'x' * 100}\n" for number in range(1, 3000))
    found, problems = rows(written(tmp_path, "shop.csv", content.encode()), 1000)
    assert [(problem.line, problem.action) for problem in problems] == [(2, "refused")]
    assert [row[:2] for row in found] == [(number + 2, str(number)) for number in range(1, 3000)]


def test_rows_with_another_number_of_fields_are_reported(tmp_path: Path) -> None:
    found, problems = rows(written(tmp_path, "shop.csv", b"id,name\n1,Comb\n2\n3,a,b\n"))
    assert [row[1] for row in found] == ["1"]
    assert [(problem.line, problem.text) for problem in problems] == [(3, "2"), (4, "3,a,b")]


@pytest.mark.parametrize("delimiter", [";", "|", "\t"])
def test_delimiters_are_detected(tmp_path: Path, delimiter: str) -> None:
    content = "id,name,price\n1,Comb,3\n2,Soap,4\n".replace(",", delimiter).replace("Comb", "Comb, black")
    assert rows(written(tmp_path, "shop.txt", content.encode()))[0] == [(2, "1", "Comb, black", "3"), (3, "2", "Soap", "4")]


def test_unnamed_and_repeated_columns_get_names_of_their_own(tmp_path: Path) -> None:
    path = written(tmp_path, "shop.csv", b",name, name ,line\n1,a,b,c\n")
    assert SourceFile.open(path).columns == ("column_1", "name", "name.2", "line_")
    bare = FileOptions(header=False)
    assert SourceFile.open(path, bare).columns == ("column_1", "column_2", "column_3", "column_4")
    assert [row[0] for row in rows(path, options=bare)[0]] == [1, 2]


def test_carriage_returns_alone_end_lines(tmp_path: Path) -> None:
    assert rows(written(tmp_path, "shop.csv", b"id,name\r1,Comb\r2,Soap\r"))[0] == [(2, "1", "Comb"), (3, "2", "Soap")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("shop.csv", b"PK\x03\x04...", "a ZIP archive or an Excel workbook"),
        ("shop.json", b'[{"id": 1}]', "a JSON array"),
        ("shop.csv", b"", "is it empty"),
        ("shop.parquet", b"PAR1 but no more", "expected a Parquet file"),
        ("shop.csv.gz", gzip.compress(CSV.encode() * 100)[:-20], "complete"),
    ],
)
def test_the_error_for_an_unreadable_file_says_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(FileUnreadable, match=message):
        rows(written(tmp_path, name, content))


@pytest.mark.parametrize(("name", "place"), [("shop.csv.gz", 0), ("shop.csv.gz", -1), ("shop.jsonl.gz", -1)])
def test_a_damaged_gzip_file_raises_file_unreadable(tmp_path: Path, name: str, place: int) -> None:
    """Damage in its first bytes hinders opening it, damage in its last ones reading it."""
    draw = random.Random(1)
    content = bytearray(gzip.compress("".join(f'{{"id": "{draw.random()}"}}\n' for _ in range(50_000)).encode()))
    damaged = range(20, 60) if place == 0 else range(len(content) - 60, len(content) - 20)
    for byte in damaged:
        content[byte] ^= 0xFF
    with pytest.raises(FileUnreadable, match="complete"):
        rows(written(tmp_path, name, bytes(content)))


def test_a_missing_file_raises_file_unreadable() -> None:
    with pytest.raises(FileUnreadable, match="No such file"):
        SourceFile.open(Path("nowhere.csv"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["shop.csv", "shop.jsonl"])
def test_utf16_without_a_byte_order_mark_must_be_given_as_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / name
    text = "sku,name\n1,Comb\n" if name == "shop.csv" else '{"sku": 1, "name": "Comb"}\n'
    path.write_bytes(text.encode(encoding))
    with pytest.raises(FileUnreadable, match=f"UTF-16 without a byte order mark: name its encoding .{encoding}"):
        SourceFile.open(path)
    assert SourceFile.open(path, FileOptions(encoding=encoding)).columns == ("sku", "name")
