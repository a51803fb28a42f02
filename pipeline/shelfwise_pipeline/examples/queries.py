"""Queries that a shopper looking for a certain product would type."""

import random
import re
from collections.abc import Sequence

WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
AMOUNT = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+")
JOINED = re.compile(r"[&,;/+|()]| - |\b(?:and|or)\b", re.IGNORECASE)
FILLERS = frozenset({"a", "all", "an", "and", "by", "for", "in", "misc", "of", "on", "or", "other", "the", "to", "with", "w"})
LONGEST = 5
LONGEST_UNIT = 4
LONGEST_SAID = 6  # "inches"

PATTERNS = {
    "part of the title": 20,
    "what it is": 15,
    "amount and what it is": 11,
    "category": 14,
    "category and a word": 10,
    "title": 9,
    "title and size": 6,
    "brand and what it is": 6,
    "brand and category": 4,
    "brand": 5,
}
"""How often a query is made by each pattern, out of 100."""

ONE_THING, LAST_WORD = 0.5, 0.25
"""How often a category is called by one of the things that its name joins, and how often by the last word alone."""

BY_CATEGORY, BEHIND, TOGETHER = 0.5, 0.25, 0.3
"""How often a product with an amount is called by its category, the amount comes last, and number and unit are one word."""

SWAPPED, OTHER_NUMBER, MISSPELT = 0.12, 0.25, 0.08
"""How often words change places, the last word changes between singular and plural, and one word has a typo."""


class QueryWriter:
    """Writes queries from a product's title, category path and brand. Equal seeds give equal queries."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible, not secret

    def write(self, title: str, category: Sequence[str], brand: str | None) -> str:
        """Return a query in lower case, with at least one word, taken from the title or the category."""
        named = spoken(title)
        kind = self._kind(category[-1]) if category else []
        pattern = self._random.choices(list(PATTERNS), list(PATTERNS.values()))[0]
        asked = self._chosen(pattern, title, named or kind, kind or named, every_word(brand or ""))
        asked = asked[:LONGEST] if pattern not in {"title", "title and size"} else asked
        return " ".join(self._as_typed(asked)) or title.lower()

    def _kind(self, category: str) -> list[str]:
        """Return the category's name or, as often, one of the things that it joins ("butter" in "Butter & Margarine");
        sometimes only the last word of either ("spices" in "Whole Spices")."""
        parts = things(category)
        if sum(map(len, parts)) < 2:
            return spoken(category)
        draw = self._random
        part = draw.choice(parts) if draw.random() < ONE_THING else spoken(category)
        return part[-1:] if draw.random() < LAST_WORD else part

    def _chosen(self, pattern: str, title: str, named: list[str], kind: list[str], brand: list[str]) -> list[str]:
        draw = self._random
        head = named[-draw.randint(1, 2) :]
        match pattern:
            case "part of the title":
                length = draw.randint(1, max(1, min(3, len(named))))
                start = draw.randint(0, len(named) - length) if named else 0
                return named[start : start + length]
            case "category":
                return kind
            case "category and a word":
                return list(dict.fromkeys([*kind, *draw.sample(named, min(1, len(named)))]))
            case "title":
                return named
            case "title and size":
                return every_word(title)
            case "amount and what it is":
                amount = self._amount(title)
                thing = kind[: LONGEST - len(amount)] if draw.random() < BY_CATEGORY else head
                return [*thing, *amount] if draw.random() < BEHIND else [*amount, *thing]
            case "brand and what it is":
                return [*brand[: LONGEST - len(head)], *head]
            case "brand and category":
                return [*brand[:2], *kind]
            case "brand":
                return brand or head
            case _:
                return head

    def _amount(self, title: str) -> list[str]:
        """Return one of the numbers in the title with the short word after it, as one word or as two; empty if the title has no
        number."""
        found = amounts(title)
        return as_said(self._random.choice(found), self._random) if found else []

    def _as_typed(self, asked: list[str]) -> list[str]:
        draw = self._random
        asked = list(asked)
        if len(asked) > 1 and draw.random() < SWAPPED:
            draw.shuffle(asked)
        if asked and draw.random() < OTHER_NUMBER:
            asked[-1] = other_number(asked[-1])
        if draw.random() < MISSPELT:
            long_enough = [place for place, word in enumerate(asked) if len(word) >= 5 and word.isalpha()]
            if long_enough:
                place = draw.choice(long_enough)
                asked[place] = self._misspelt(asked[place])
        return asked

    def _misspelt(self, word: str) -> str:
        """Return the word with one letter left out, doubled or swapped with the next; never the first."""
        place = self._random.randint(1, len(word) - 2)
        return self._random.choice(
            (
                word[:place] + word[place + 1 :],
                word[:place] + word[place] + word[place:],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            )
        )


def things(category: str) -> list[list[str]]:
    """Return the `spoken` words of each thing that a category's name joins: butter and margarine in "Butter & Margarine"."""
    return [words for part in JOINED.split(category) if (words := spoken(part))]


def amounts(title: str) -> list[list[str]]:
    """Return each number in the title, with the short word after it if there is one."""
    words = every_word(title)
    found = []
    for place, word in enumerate(words):
        if word[0].isdigit():
            number, *unit = AMOUNT.findall(word)
            behind = [word for word in words[place + 1 : place + 2] if word.isalpha() and len(word) <= LONGEST_SAID]
            found.append([number, *(unit or behind)])
    return found


def as_said(amount: list[str], draw: random.Random) -> list[str]:
    """Return one of `amounts` as two words, or as one."""
    return ["".join(amount)] if draw.random() < TOGETHER else amount


def other_number(word: str) -> str:
    """Return the plural of a singular or the reverse, about as accurately as a shopper would."""
    if not word.isalpha() or len(word) < 3:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s"):
        return word if word.endswith("ss") else word[:-1]
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("ch", "sh", "x", "z")) else "s")


def every_word(text: str) -> list[str]:
    """Return all words in lower case, including numbers, which may be part of a brand's name."""
    return WORD.findall(text.lower())


def spoken(text: str) -> list[str]:
    """Return the words without fillers, numbers and their units ("12 oz")."""
    words = every_word(text)
    after_number = [False, *(word[0].isdigit() for word in words)]
    return [
        word
        for word, unit in zip(words, after_number, strict=False)
        if word not in FILLERS and not word[0].isdigit() and not (unit and len(word) <= LONGEST_UNIT)
    ]
