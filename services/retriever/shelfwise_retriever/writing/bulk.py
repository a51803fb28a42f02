"""Writes many products in one call: NDJSON in, one report per line out."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import NamedTuple

from pydantic import ValidationError

from shelfwise.contracts.product_write import MAX_LINE_BYTES, MAX_LINES, BulkSummary, LineReport, ProductLine
from shelfwise.errors import BodyTooLarge, InvalidRequest, ShelfwiseError
from shelfwise.validation import refused
from shelfwise_retriever.writing.merging import Write
from shelfwise_retriever.writing.writer import Outcome, Writer

_AT_ONCE = 256


class Line(NamedTuple):
    """A line that is not blank; `raw` is None if it is too long to be parsed."""

    number: int
    raw: bytes | None


async def bulk(chunks: AsyncIterable[bytes], writer: Writer) -> list[LineReport]:
    """Write the products as they arrive, 256 at a time; a bad line does not affect the others.

    A line is committed if its report says so, whatever happens to later lines. Lines beyond MAX_LINES are not written, which
    the last report says.
    """
    reports: list[LineReport] = []
    waiting: list[tuple[int, ProductLine]] = []
    seen = 0
    async for line in lines_of(chunks):
        seen += 1
        if seen > MAX_LINES:
            if seen == MAX_LINES + 1:
                too_many = f"expected at most {MAX_LINES} lines in one call, found more; send this and later lines again"
                reports.append(_refused(line.number, None, InvalidRequest(too_many)))
            continue  # the rest is still read: a client that is still sending would not see the answer
        try:
            waiting.append((line.number, _parsed(line)))
        except ShelfwiseError as error:
            reports.append(_refused(line.number, None, error))
        if len(waiting) == _AT_ONCE:
            reports += await _written(waiting, writer)
            waiting = []
    reports += await _written(waiting, writer)
    return sorted(reports, key=lambda report: report.line)


def report_of(reports: list[LineReport]) -> bytes:
    """NDJSON: one line per report, then the totals."""
    results = [report.result for report in reports]
    summary = BulkSummary(
        lines=len(reports),
        kept=results.count("kept"),
        unchanged=results.count("unchanged"),
        refused=results.count("refused"),
        seq=max((report.seq or 0 for report in reports), default=0),
    )
    lines = [*(report.model_dump_json(exclude_none=True) for report in reports), f'{{"summary":{summary.model_dump_json()}}}']
    return "\n".join(lines).encode() + b"\n"


async def lines_of(chunks: AsyncIterable[bytes], longest: int = MAX_LINE_BYTES) -> AsyncIterator[Line]:
    """The lines of a body that arrives in parts, without blank ones; at most one line and one part are in memory."""
    number, kept, too_long = 0, b"", False
    async for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            number += 1
            raw = kept + part
            if too_long or len(raw) > longest:
                yield Line(number, None)
            elif raw.strip():
                yield Line(number, raw)
            kept, too_long = b"", False
        kept += rest
        if len(kept) > longest:
            kept, too_long = b"", True
    if too_long or kept.strip():
        yield Line(number + 1, None if too_long else kept)


def _parsed(line: Line) -> ProductLine:
    if line.raw is None:
        raise BodyTooLarge(f"expected a line of at most {MAX_LINE_BYTES} bytes, found more")
    try:
        return ProductLine.model_validate_json(line.raw)
    except ValidationError as error:
        raise refused(error, ProductLine) from None


async def _written(lines: list[tuple[int, ProductLine]], writer: Writer) -> list[LineReport]:
    if not lines:
        return []
    try:
        outcomes = await writer.write_all([Write.put(product.product_id, product) for _, product in lines])
    except ShelfwiseError as error:
        outcomes = [error] * len(lines)
    return [_reported(number, product, outcome) for (number, product), outcome in zip(lines, outcomes, strict=True)]


def _reported(number: int, product: ProductLine, outcome: Outcome) -> LineReport:
    if isinstance(outcome, ShelfwiseError):
        return _refused(number, product.product_id, outcome)
    result = "unchanged" if outcome.result == "unchanged" else "kept"
    return LineReport(line=number, product_id=product.product_id, result=result, seq=outcome.seq)


def _refused(number: int, product_id: str | None, error: ShelfwiseError) -> LineReport:
    return LineReport(line=number, product_id=product_id, result="refused", code=error.code, reason=error.message)
