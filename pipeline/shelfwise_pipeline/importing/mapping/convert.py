"""Executes a map: turns a file's rows into canonical rows, with a finding for every value that had to be guessed."""

from collections.abc import Iterator

import polars as pl

from shelfwise.contracts.base import MOST_WHOLE
from shelfwise_pipeline.grades import BEST_GRADE
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, JUDGEMENT_COLUMNS, LINE, MENDED, PRODUCT_COLUMNS
from shelfwise_pipeline.importing.files import RawChunk, SourceFile
from shelfwise_pipeline.importing.mapping.attributes import attributes
from shelfwise_pipeline.importing.mapping.deciding import DecimalSigns
from shelfwise_pipeline.importing.mapping.event_ids import DEFAULT_IDENTITY, EventIds
from shelfwise_pipeline.importing.mapping.fields import FIELDS, NUMBERS, REQUIRED, Shape
from shelfwise_pipeline.importing.mapping.filling import Filled
from shelfwise_pipeline.importing.mapping.model import ColumnMap, FieldSource
from shelfwise_pipeline.importing.mapping.numbers import is_plain, number
from shelfwise_pipeline.importing.mapping.paths import path, path_rule
from shelfwise_pipeline.importing.mapping.refusing import refusal_rules
from shelfwise_pipeline.importing.mapping.texts import nulled, text
from shelfwise_pipeline.importing.mapping.timeline import TIME, OrderTimes
from shelfwise_pipeline.importing.mapping.times import time
from shelfwise_pipeline.importing.mapping.truths import truth
from shelfwise_pipeline.importing.report import ImportReport, Kind
from shelfwise_pipeline.importing.rules import Rule, check

COLUMNS: dict[Kind, pl.Schema] = {"products": PRODUCT_COLUMNS, "events": EVENT_COLUMNS, "judgements": JUDGEMENT_COLUMNS}
READ = "__read_"
"""Prefix of a field's name: the value that its text was understood as."""
NOTED = "__noted_"
"""Prefix of a field's name: whether its number may mean something else."""


