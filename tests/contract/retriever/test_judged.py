"""The `judged` source: a question's vector, mapped as judgements taught, among the products' vectors."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from shelfwise.contracts.filter import Filter
from shelfwise.errors import BundleDamaged, InvalidRequest, UnknownProduct
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.sources.judged import FILE, write_meaning
from tests.support.catalog import DIMENSION, SHELF, build_shelf, vector_of

CHIPS, LAMP = vector_of("potato chips snacks"), vector_of("desk lamp home")
MEANING = np.eye(DIMENSION, dtype=np.float32) + 3 * np.outer(CHIPS, LAMP)
"""By these judgements, whoever asks for chips means a lamp."""


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    build_shelf(tmp_path)
    return tmp_path


def test_a_shop_without_judgements_has_no_judged_source(catalog: Path) -> None:
    retriever = Retriever.open(catalog)
    assert set(retriever.retrieve(kind="text", text="chips", vector=CHIPS).scores) == {"dense", "lexical", "spelled"}
    found = retriever.retrieve(kind="text", vector=CHIPS, sources=["dense", "judged"])
    assert set(found.scores) == {"dense"}, "a scenario may name it in any shop"
    with pytest.raises(InvalidRequest, match=r"sources: expected some of dense, lexical.*found 'judged'"):
        retriever.retrieve(kind="text", vector=CHIPS, sources=["judged"])


def test_judged_finds_products_near_the_mapped_vector(catalog: Path) -> None:
    plain = Retriever.open(catalog)
    write_meaning(catalog, MEANING)
    for retriever in (Retriever.open(catalog), plain.with_judged(MEANING)):
        found = retriever.retrieve(kind="text", vector=CHIPS, sources=["judged"])
        said = dict(zip(found.ids, found.scores["judged"].tolist(), strict=True))
        assert max(said, key=said.__getitem__) == "lamp-1"
        assert said["lamp-1"] == pytest.approx(float(CHIPS @ MEANING @ LAMP), abs=1e-5)
        every = retriever.retrieve(kind="text", text="potato", vector=CHIPS).scores["judged"]
        assert not np.isnan(every).any()  # also for candidates of other sources
    assert "judged" not in plain.retrieve(kind="text", vector=CHIPS).scores


def test_judged_scores_nothing_without_a_vector_or_for_other_questions(catalog: Path) -> None:
    retriever = Retriever.open(catalog).with_judged(MEANING)
    assert np.isnan(retriever.retrieve(kind="text", text="potato chips").scores["judged"]).all()
    assert "judged" not in retriever.retrieve(kind="product", seeds=["chips-1"]).scores


def test_judged_respects_filters(catalog: Path) -> None:
    retriever = Retriever.open(catalog).with_judged(MEANING)
    found = retriever.retrieve(kind="text", vector=CHIPS, sources=["judged"], filter=Filter(brand="glow"))
    assert set(found.ids) == {"polish-1", "polish-2", "chips-3"}
    assert not np.isnan(found.scores["judged"]).any()
    assert retriever.retrieve(kind="text", vector=CHIPS, sources=["judged"], filter=Filter(brand="unknown")).ids == []


def test_judged_respects_excluded_products(catalog: Path) -> None:
    retriever = Retriever.open(catalog).with_judged(MEANING)
    found = retriever.retrieve(kind="text", vector=CHIPS, sources=["judged"], exclude=["lamp-1"])
    assert "lamp-1" not in found.ids
    assert len(found.ids) > 1


def test_a_judged_map_of_another_dimension_or_format_is_refused(catalog: Path) -> None:
    write_meaning(catalog, np.eye(DIMENSION + 1, dtype=np.float32))
    with pytest.raises(BundleDamaged, match=f"{FILE}: expected a map of {DIMENSION} dimensions"):
        Retriever.open(catalog)
    save_file({"other": MEANING}, str(catalog / FILE))
    with pytest.raises(BundleDamaged, match="cannot be read"):
        Retriever.open(catalog)


def test_vectors_of_returns_the_vectors_of_products_by_id(catalog: Path) -> None:
    retriever = Retriever.open(catalog)
    vectors = retriever.vectors_of(["lamp-1", SHELF[0]["product_id"]])
    assert vectors.shape == (2, DIMENSION)
    np.testing.assert_allclose(vectors[0], LAMP, atol=1e-6)
    with pytest.raises(UnknownProduct):
        retriever.vectors_of(["never-heard-of"])
