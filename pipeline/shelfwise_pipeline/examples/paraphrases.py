"""Queries in words that the right products' titles do not have, or that wrong products' titles have.

A query made from a title is always answered by the product that matches all its words. Shoppers say "soda" for a soft drink,
"nail paint" for nail polish, "red wine" where no title says red, and "diapers size 4" where only a football has a size. A model
trained on titles alone answers with the most popular product that has some of the words, or with the one that has the size.
"""

import random
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import polars as pl

from shelfwise_pipeline.examples.lexicon import Lexicon, Words
from shelfwise_pipeline.examples.queries import FILLERS, amounts, as_said, every_word, other_number, spoken
from shelfwise_pipeline.examples.question import Grades
from shelfwise_pipeline.examples.retrieving import Encode
from shelfwise_ranker.products import ProductTable, Rows
from shelfwise_ranker.text import token

PATTERNS = {
    "near word": 12,
    "near words": 4,
    "near word for one of the title": 24,
    "word of other products": 40,
    "amount of other products": 20,
}
"""How often a query is made by each pattern, out of 100."""

PARAPHRASED = 0.5
"""The share of text questions that are paraphrased."""

OTHER_NUMBER, BEHIND = 0.25, 0.3
TRIES = 8

OTHER_KIND = 0.05
"""The query may be nearer to another kind of product than to the one meant by at most this much: with "red", wine stays wine,
but "nail" makes furniture polish something else. The encoder decides, so that a model learns to follow it there."""

MOST_PHRASES = 4_000


class Paraphraser:
    """Writes such queries for products. The same seed and the same order of products give the same queries."""

    def __init__(self, table: ProductTable, products: pl.DataFrame, words: Words, encode: Encode, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible, not secret
        titles = products["title"].to_list()
        paths = products["category"].to_list() if "category" in products.columns else [None] * len(titles)
        # A product's name: its narrowest category, or else its title.
        self._phrases = [path[-1].lower() if path else title.lower() for title, path in zip(titles, paths, strict=True)]
        self._titles = titles
        distinct = list(dict.fromkeys(self._phrases))
        if len(distinct) > MOST_PHRASES:
            distinct = sorted(self._random.sample(distinct, MOST_PHRASES))
        self._encode = encode
        self._kinds = encode(distinct) if words.words else np.empty((0, 1), np.float32)
        self._kind_of = {phrase: number for number, phrase in enumerate(distinct)}
        self._lexicon = Lexicon(words, distinct, self._kinds)
        self._of_others, self._texts_of = _of_others(table, titles)

    def write(self, row: int) -> str | None:
        """Return a query for the product, in lower case; None if no word can be found for it."""
        draw = self._random
        named = spoken(self._titles[row])
        near = self._lexicon.near(self._phrases[row])
        pattern = draw.choices(list(PATTERNS), list(PATTERNS.values()))[0]
        if pattern in self._of_others:
            known = named[-draw.randint(1, 2) :] if not near or draw.random() < 0.7 else [draw.choice(near)]
            asked = self._beside(known, self._phrases[row], self._of_others[pattern])
        elif not near:
            return None
        elif pattern == "near word":
            asked = [draw.choice(near)]
        elif pattern == "near words":
            asked = draw.sample(near, min(2, len(near)))
        else:
            asked = named[-draw.randint(1, 3) :]
            if asked:
                asked[draw.randrange(len(asked))] = draw.choice(near)
        if asked and asked[-1] in named and draw.random() < OTHER_NUMBER:
            asked[-1] = other_number(asked[-1])
        return " ".join(asked) or None

    def _beside(self, named: list[str], phrase: str, others: Sequence[list[str]]) -> list[str]:
        """Return `named` combined with one of the `others`, words of other products. The words never occur in one product
        together with all of `named`, nor turn the query into another kind of product than `phrase`."""
        if not named or not others:
            return []
        together = self._having(named)
        for _ in range(TRIES):
            words = self._random.choice(others)
            if not together & self._having(words) and not set(words) & set(named):
                said = as_said(words, self._random) if words[0].isdigit() else words
                asked = [*named, *said] if self._random.random() < BEHIND else [*said, *named]
                if self._still_means(asked, phrase):
                    return asked
        return []

    def _having(self, words: Sequence[str]) -> frozenset[int]:
        """Return the texts that have all of the words."""
        return frozenset.intersection(*(self._texts_of.get(token(word), frozenset()) for word in words))

    def _still_means(self, asked: Sequence[str], phrase: str) -> bool:
        number = self._kind_of.get(phrase)
        if number is None or not len(self._kinds):
            return True
        near = self._kinds @ self._encode([" ".join(asked)])[0]
        return bool(near[number] >= near.max() - OTHER_KIND)


def _of_others(table: ProductTable, titles: Sequence[str]) -> tuple[dict[str, list[list[str]]], dict[str, frozenset[int]]]:
    """Return, by pattern, the words that stand before others in titles and the amounts, each once however frequent; and by
    token, the texts that have it anywhere."""
    _, first_rows = np.unique(table.text[:-1], return_index=True)
    before = (word for row in first_rows.tolist() for word in spoken(titles[row])[:-1])
    words = [[word] for word in dict.fromkeys(before) if len(word) > 2 and token(word) in table.vocabulary.numbers]
    said = (tuple(amount) for row in first_rows.tolist() for amount in _named_amounts(titles[row]))
    texts_of: dict[str, set[int]] = {}
    names = table.vocabulary.tokens
    everything = slice(table.spans["title"].start, table.spans["rest"].stop)
    for row in first_rows.tolist():
        for number in table.tokens[row, everything].tolist():
            if number:
                texts_of.setdefault(names[number - 1], set()).add(int(table.text[row]))
    others = {"word of other products": words, "amount of other products": [list(amount) for amount in dict.fromkeys(said)]}
    return others, {name: frozenset(texts) for name, texts in texts_of.items()}


def _named_amounts(title: str) -> Iterator[list[str]]:
    """Yield the amounts of the title; a number without a unit together with the word before it ("size 4")."""
    words = every_word(title)
    for amount in amounts(title):
        if len(amount) > 1:
            yield amount
        elif (place := words.index(amount[0])) and words[place - 1].isalpha() and words[place - 1] not in FILLERS:
            yield [words[place - 1], *amount]


def same_kind(table: ProductTable, meant: int) -> "partial[Grades]":
    """Return the grades for such a query, which asks for the kind of the product `meant`.

    3: its narrowest category; 1: the category above it. A shop without categories grades only products with the same text (3).
    """
    return partial(_same_kind, table, meant)


def _same_kind(table: ProductTable, meant: int, rows: Rows) -> Grades:
    grades = np.where(table.text[rows] == table.text[meant], 3, 0)
    if table.categories[table.leaf[meant]]:
        grades[table.parent[rows] == table.parent[meant]] = 1
        grades[table.leaf[rows] == table.leaf[meant]] = 3
    return np.asarray(grades, dtype=np.int8)
