"""The canonical columns: the format of products, events and judgements between readers, importer and build."""

import polars as pl

from shelfwise_pipeline.errors import PipelineError

UTC_TIME = pl.Datetime("us", "UTC")

PRODUCT_COLUMNS = pl.Schema(
    {
        "product_id": pl.String(),
        "title": pl.String(),
        "description": pl.String(),
        "brand": pl.String(),
        "category": pl.List(pl.String()),  # broad to narrow
        "price": pl.Float64(),
        "currency": pl.String(),  # ISO 4217
        "image_url": pl.String(),
        "rating": pl.Float64(),
        "rating_count": pl.Int32(),
        "in_stock": pl.Boolean(),
        "attributes": pl.String(),  # a JSON object, text to text
        "variant_group": pl.String(),
        "created_at": UTC_TIME,
    }
)

EVENT_COLUMNS = pl.Schema(
    {
        "event_id": pl.String(),
        "type": pl.String(),
        "product_id": pl.String(),
        "user_id": pl.String(),
        "session_id": pl.String(),
        "timestamp": UTC_TIME,
        "quantity": pl.Int32(),
        "value": pl.Float64(),  # of the whole line, not of one piece
        "request_id": pl.String(),
        "position": pl.Int32(),  # from 1
    }
)

JUDGEMENT_COLUMNS = pl.Schema(
    {
        "query": pl.String(),
        "product_id": pl.String(),
        "grade": pl.Float64(),  # 0 (irrelevant) to 3 (exactly what was asked for)
    }
)

LINE = "line"
"""The origin of a row: its line in the shop's file, or its place in the frame, from 1."""

MENDED = "__mended"
"""Whether a reader or a rule has already changed a value of the row. Optional in a frame."""


class ColumnError(PipelineError):
    """A frame's columns are not the canonical ones."""


def conform(frame: pl.DataFrame, columns: pl.Schema, required: frozenset[str], first_line: int = 1) -> pl.DataFrame:
    """Return the frame with exactly the canonical columns, `line` and, if it had it, MENDED; absent optional columns become
    null.

    A value that does not fit its column's type (text in a price) raises: readers convert and report, frames are typed. Times
    without a zone are taken as UTC. Raises ColumnError.
    """
    unknown = [name for name in frame.columns if name not in columns and name not in (LINE, MENDED)]
    missing = sorted(required - set(frame.columns))
    if unknown or missing:
        raise ColumnError(
            f"expected the columns {list(columns)}, of which {sorted(required)} are required; "
            f"found unknown {unknown}, missing {missing}; rename, add or drop columns"
        )
    if LINE not in frame.columns:
        frame = frame.with_row_index(LINE, offset=first_line)
    values = [
        _typed(frame, name, dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in columns.items()
    ]
    _refuse_fractions(frame, columns)
    flags = [name for name in (MENDED,) if name in frame.columns]
    try:
        return frame.select(pl.col(LINE).cast(pl.Int64), *flags, *values)
    except pl.exceptions.PolarsError as error:
        raise ColumnError(f"expected the types {dict(columns)}, found {dict(frame.schema)}: {error}") from error


def _refuse_fractions(frame: pl.DataFrame, columns: pl.Schema) -> None:
    """Raise ColumnError for fractions, because a cast would silently cut 1.5 pieces to 1."""
    for name, dtype in columns.items():
        if dtype.is_integer() and name in frame.columns and frame.schema[name].is_float():
            fractions = frame.select(pl.col(name).filter(pl.col(name) % 1 != 0))[name]
            if not fractions.is_empty():
                raise ColumnError(
                    f"expected whole numbers in the column {name!r}, found {fractions[0]!r} and {fractions.len() - 1} more; "
                    "round them or leave them out"
                )


def _typed(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    found = frame.schema[name]
    if dtype == UTC_TIME and isinstance(found, pl.Datetime):
        moment = pl.col(name) if found.time_zone else pl.col(name).dt.replace_time_zone("UTC")
        return moment.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    return pl.col(name).cast(dtype)
