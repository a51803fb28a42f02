"""The evaluation in a bundle's manifest as report sections, task by task."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from shelfwise.bundle import Manifest
from shelfwise_pipeline.evaluation.report.section import Section
from shelfwise_pipeline.evaluation.rows import BEFORE, OURS, Row
from shelfwise_ranker.model import LISTED

ASKED = {
    "text": "A text",
    "product": "A product: what is like it",
    "together": "A cart: what is bought with it",
    "user": "A shopper: what comes next",
    LISTED: "A caller's own list for a text",
}
"""How each model is asked, by the model's name."""

RIGHT = {
    "catalog": "The questions are texts made from the catalog: titles, parts of titles, brands and categories, some of them "
    "misspelled. The right answers are the products that a text was made from, and products of their kind. Events and "
    "judgements play no part.",
    "purchases": "The questions are about the latest of the shop's purchases. When this was measured, the models had not "
    "learned from these purchases. Afterwards the served models for carts and shoppers learned from them, too. The right "
    "answers are the products that were bought.",
    "judged lists": "The task is to order the graded products of queries. When this was measured, these queries had only "
    "decided how many trees are best, which flatters the figures a little. Afterwards the served models learned from them, "
    "too. The right answers are the products with good grades.",
    "judged searches": "The task is to answer graded queries from the whole catalog. When this was measured, these queries "
    "had only decided how many trees are best, which flatters the figures a little. Afterwards the served models learned from "
    "them, too. The right answers are the products with good grades.",
    "logged": "The questions are the latest ones whose answers shoppers were shown. The right answers are the products that "
    "they clicked, put into the cart or bought. Products that were shown far down, where few shoppers look, count for more.",
}
"""What counts as right, by the way of judging."""

OTHERS = (
    "All systems order the same candidates, so products that the retriever did not find are missing in all of them. "
    '"… only" is the order of one source: "lexical only" is BM25, "dense only" the encoder, "together only" weighted '
    "co-occurrence."
)

WITHOUT_LOG = (
    "Measured without the trees that learned, in a later step, from what shoppers were shown. For their effect, see the "
    'section of the same question "by logged".'
)


def sections_of(manifest: Manifest) -> list[Section]:
    """Return a section for each task, in the order in which they were measured; none if nothing was. The bundle's own system is
    called OURS."""
    rows = [Row.from_json(row) for row in manifest.evaluation.get("rows") or ()]
    return [_section(task, list(of_task)) for task, of_task in groupby(rows, key=lambda row: row.task)]


def _section(task: str, rows: Sequence[Row]) -> Section:
    asked, _, judged_by = task.partition(", ")
    title = f"{ASKED.get(asked, asked)}, by {judged_by}"
    # The other systems have a difference from it.
    named = [replace(row, system=OURS) if row.difference is None else row for row in rows]
    before = any(row.difference is None and row.system == BEFORE for row in rows)
    name = task.replace(", ", "-").replace(" ", "-")
    return Section(name, title, RIGHT.get(judged_by, ""), named, notes=[WITHOUT_LOG] if before else [])
