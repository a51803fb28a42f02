"""Words of the language, whether the catalog has them or not: a word that is one is meant as it is written.

«Cola» is no slip for «cold», even in a shop whose titles say «soft drink»; what it means is for the vectors to say.
"""

from collections.abc import Collection
from pathlib import Path

FILE = "known_words.txt"
"""Beside the index, one word a line; without it every word that the catalog lacks is taken for a slip."""


def write_known_words(folder: Path, words: Collection[str]) -> None:
    """Write the words, lower case and sorted, so that equal collections give equal files."""
    (folder / FILE).write_text("".join(f"{word}\n" for word in sorted({word.lower() for word in words})), encoding="utf-8")


def read_known_words(folder: Path) -> list[str]:
    """What `write_known_words` left; none when there is no file."""
    path = folder / FILE
    return path.read_text(encoding="utf-8").split() if path.is_file() else []
