"""Day 0: questions from the catalog alone, for a shop without events."""

from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise.words import FUNCTION_WORDS
from shelfwise_pipeline.examples.matching import Wording
from shelfwise_pipeline.examples.paraphrases import PARAPHRASED, Paraphraser, same_kind
from shelfwise_pipeline.examples.queries import QueryWriter
from shelfwise_pipeline.examples.question import NOBODY, Grades, Question
from shelfwise_ranker.products import ProductTable, Rows
from shelfwise_ranker.text import token
from shelfwise_ranker.vocabulary import PAD

ALIKE = 0.5
"""The share of a seed's title (by weight of words) that a product of its category must have to be graded as most alike."""


def catalog_questions(
    kind: QuestionKind,
    table: ProductTable,
    products: pl.DataFrame,
    count: int,
    moment: float,
    seed: int,
    paraphraser: Paraphraser | None = None,
) -> list[Question]:
    """Return at most `count` questions about products drawn at random, each text of the catalog at most once.

    Text: a product is graded 3 if it is the one meant, 2 if it has all words and the same category, and 1 for one of both. If
    the text names an amount ("64 gb memory card"), a product of the same category with that amount is as good as one with all
    words. If the text is a category's name, or names one of the things it joins ("shampoo" in "Shampoo & Conditioner"), every
    product of such a category is meant (2), and first those with the words in their title, too (3), whatever product the text
    was made from. If the words are the brand's name, a product of that brand is graded 2 and one with the words elsewhere 1.
    PARAPHRASED of the text questions are written by the paraphraser and graded by whether a product is of the kind meant.

    Product: graded by equal text (3) and, in the same category, by how similar the title is (1 to 2).
    """
    draw = np.random.default_rng([seed, len(kind)])
    _, first_rows = np.unique(table.text[:-1], return_index=True)
    chosen = draw.permutation(first_rows)[:count]
    writer = QueryWriter(int(draw.integers(1 << 31)))
    wording, says = Wording(table), what_words_say(table)
    paths = products["category"].to_list()
    brands = products["brand"].to_list() if "brand" in products.columns else [None] * products.height
    questions = []
    for row in chosen.tolist():
        if kind == "product":
            questions.append(Question("product", moment, None, row, partial(_like_seed, table, says, row)))
            continue
        if paraphraser is not None and draw.random() < PARAPHRASED and (other := paraphraser.write(row)):
            questions.append(Question("text", moment, other, NOBODY, same_kind(table, row)))
            continue
        text = writer.write(table.titles[row], paths[row] or (), brands[row])
        questions.append(Question("text", moment, text, NOBODY, partial(_like_query, table, wording, text, row)))
    return questions


def _like_query(table: ProductTable, wording: Wording, text: str, meant: int, rows: Rows) -> Grades:
    covers = wording.covers(text, rows).astype(np.int8)
    if wording.names_brand(text, meant):
        return np.asarray(covers + wording.of_brand(text, rows), dtype=np.int8)
    of_category = wording.of_category(text, rows)
    if of_category is not None:  # every product of it is meant, whatever product the query was made from
        return np.asarray(covers + of_category + (of_category & wording.entitled(text, rows)), dtype=np.int8)
    same_leaf = table.leaf[rows] == table.leaf[meant]
    grades = covers + same_leaf
    if wording.names_amounts(text):
        grades = np.maximum(grades, same_leaf * (1 + wording.amounts(text, rows)))
    grades[table.text[rows] == table.text[meant]] = 3
    return np.asarray(grades, dtype=np.int8)


def _like_seed(table: ProductTable, says: NDArray[np.float32], seed: int, rows: Rows) -> Grades:
    title = table.spans["title"]
    of_seed = table.tokens[seed, title]
    shared = (table.tokens[rows, title][:, :, None] == of_seed).any(axis=1) @ says[of_seed]
    alike = np.minimum(shared / (ALIKE * says[of_seed].sum() or np.inf), 1.0)
    grades = (table.leaf[rows] == table.leaf[seed]) * (1.0 + alike)
    grades[table.text[rows] == table.text[seed]] = 3.0
    return np.asarray(grades, dtype=np.float32)


def what_words_say(table: ProductTable) -> NDArray[np.float32]:
    """[vocabulary + 1] how much a word in a title tells about the product: its weight; 0 for numbers and words such as
    "with"."""
    vocabulary = table.vocabulary
    says = np.where(vocabulary.is_number, np.float32(0.0), vocabulary.weights)
    says[[vocabulary.numbers.get(token(word), PAD) for word in FUNCTION_WORDS]] = 0.0
    return says
