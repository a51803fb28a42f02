"""The log-odds of a single edit as a typing slip, relative to the likeliest slips."""

LIKELY = 0.0
"""Neighbours swapped, a letter left out, a letter typed twice, or the wrong one of two letters doubled ("aata" for "atta")."""

NEIGHBOUR = -1.0
"""The key beside the one meant."""

VOWEL = -1.0
"""A vowel replaced with another, as it sounds ("suger"). With the value of any other letter, a tenth of such slips in queries
of a do-it-yourself shop became another word; above that of a neighbouring key, fewer of the other slips were corrected."""

ADDED, REPLACED = -2.0, -3.0
"""A superfluous letter that is no repetition; a letter from elsewhere on the keyboard."""

_VOWELS = frozenset("aeiou")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACE = {letter: (row, column) for row, letters in enumerate(_ROWS) for column, letter in enumerate(letters)}


def likelihood(written: str, meant: str) -> float:
    """How likely `written` is if `meant` is meant, for two words that are one edit apart."""
    if len(written) < len(meant):
        return LIKELY
    at = _first_difference(written, meant)
    if len(written) > len(meant):
        return LIKELY if at and written[at] == written[at - 1] else ADDED
    if written[at + 1 :] != meant[at + 1 :]:
        return LIKELY  # not one letter replaced, so two are swapped
    if _other_twice(written, meant, at):
        return LIKELY
    if _beside(written[at], meant[at]):
        return NEIGHBOUR
    return VOWEL if {written[at], meant[at]} <= _VOWELS else REPLACED


def _first_difference(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _other_twice(written: str, meant: str, at: int) -> bool:
    """Whether the letter is doubled in both words, with its equal neighbour before it in one word and after it in the other."""
    before, after = slice(at - 1, at), slice(at + 1, at + 2)  # empty beyond the ends
    return (written[at] == written[before] and meant[at] == meant[after]) or (
        written[at] == written[after] and meant[at] == meant[before]
    )


def _beside(one: str, other: str) -> bool:
    """Whether the keys are next to each other, or one above the other."""
    if one not in _PLACE or other not in _PLACE:
        return False
    (row, column), (other_row, other_column) = _PLACE[one], _PLACE[other]
    return abs(row - other_row) + abs(column - other_column) == 1
