"""Proposes a map, from the names of a file's columns and from a sample of its values."""

from typing import Any

import polars as pl

from shelfwise_pipeline.importing.errors import FileUnreadable
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping import propose_products
from shelfwise_pipeline.importing.mapping.decimals import Proofs
from shelfwise_pipeline.importing.mapping.evidence import ACCEPTED, ENOUGH, Evidence
from shelfwise_pipeline.importing.mapping.fields import FIELDS, NUMBERS, REQUIRED
from shelfwise_pipeline.importing.mapping.going_on import GoingOn
from shelfwise_pipeline.importing.mapping.model import NULLS
from shelfwise_pipeline.importing.mapping.names import (
    HIDDEN,
    KINDS_OF_EVENTS,
    LABELS,
    LINE_VALUE,
    NAMES,
    OF_ORDERS,
    TYPES,
    UNIT_PRICE,
    WHOLE_ORDER,
    likeness,
    normal,
)
from shelfwise_pipeline.importing.mapping.render import columns_of, rendered
from shelfwise_pipeline.importing.mapping.texts import nulled
from shelfwise_pipeline.importing.mapping.times import slashed_format
from shelfwise_pipeline.importing.report import Kind

LEAST_LIKENESS = 0.25
SHOWN = {"true": "no", "false": "yes", "1": "no", "0": "yes"}
"""Whether a product is offered, by whether it is hidden."""
FEWEST_TEXTS = 20
"""A column with fewer distinct texts has labels, not titles or queries."""


def propose(kind: Kind, file: SourceFile) -> str:
    """Return the map as YAML. A required field that no column fits is left out and named in a comment.

    Raises FileUnreadable if there are no rows.
    """
    sample = file.sample()
    if sample.is_empty():
        expected = f"expected rows in {str(file.path)!r} to propose a column map from, found none"
        if wrong := file.no_rows():
            raise FileUnreadable(f"{expected} that can be read; line {wrong[0].line}: {wrong[0].reason}")
        raise FileUnreadable(f"{expected}; check the export, or name a map with --map to allow a file without rows")
    sample = sample.select(nulled(sample.columns, list(NULLS)))
    return Proposal(kind, sample).yaml(file)


