"""How near in meaning texts are by chance: measured by the build, and part of every answer to a text's vector."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from shelfwise.contracts.retrieve import RetrieveRequest, RetrieveResponse
from shelfwise.contracts.vectors import EncodedVectors
from shelfwise.errors import BundleDamaged
from shelfwise_pipeline.building.chance import chance_of, random_texts
from shelfwise_retriever.chance import FILE, Chance
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.served import Served
from tests.contract.retriever.test_http import encoded
from tests.support.catalog import SHELF, build_shelf, vector_of

VECTORS = np.stack([vector_of(product["title"]) for product in SHELF])
CHANCE = chance_of(VECTORS, lambda texts: np.stack([vector_of(text) for text in texts]))


def asked(folder: Path, kind: str, **question: object) -> RetrieveResponse:
    request = RetrieveRequest.model_validate({"kind": kind, **question})
    return RetrieveResponse.model_validate(orjson.loads(Served("v1", Retriever.open(folder)).answer(request)))


def test_one_random_text_in_a_hundred_is_nearer_to_a_product_than_chance() -> None:
    texts = random_texts()
    assert (len(texts), texts) == (1000, random_texts())
    assert all(word.isalpha() and 4 <= len(word) <= 10 for text in texts for word in text.split())
    nearest = np.array([(VECTORS @ vector_of(text)).max() for text in texts])
    assert np.count_nonzero(nearest > CHANCE.dense) == 10
    assert CHANCE.dense < (VECTORS @ vector_of("Potato chips")).max()


def test_dense_by_chance_is_given_for_a_texts_vector_only(tmp_path: Path) -> None:
    facts = build_shelf(tmp_path, chance=CHANCE)
    assert facts["chance"] == {"dense": CHANCE.dense}
    vector = EncodedVectors.model_validate(encoded())
    assert asked(tmp_path, "text", text="chips", vector=vector).dense_by_chance == CHANCE.dense
    assert asked(tmp_path, "text", text="chips").dense_by_chance is None
    assert asked(tmp_path, "product", seeds=["chips-1"]).dense_by_chance is None


def test_a_bundle_without_a_chance_file_gives_no_dense_by_chance(tmp_path: Path) -> None:
    build_shelf(tmp_path)
    assert not (tmp_path / FILE).exists()
    assert asked(tmp_path, "text", text="chips", vector=EncodedVectors.model_validate(encoded())).dense_by_chance is None


def test_a_malformed_chance_file_raises_bundle_damaged(tmp_path: Path) -> None:
    build_shelf(tmp_path, chance=Chance(dense=0.4))
    (tmp_path / FILE).write_text('{"dense": "high"}')
    with pytest.raises(BundleDamaged, match=r"(?s)chance\.json cannot be read.*build the bundle again"):
        Retriever.open(tmp_path)
