"""What a bundle's manifest says of how good its answers are, task by task."""

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
"""By the model that answers."""

RIGHT = {
    "catalog": "Asked with texts made from the catalog: titles, their parts, brands, categories, some misspelt. Right is what "
    "they were made from, and what is of its kind. No event and no judgement has a part in it.",
    "purchases": "Asked about the last of the shop's purchases, which had taught nothing by then; after that they taught the "
    "models of carts and shoppers that are served. Right is what was bought.",
    "judged lists": "Asked to order the graded products of queries that had taught nothing by then but how many trees are "
    "best, which flatters a little; after that they taught the models that are served. Right is what was graded well.",
    "judged searches": "Asked with graded queries, over the whole catalog, that had taught nothing by then but how many trees "
    "are best, which flatters a little; after that they taught the models that are served. Right is what was graded well.",
    "logged": "The last of the answers that shoppers were shown. Right is what they clicked, put into the cart or bought; what "
    "was shown far down, where few look, counts the more.",
}
"""By how the answers are judged."""

OTHERS = (
    "All systems order the same candidates; what the retriever did not find is missing in all of them. «… only» is one "
    "source's order by itself: «lexical only» is BM25, «dense only» the encoder, «together only» weighted co-occurrence."
)

WITHOUT_LOG = (
    "Measured before the trees were added that learned from what shoppers were shown; what those add stands under the same "
    "question, logged."
)


def sections_of(manifest: Manifest) -> list[Section]:
    """A section for each task, in the order in which they were measured; none where nothing could be. What answers in the
    bundle is called OURS."""
    rows = [Row.from_json(row) for row in manifest.evaluation.get("rows") or ()]
    return [_section(task, list(of_task)) for task, of_task in groupby(rows, key=lambda row: row.task)]


def _section(task: str, rows: Sequence[Row]) -> Section:
    asked, _, judged_by = task.partition(", ")
    title = f"{ASKED.get(asked, asked)}, by {judged_by}"
    # The others have a difference from it.
    named = [replace(row, system=OURS) if row.difference is None else row for row in rows]
    before = any(row.difference is None and row.system == BEFORE for row in rows)
    name = task.replace(", ", "-").replace(" ", "-")
    return Section(name, title, RIGHT.get(judged_by, ""), named, notes=[WITHOUT_LOG] if before else [])
