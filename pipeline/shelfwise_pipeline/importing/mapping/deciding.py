"""Numbers whose decimal sign the map leaves open: it is decided for the whole file before the first number that depends on it
is read."""

from collections.abc import Sequence

import polars as pl

from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.decimals import Proofs, doubtful, proofs, proved, taken_for_a_fraction
from shelfwise_pipeline.importing.mapping.fields import FIELDS, NUMBERS
from shelfwise_pipeline.importing.mapping.model import ColumnMap, FieldSource, Refusal
from shelfwise_pipeline.importing.mapping.texts import nulled, text
from shelfwise_pipeline.importing.report import Kind

OTHER = {".": ",", ",": "."}
SAY = "the map can decide: decimal: ','"


class DecimalSigns:
    """Decides for one file. `map`: the map to read its rows with; `decided`: the fields whose sign the file determined."""

    def __init__(self, kind: Kind, column_map: ColumnMap, file: SourceFile) -> None:
        self.map = column_map
        self.decided: frozenset[str] = frozenset()
        self._file = file
        self._fields = {
            name: _written(source)
            for name, source in column_map.fields.items()
            if FIELDS[kind][name] in NUMBERS and source.constant is None
        }
        # Fields by name, refusals by index.
        self._open: dict[str | int, Sequence[pl.Expr]] = {
            name: texts for name, texts in self._fields.items() if column_map.fields[name].decimal is None
        }
        self._open |= {place: [pl.col(refusal.column)] for place, refusal in enumerate(column_map.refuse) if _is_open(refusal)}
        self._proofs: dict[str | int, Proofs] | None = None

    def look(self, raw: pl.DataFrame) -> None:
        """Look at rows before they are read. If one of them is doubtful, the file is read once more, and at most once.

        Numbers that are not doubtful are read the same whatever the others prove, so earlier rows were read correctly.
        """
        if self._proofs is not None:
            return
        doubts = [doubtful(written) for texts in self._open.values() for written in texts]
        if doubts and raw.select(pl.any_horizontal(doubts).any()).item():
            self._decide()

    def noted(self, field: str) -> tuple[pl.Expr, str] | None:
        """Return which rows' numbers of a field may mean something else, over a file's columns, and why; None if none do."""
        if field not in self._fields:
            return None
        texts, decimal = self._fields[field], self.map.fields[field].decimal
        if field not in self._open:
            reason = f"the map says that {decimal!r} is the decimal separator, and this number has the other one"
            return pl.any_horizontal([proved(written) == OTHER[str(decimal)] for written in texts]), reason
        found = None if self._proofs is None else self._proofs[field]
        if found is None or found.decimal is not None:
            return None
        if found.comma:
            reason = f"some rows show a decimal comma, others a decimal point, so each is read by itself, 1.299 as 1.3; {SAY}"
            return pl.any_horizontal([doubtful(written) | (proved(written) == ",") for written in texts]), reason
        reason = f"a decimal separator or one of thousands? No row shows it; read as a decimal separator ({SAY})"
        return pl.any_horizontal([taken_for_a_fraction(written) for written in texts]), reason

    def _decide(self) -> None:
        found = dict.fromkeys(self._open, Proofs())
        columns = [*dict.fromkeys(self.map.used)]
        for chunk in self._file.chunks(only=columns):
            raw = chunk.frame.with_columns(nulled(columns, self.map.null_values))
            for key, texts in self._open.items():
                for written in texts:
                    found[key] |= proofs(raw.select(written.alias("text"))["text"])
        self._proofs = found
        signs = {key: {"decimal": proof.decimal} for key, proof in found.items() if proof.decimal == ","}
        fields = {
            name: source.model_copy(update=signs[name]) if name in signs else source for name, source in self.map.fields.items()
        }
        refuse = [
            refusal.model_copy(update=signs[place]) if place in signs else refusal
            for place, refusal in enumerate(self.map.refuse)
        ]
        self.decided = frozenset(fields) & signs.keys()
        self.map = self.map.model_copy(update={"fields": fields, "refuse": refuse})


def _written(source: FieldSource) -> list[pl.Expr]:
    """Return the texts that are read as numbers, over a file's columns. The factors of a product are assumed to be written
    alike."""
    return [text(source)] if source.multiply is None else [pl.col(name) for name in source.multiply]


def _is_open(refusal: Refusal) -> bool:
    return refusal.decimal is None and (refusal.below is not None or refusal.above is not None)
