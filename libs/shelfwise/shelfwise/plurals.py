"""Singulars and plurals of English words."""

from collections.abc import Iterator


def other_numbers(word: str) -> Iterator[str]:
    """Possible plurals of a singular, or the other way round; some of them are no words ("toothbrushe")."""
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


def without_number(word: str) -> str:
    """What a word's singular and plural have in common, which may be no word: "cookie" and "cookies" are "cooky".

    Cheap, without a dictionary: if an ending may stand for two singulars, the more frequent one is taken ("cases" is "case", as
    "houses" is "house"). A word that is not certainly a plural stays: short words, "glass", "cactus", "tennis", "5s".
    """
    if word[-1] != "s":
        return word[:-2] + "y" if len(word) > 3 and word.endswith("ie") else word
    if len(word) < 4 or word[-2] in "sui" or not word[-2].isalpha():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith("oes"):
        return word[:-1] if len(word) == 4 or word.endswith("shoes") else word[:-2]
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
