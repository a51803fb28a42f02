"""Words of the language, whether or not the catalog has them; they are never corrected.

"Cola" is not a misspelt "cold", even in a shop whose titles say "soft drink"; vectors find what it means.
"""

from collections.abc import Collection
from pathlib import Path

FILE = "known_words.txt"
"""Beside the index, one word per line; without it, every word that the catalog lacks counts as misspelt."""


def write_known_words(folder: Path, words: Collection[str]) -> None:
    """Write the words, lower case and sorted, so that equal collections give equal files."""
    (folder / FILE).write_text("".join(f"{word}\n" for word in sorted({word.lower() for word in words})), encoding="utf-8")


def read_known_words(folder: Path) -> list[str]:
    """The words that `write_known_words` wrote; empty if there is no file."""
    path = folder / FILE
    return path.read_text(encoding="utf-8").split() if path.is_file() else []
