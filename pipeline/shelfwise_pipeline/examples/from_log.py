"""Questions as they were asked in service, with the feature values that were used and what shoppers then did.

The rankers log a sample of what they ranked. The shop's impressions tell what of it was seen, and where; later events of the
same request tell the outcome. The three are joined by the request's id. Nothing is computed again, so nothing can differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from shelfwise.shopper_name import SHOPPER_IN_SQL
from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.examples.histories import GRADE_OF_KIND
from shelfwise_ranker.event_log import KINDS
from shelfwise_ranker.feature_log import features_digest, unpacked
from shelfwise_ranker.model import KIND_OF

SETTLED_S = 3_600.0
"""How long a shopper has to act on what was shown before no action counts as no interest."""

MOST_QUESTIONS = 20_000
"""The maximum number of questions per model: the latest ones that were seen and led to an event. More teach hardly more, and
all must fit into memory."""

_LOGGED = """
    SELECT r.product_ids, r.matrix, e.products, e.positions, e.kinds, e.shopper
    FROM behavior.rankings AS r
    JOIN (
        SELECT request_id, array_agg(product_id) AS products, array_agg(position) AS positions, array_agg(type) AS kinds,
               min(shopper) AS shopper
        FROM (
            SELECT request_id, product_id, type, min(position) AS position,
                   min({shopper}) AS shopper
            FROM behavior.events WHERE request_id IN (SELECT request_id FROM behavior.rankings WHERE kind = %(kind)s)
            GROUP BY request_id, product_id, type
        ) AS once GROUP BY request_id HAVING bool_or(type = 'impression') AND bool_or(type <> 'impression')
    ) AS e USING (request_id)
    WHERE r.kind = %(kind)s AND r.features = %(features)s AND r.asked_at < %(until)s
    ORDER BY r.asked_at DESC, r.request_id LIMIT %(most)s
"""


@dataclass(frozen=True)
class LoggedExamples:
    """Questions in the order of time, each with only the candidates that were seen."""

    examples: ExampleSet
    positions: NDArray[np.int32]  # [candidates of all questions], from 0
    askers: NDArray[np.int64] | None = None  # [questions] equal for questions of the same shopper; None: each is of another

    def __len__(self) -> int:
        return len(self.examples.sizes)

    def part(self, start: int, stop: int) -> "LoggedExamples":
        """Return the questions from `start` to `stop`."""
        bounds = self.examples.bounds
        first, last = (bounds[start][0], bounds[stop - 1][1]) if start < stop else (0, 0)
        part = slice(first, last)
        examples = replace(
            self.examples,
            matrix=self.examples.matrix[part],
            grades=self.examples.grades[part],
            sizes=self.examples.sizes[start:stop],
        )
        return LoggedExamples(examples, self.positions[part], None if self.askers is None else self.askers[start:stop])


def read_logged(connection: psycopg.Connection[Any], model: str, now: float) -> LoggedExamples:
    """Read the logged questions of a model, by its name, that were asked more than an hour before `now` and whose candidates
    differ in outcome.

    `connection` is in a transaction. Questions with other features than this code computes are left out.
    """
    kind = KIND_OF[model]
    values = {"kind": model, "features": features_digest(kind), "until": now - SETTLED_S, "most": MOST_QUESTIONS}
    matrices: list[NDArray[np.float32]] = []
    grades: list[NDArray[np.float32]] = []
    positions: list[NDArray[np.int32]] = []
    shoppers: list[str] = []
    with connection.cursor("logged") as cursor:  # a server-side cursor: matrices are unpacked and reduced one at a time
        for product_ids, stored, products, placed, kinds, shopper in cursor.execute(
            _LOGGED.format(shopper=SHOPPER_IN_SQL).encode(), values
        ):
            rows, position, grade = _seen(product_ids, products, placed, kinds)
            if len(grade) and grade.min() < grade.max():
                matrices.append(unpacked(stored, len(product_ids))[rows])
                grades.append(grade)
                positions.append(position)
                shoppers.append(shopper)
    for parts in (matrices, grades, positions, shoppers):
        parts.reverse()  # into the order of time
    examples = ExampleSet(
        kind,
        np.concatenate(matrices) if matrices else np.empty((0, 0), np.float32),
        np.concatenate(grades) if grades else np.empty(0, np.float32),
        np.array([len(grade) for grade in grades], dtype=np.int64),
    )
    askers = np.unique(np.array(shoppers, dtype=str), return_inverse=True)[1].astype(np.int64)
    return LoggedExamples(examples, np.concatenate(positions) if positions else np.empty(0, np.int32), askers)


def _seen(
    product_ids: Sequence[str], products: Sequence[str], placed: Sequence[int | None], kinds: Sequence[str]
) -> tuple[list[int], NDArray[np.int32], NDArray[np.float32]]:
    """Return the rows of the logged candidates that were seen, in the order shown, with their positions and grades."""
    row_of = {product_id: row for row, product_id in enumerate(product_ids)}
    position_of: dict[int, int] = {}
    grade_of: dict[int, int] = {}
    for row, position, kind in _logged_only(row_of, products, placed, kinds):
        if kind == "impression":
            if position is not None:
                position_of[row] = position
        else:
            grade_of[row] = max(grade_of.get(row, 0), GRADE_OF_KIND[KINDS[kind]])
    # Ties go to the better-ranked candidate, because the database aggregates in any order.
    rows = sorted(position_of, key=lambda row: (position_of[row], row))
    return (
        rows,
        np.array([position_of[row] - 1 for row in rows], dtype=np.int32),
        np.array([grade_of.get(row, 0) for row in rows], dtype=np.float32),
    )


def _logged_only(
    row_of: dict[str, int], products: Sequence[str], placed: Sequence[int | None], kinds: Sequence[str]
) -> Iterator[tuple[int, int | None, str]]:
    for product, position, kind in zip(products, placed, kinds, strict=True):
        if product in row_of:
            yield row_of[product], position, kind
