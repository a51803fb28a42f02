"""Makes typing errors as people make them."""

import random
import re

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORTEST = 4
"""The least length of a misspelt word. Shorter ones are codes and units as often as words."""

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.casefold())


def misspelt(query: str, vocabulary: set[str], draw: random.Random) -> str | None:
    """The query with one typo in one word of at least four letters; None if it has no such word.

    The misspelt word is not in `vocabulary`: "floor" for "door" would be another query, not a typo.
    """
    places = [
        found for found in _WORD.finditer(query) if len(found[0]) >= SHORTEST and found[0].isascii() and found[0].isalpha()
    ]
    draw.shuffle(places)
    for place in places:
        for _ in range(20):
            changed = _changed(place[0], draw)
            if changed != place[0] and changed.casefold() not in vocabulary:
                return query[: place.start()] + changed + query[place.end() :]
    return None


def _changed(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word))
    match draw.choice(("dropped", "doubled", "swapped", "replaced")):
        case "dropped":
            return word[:at] + word[at + 1 :]
        case "doubled":
            return word[:at] + word[at] + word[at:]
        case "swapped":
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            return word[:at] + draw.choice(neighbors(word[at].lower())) + word[at + 1 :]


def neighbors(letter: str) -> list[str]:
    """The letters left and right of `letter`, and above and below it, on an English keyboard."""
    for row, keys in enumerate(KEYBOARD):
        if (at := keys.find(letter)) >= 0:
            beside = [keys[other] for other in (at - 1, at + 1) if 0 <= other < len(keys)]
            return beside + [
                KEYBOARD[other][at] for other in (row - 1, row + 1) if 0 <= other < 3 and at < len(KEYBOARD[other])
            ]
    raise ValueError(f"expected a letter of the English alphabet, found {letter!r}")