class Proposal:
    """The assignment of columns to fields, for one sample."""

    def __init__(self, kind: Kind, sample: pl.DataFrame) -> None:
        self._kind = kind
        self._columns = {name: Evidence(sample[name]) for name in sample.columns}
        self._chosen = self._by_name()
        self._by_values()
        self.entries = self._entries()

    def yaml(self, file: SourceFile) -> str:
        missing = sorted(REQUIRED[self._kind] - self.entries["fields"].keys())
        return rendered(self.entries, file, {name: column.values for name, column in self._columns.items()}, missing)

    def _by_name(self) -> dict[str, str]:
        """Map fields to columns, the surest pairs first; a column is used once."""
        pairs = [
            (score, field, column)
            for field, known in NAMES[self._kind].items()
            for column, evidence in self._columns.items()
            if (score := likeness(column, known)) >= LEAST_LIKENESS
            and ACCEPTED[field](evidence)
            and not (field == "value" and self._is_an_orders(column))
        ]
        chosen: dict[str, str] = {}
        required = REQUIRED[self._kind]

        def surest(pair: tuple[float, str, str]) -> tuple[float, bool]:
            score, field, column = pair
            # An id that some products lack does not identify products.
            return -score * (self._columns[column].filled if field == "product_id" else 1.0), field not in required

        for _, field, column in sorted(pairs, key=surest):
            if field not in chosen and column not in chosen.values():
                chosen[field] = column
        if self._kind == "products" and "title" not in chosen and "description" in chosen:
            chosen["title"] = chosen.pop("description")
        return chosen

    def _is_an_orders(self, total: str) -> bool:
        name, others = normal(total), {normal(column) for column in self._columns}
        return bool(WHOLE_ORDER & set(name.split("_")) or (name not in LINE_VALUE and OF_ORDERS & others))

    def _by_values(self) -> None:
        """Assign required fields and images to columns with unusual names. Without a column for the type, clicks would become
        purchases."""
        wanted = [*sorted(REQUIRED[self._kind]), *(["image_url"] if self._kind == "products" else [])]
        for field in wanted:
            free = {name: found for name, found in self._columns.items() if name not in self._chosen.values()}
            if field in self._chosen or field == "grade" or not free:
                continue
            fitting = {name: found for name, found in free.items() if found.filled >= ENOUGH and ACCEPTED[field](found)}
            if field == "type":
                fitting = {name: found for name, found in free.items() if _holds_types(found)}
            if field in ("title", "query"):
                fitting = {name: found for name, found in fitting.items() if found.distinct > FEWEST_TEXTS}
            if field == "image_url":
                fitting = {name: found for name, found in fitting.items() if found.is_image()}
            elif field == "product_id":
                fitting = {name: found for name, found in fitting.items() if found.distinct_share > propose_products.MANY_LINES}
            if fitting:
                longest = field in ("title", "query")
                self._chosen[field] = max(
                    fitting, key=lambda name: (fitting[name].distinct_share, longest * fitting[name].length)
                )

    def _entries(self) -> dict[str, Any]:
        fields: dict[str, Any] = {field: self._chosen[field] for field in NAMES[self._kind] if field in self._chosen}
        for field in ("timestamp", "created_at"):
            if field in fields and (form := slashed_format(self._columns[fields[field]].values)):
                fields[field] = {"column": fields[field], "formats": [form]}
        entries: dict[str, Any] = {"kind": self._kind, "fields": fields}
        if self._kind == "events":
            self._complete_event(fields)
        elif self._kind == "judgements":
            self._complete_grade(fields)
        else:
            self._complete_product(fields, entries)
        for field, source in fields.items():
            if FIELDS[self._kind][field] in NUMBERS:
                fields[field] = self._with_decimal(source)
        return entries

    def _with_decimal(self, source: Any) -> Any:
        """Return a number's entry with the decimal sign, if its columns prove a comma. Without it a point is assumed."""
        entry: dict[str, Any] = {"column": source} if isinstance(source, str) else source
        proofs = Proofs()
        for name in columns_of(source):
            proofs |= self._columns[name].proofs
        return entry | {"decimal": ","} if proofs.decimal == "," else source

    def _complete_product(self, fields: dict[str, Any], entries: dict[str, Any]) -> None:
        columns, used = self._columns, set(self._chosen.values())
        if "price" in fields:
            fields["price"] = propose_products.price(columns, fields["price"])
            if "currency" not in fields and (said := propose_products.currency(columns, fields["price"])):
                fields["currency"] = said
            used.update(fields["price"].values() if isinstance(fields["price"], dict) else ())
        if "image_url" in fields:
            fields["image_url"] = propose_products.image(columns, fields["image_url"])
        hidden = next((name for name, column in columns.items() if normal(name) in HIDDEN and column.is_truth()), None)
        if hidden is not None and "in_stock" not in fields:
            fields["in_stock"] = {"column": hidden, "case": "lower", "values": SHOWN}
            used.add(hidden)
        path, steps = propose_products.category(columns, used)
        if path is not None:
            fields["category"] = path
        identity = fields.get("product_id")
        going_on = GoingOn.found(columns, fields.get("title"))
        if going_on is not None:
            used.add(going_on.by)
            entries |= going_on.completed(columns, fields)
        elif identity and columns[identity].distinct_share < propose_products.MANY_LINES:
            entries["one_per"] = identity
        labels = propose_products.attributes(columns, used.union(steps))
        if labels and "one_per" not in entries:
            entries["attributes"] = labels
        if going_on is not None and "one_per" not in entries:
            entries["fill"] = going_on.filled(columns, fields, labels)

    def _complete_event(self, fields: dict[str, Any]) -> None:
        if column := fields.get("type"):
            known = {value: TYPES.get(normal(value)) for value in self._columns[column].values.unique().sort()}
            if not any(known.values()) and normal(column) not in KINDS_OF_EVENTS:
                fields.pop("type")
            else:
                fields["type"] = {
                    "column": column,
                    "values": {value: kind for value, kind in known.items() if kind and kind != value},
                }
        fields.setdefault("type", {"constant": "purchase"})
        prices = [name for name in self._columns if normal(name) in UNIT_PRICE]
        is_told = "value" in fields and normal(fields["value"]) in LINE_VALUE
        if not is_told and "quantity" in fields and prices:
            fields["value"] = {"multiply": [fields["quantity"], prices[0]]}

    def _complete_grade(self, fields: dict[str, Any]) -> None:
        if (column := fields.get("grade")) is None:
            return
        evidence = self._columns[column]
        if not evidence.is_number():
            labels = {value: LABELS.get(normal(value)) for value in evidence.values.unique().sort()}
            fields["grade"] = {
                "column": column,
                "values": {value: grade for value, grade in labels.items() if grade is not None},
            }
            return
        grades = sorted({grade for grade in evidence.numbers if grade is not None}, reverse=True)
        if len(grades) <= 4 and not 0 <= grades[-1] <= grades[0] <= 3:
            fields["grade"] = {"column": column, "values": {f"{grade:g}": 3 - place for place, grade in enumerate(grades)}}
            return
        low, high = float(evidence.numbers.min() or 0.0), float(evidence.numbers.max() or 0.0)  # type: ignore[arg-type]
        if (low < 0 or low >= 1 or high > 3) and low < high:
            fields["grade"] = {"column": column, "scale": [low, high]}


def _holds_types(column: Evidence) -> bool:
    return column.filled >= ENOUGH and all(normal(value) in TYPES for value in column.values.unique())
