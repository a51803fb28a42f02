"""Reads maps from YAML and from flags, and checks whether a map fits the kind of rows and the file."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from shelfwise.validation import sentence
from shelfwise_gateway.yaml_lines import LinedYaml
from shelfwise_pipeline.importing.errors import MapInvalid
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.fields import FIELDS, REQUIRED
from shelfwise_pipeline.importing.mapping.model import ColumnMap
from shelfwise_pipeline.importing.report import Kind


def read_map(
    kind: Kind, path: Path | None, flags: Iterable[str] = (), *, encoding: str | None = None, begun: str | None = None
) -> ColumnMap:
    """Return the map in the YAML file at `path` (or in the text `begun`), overridden by the flags.

    Flags look like `title=productDisplayName` and `attributes.colour=baseColour`.

    Raises MapInvalid.
    """
    text, where = begun or "", "the proposed map"
    if path is not None:
        where = str(path)
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MapInvalid(f"expected a map in YAML at {where!r}, found: {error}") from error
    try:
        written = LinedYaml(text)
    except ValueError as error:
        raise MapInvalid(f"the map {where!r} cannot be read: {error}") from error
    entries = written.value or {}
    if not isinstance(entries, Mapping):
        raise MapInvalid(f"expected a mapping with `fields` in {where!r}, found {type(entries).__name__}")
    merged: dict[str, Any] = dict(entries)
    for section in ("fields", "attributes", "file"):
        entry = entries.get(section) or {}
        if not isinstance(entry, Mapping):
            raise MapInvalid(f"expected a mapping (NAME: …) under `{section}` in {where!r}, found {type(entry).__name__}")
        merged[section] = dict(entry)
    for flag in flags:
        field, separator, value = flag.partition("=")
        if not separator or not field.strip() or not value.strip():
            raise MapInvalid(f"expected --set FIELD=COLUMN, found {flag!r}")
        section, _, name = field.strip().rpartition(".")
        if section not in ("", "attributes"):
            raise MapInvalid(f"expected --set FIELD=COLUMN or --set attributes.NAME=COLUMN, found {flag!r}")
        merged[section or "fields"][name] = _flag_value(value.strip())
    if encoding is not None:
        merged["file"]["encoding"] = encoding
    try:
        return checked(kind, ColumnMap.model_validate(merged), where)
    except ValidationError as error:
        first = "; ".join(
            (f"line {written.line_of(entry['loc'])}: " if text else "") + sentence(entry, ColumnMap)
            for entry in error.errors(include_url=False)[:5]
        )
        raise MapInvalid(f"the map {where!r} cannot be used: {first}") from error


def checked(kind: Kind, column_map: ColumnMap, where: str = "the map") -> ColumnMap:
    """Return the map if it is valid for this kind of rows. Raises MapInvalid."""
    if column_map.kind not in (None, kind):
        raise MapInvalid(f"expected a map for {kind}, found one for {column_map.kind} in {where!r}")
    shapes = FIELDS[kind]
    if kind == "products" and column_map.one_per and "product_id" not in column_map.fields:
        source = {"product_id": {"column": column_map.one_per}}
        column_map = ColumnMap.model_validate(
            {**column_map.model_dump(by_alias=True), "fields": {**_plain(column_map), **source}}
        )
    for field in column_map.fields:
        if field not in shapes:
            raise MapInvalid(f"expected the fields {', '.join(shapes)} in {where!r}, found {field!r}{_closest(field, shapes)}")
    if missing := REQUIRED[kind] - column_map.fields.keys():
        raise MapInvalid(
            f"expected {kind} with {', '.join(sorted(REQUIRED[kind]))}; {where!r} lacks {', '.join(sorted(missing))}"
        )
    if kind == "events" and not {"user_id", "session_id"} & column_map.fields.keys():
        raise MapInvalid(
            f"expected user_id or session_id (or both) in {where!r}, found neither; name the column of the shopper's id"
        )
    if kind != "products" and (column_map.attributes or column_map.one_per):
        raise MapInvalid(f"attributes and one_per are for products; {where!r} is for {kind}")
    if kind != "events" and column_map.identity:
        raise MapInvalid(f"identity is for events; {where!r} is for {kind}")
    if column_map.one_per and column_map.one_per not in column_map.fields["product_id"].used:
        raise MapInvalid(f"expected product_id to come from the column {column_map.one_per!r} that one_per names in {where!r}")
    if timed := [name for name, source in column_map.fields.items() if source.timeline and name != "timestamp"]:
        raise MapInvalid(f"timeline is only for the timestamp of events; {where!r} has one for {timed[0]!r}")
    return column_map


def fits(kind: Kind, column_map: ColumnMap, file: SourceFile) -> None:
    """Check that the file has every column that the map names; in JSON Lines, whose objects may lack keys, only those that
    every row needs. Raises MapInvalid."""
    named = _needed(kind, column_map) if file.format == "jsonl" else column_map.used
    if file.format == "jsonl" and not file.columns:
        return  # there are no rows
    for name in named:
        if name not in file.columns:
            raise MapInvalid(
                f"the map names the column {name!r}, which {str(file.path)!r} does not have{_closest(name, file.columns)}; "
                f"it has {', '.join(map(repr, file.columns))}"
            )


def _needed(kind: Kind, column_map: ColumnMap) -> list[str]:
    """Return the columns without which no row can be kept, or events cannot be distinguished."""
    sources = [source for field, source in column_map.fields.items() if field in REQUIRED[kind]]
    alternatives = {name for source in sources for name in source.otherwise}
    origins = [name for source in sources for name in source.used if name not in alternatives]
    return [*origins, *([column_map.one_per] if column_map.one_per else []), *(column_map.identity or [])]


def _plain(column_map: ColumnMap) -> dict[str, Any]:
    return {name: source.model_dump(by_alias=True) for name, source in column_map.fields.items()}


def _flag_value(value: str) -> Any:
    """Parse a flag's value: a column's name, several with commas in brackets, or an entry in YAML braces: {constant:
    purchase}."""
    if value[0] not in "{[":
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise MapInvalid(f"expected YAML after --set FIELD=, found {value!r}: {error}") from error


def _closest(name: str, known: Iterable[str]) -> str:
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f" (did you mean {by_lower[close[0]]!r}?)" if close else ""
