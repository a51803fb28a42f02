"""Day 0: questions from the catalog alone, for a shop of which no event is known yet."""

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
"""Part of a seed's title (by weight of words) that a product of its category must share to be as much alike as can be."""


def catalog_questions(
    kind: QuestionKind,
    table: ProductTable,
    products: pl.DataFrame,
    count: int,
    moment: float,
    seed: int,
    paraphraser: Paraphraser | None = None,
) -> list[Question]:
    """At most `count` questions about products drawn at random, each text of the catalog at most once.

    Text: graded by whether a product is the one meant (3), has all words in the same category (2), or one of both (1). Of a
    text that names an amount («64 gb memory card»), what has that in the same category is as good as what has all words. A
    text that is a category's name, or that of a thing it joins («shampoo» of «Shampoo & Conditioner»), means what is of any
    such category (2), first what has the words in its title, too (3), whatever it was made from. Where the words are its
    brand's name, by whether a product is of it (2) or has them elsewhere (1).
    PARAPHRASED of the text questions are the paraphraser's, graded by whether a product is of the kind meant.
    Product: graded by equal text (3) and, in the same category, by how much the title is alike (1 to 2).
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
    if of_category is not None:  # all of it is meant, whatever product the query was made from
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
    """[vocabulary + 1] how much a word of a title says of what the product is: its weight; nothing of a number or of «with»."""
    vocabulary = table.vocabulary
    says = np.where(vocabulary.is_number, np.float32(0.0), vocabulary.weights)
    says[[vocabulary.numbers.get(token(word), PAD) for word in FUNCTION_WORDS]] = 0.0
    return says
