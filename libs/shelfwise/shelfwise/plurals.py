"""Singulars and plurals of English words."""

from collections.abc import Iterator


def other_numbers(word: str) -> Iterator[str]:
    """What may be the plural of a singular, or the other way round; some of it are no words («toothbrushe»)."""
    if not word.endswith("s"):
        yield word + "s"
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        yield word + "es"
    if word.endswith("y"):
        yield word[:-1] + "ies"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
        if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
            yield word[:-2]
        if word.endswith("ies"):
            yield word[:-3] + "y"