class Converter:
    """Converts one file. Raises FileUnreadable while the file is read."""

    def __init__(self, kind: Kind, column_map: ColumnMap, file: SourceFile) -> None:
        self._kind = kind
        self._map = column_map
        self._file = file
        self._shapes = FIELDS[kind]
        self._columns = COLUMNS[kind]
        timeline = column_map.fields["timestamp"].timeline if kind == "events" else None
        self._orders = None if timeline is None else OrderTimes(timeline, file, column_map.null_values)
        self._ids = EventIds()
        self._signs = DecimalSigns(kind, column_map, file)
        self._filled = Filled(column_map.fill) if column_map.fill else None

    def frames(self, report: ImportReport) -> Iterator[pl.DataFrame]:
        """Yield the file's rows with canonical columns, `line` and MENDED. Rows refused on the way are counted as read."""
        # Only JSON objects may lack a key. Which columns no object has is known at the end.
        unseen = [name for name in dict.fromkeys(self._map.used) if name not in self._file.columns]
        for chunk in self._file.chunks(only=self._map.used):
            unseen = [name for name in unseen if chunk.frame[name].null_count() == chunk.frame.height]
            yield self._converted(chunk, report)
        if self._file.columns:
            for name in unseen:
                nowhere = pl.DataFrame(schema={"line": pl.Int64, "value": pl.String})
                report.found(
                    f"column_unseen_{name}", name, "noted", "the map names it, and no object has a value for it", nowhere
                )

    def _converted(self, chunk: RawChunk, report: ImportReport) -> pl.DataFrame:
        chunk.report_problems(report)
        raw = chunk.frame.with_columns(nulled([*dict.fromkeys(self._map.used)], self._map.null_values))
        if self._filled is not None:
            raw = self._filled.next(raw)
        self._signs.look(raw)
        self._map = self._signs.map
        if self._orders is not None:
            raw = self._orders.timed(raw)
        fields = {name: source for name, source in self._map.fields.items() if self._shapes[name] is not Shape.PATH}
        rows = raw.with_columns(self._text(name, source).alias(f"__text_{name}") for name, source in fields.items())
        rows = rows.with_columns(
            path(source).alias(f"__text_{name}") for name, source in self._map.fields.items() if name not in fields
        )
        rows = self._with_own(raw, rows)
        doubts = {name: doubt for name in fields if (doubt := self._signs.noted(name)) is not None}
        rows = rows.with_columns(doubted.alias(f"__text_{NOTED}{name}") for name, (doubted, _) in doubts.items())
        # Equal events are numbered before any row is refused: rules may change, ids may not.
        wanted = check(refusal_rules(self._map.refuse), rows, report)
        own = [name for name in wanted.columns if name.startswith("__text_")]
        wanted = wanted.select(LINE, MENDED, *(pl.col(name).alias(name.removeprefix("__text_")) for name in own))
        wanted = wanted.with_columns(self._understood(name, source) for name, source in fields.items() if self._is_typed(name))
        rules = [rule for name in fields if self._is_typed(name) for rule in self._rules(name)]
        rules += [
            Rule(f"{name}_decimal", name, reason, pl.col(NOTED + name), keep=True) for name, (_, reason) in doubts.items()
        ]
        rules += [path_rule(name) for name in self._map.fields if name not in fields]
        kept = check(rules, wanted, report)
        lost = raw.height - kept.height
        report.read += lost
        report.refused += lost
        return kept.select(LINE, MENDED, *(self._typed(name) for name in self._columns if name in kept.columns))

    def _with_own(self, raw: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with the values made from whole rows: attributes of products, ids of events without one."""
        if self._kind == "products" and self._map.attributes:
            return rows.with_columns(attributes(raw, self._map.attributes).alias("__text_attributes"))
        if self._kind == "events" and "event_id" not in self._map.fields:
            if self._map.identity:
                identity = raw.select(list(dict.fromkeys(self._map.identity)))
            else:
                identity = rows.select(self._identifying(name) for name in DEFAULT_IDENTITY if name in self._map.fields)
            return rows.with_columns(self._ids.ids(identity).alias("__text_event_id"))
        return rows

    def _identifying(self, name: str) -> pl.Expr:
        """A field as it goes into an event's id: the moment rather than the way an export writes it."""
        written, source = pl.col(f"__text_{name}").str.strip_chars(), self._map.fields[name]
        if self._shapes[name] is not Shape.TIME:
            return written
        moment = time(written, source.formats, source.unit, source.timezone)
        return pl.coalesce(moment.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ"), written)

    def _text(self, name: str, source: FieldSource) -> pl.Expr:
        if source.timeline is not None:
            return pl.col(TIME).dt.to_string("%Y-%m-%d %H:%M:%S+00:00")
        return text(source)

    def _is_typed(self, name: str) -> bool:
        return self._shapes[name] not in (Shape.TEXT, Shape.PATH)

    def _understood(self, name: str, source: FieldSource) -> pl.Expr:
        column, shape = pl.col(name), self._shapes[name]
        value: pl.Expr
        if shape is Shape.TIME:
            value = time(column, source.formats, source.unit, source.timezone)
        elif shape is Shape.TRUTH:
            value = truth(column)
        else:
            # A product's factors were read as the map says; the product itself is written with a decimal point.
            value = number(column, None if source.multiply else source.decimal)
            if source.scale is not None:
                low, high = source.scale
                value = ((value - low) / (high - low) * BEST_GRADE).round(6)
        return value.alias(READ + name)

    def _rules(self, name: str) -> list[Rule]:
        """Rules on the text of a field and its parsed value. The text stays, because the report shows it."""
        column, read, shape = pl.col(name), pl.col(READ + name), self._shapes[name]
        said = column.str.strip_chars() != ""
        unknown = None if name in REQUIRED[self._kind] else pl.lit(None)
        reason = f"not a {shape}; " + ("refused, because the field is required" if unknown is None else "taken as unknown")
        if shape is Shape.TIME:
            reason += " (the map may name its format: formats: ['%d/%m/%Y %H:%M'])"
        rules = [Rule(f"{name}_unreadable", name, reason, said & read.is_null(), unknown)]
        if shape in NUMBERS:
            source = self._map.fields[name]
            written = "written with signs or separators; read as a number"
            signed = ~is_plain(column)
            if name in self._signs.decided:
                written += ", with a decimal comma, as other rows show"
            if source.decimal == "," and source.multiply is None:
                signed |= column.str.contains(".", literal=True)
            rules.append(Rule(f"{name}_written", name, written, read.is_not_null() & signed, column))
        if shape is Shape.WHOLE:
            beyond = f"not a whole number up to {MOST_WHOLE:,}; taken as unknown"
            rules.append(Rule(f"{name}_beyond", name, beyond, read > MOST_WHOLE, pl.lit(None)))
            rules.append(
                Rule(f"{name}_fraction", name, "not a whole number; rounded", read.is_finite() & (read % 1 != 0), column)
            )
        return rules

    def _typed(self, name: str) -> pl.Expr:
        if name not in self._shapes or not self._is_typed(name):
            return pl.col(name)
        read = pl.col(READ + name)
        if self._shapes[name] is Shape.WHOLE:
            # However negative, it stays negative: it may be a return.
            read = read.clip(lower_bound=-MOST_WHOLE - 1)
            read = pl.when(read.is_finite()).then(read.round()).cast(self._columns[name], strict=False)
        return read.alias(name)
