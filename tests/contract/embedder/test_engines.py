"""One suite for every engine: what the rest of the service relies on."""

import numpy as np
import pytest

from shelfwise.contracts.embed import TextKind
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine

KINDS: tuple[TextKind, ...] = ("query", "document")
TEXTS = [
    "nail paints",
    "motor oil 5w-30 full synthetic, 5 quarts",
    "soap",
    "Crème brûlée — dessert",
    "organic peanut butter crunchy 16 oz",
    "指甲油",
    "¿qué?",
    "a",
]
# Padding changes the last bits of a sum, and in 8 bit one of them may tip a rounding. The values are cosines.
LEAST_BATCHED_COSINE = {"query": 0.999, "document": 0.999_999}


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_float32_of_the_spaces_dimension_and_unit_length(engine: Engine, kind: TextKind) -> None:
    vectors = encode(engine, TEXTS, kind)
    assert vectors.shape == (len(TEXTS), engine.space.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_text_has_the_same_vector(engine: Engine, kind: TextKind) -> None:
    np.testing.assert_array_equal(encode(engine, TEXTS, kind), encode(engine, TEXTS, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_of_a_batch_match_those_of_single_texts_in_order(engine: Engine, kind: TextKind) -> None:
    alone = np.concatenate([encode(engine, [text], kind) for text in TEXTS])
    for token_budget in (1, 24, 10_000):
        batched = encode(engine, TEXTS, kind, token_budget=token_budget)
        assert np.einsum("nd,nd->n", alone, batched).min() > LEAST_BATCHED_COSINE[kind]
        # No other text of the list is nearer than the text itself.
        assert (batched @ alone.T).argmax(axis=1).tolist() == list(range(len(TEXTS)))


def test_vectors_of_equally_long_texts_do_not_depend_on_their_batch(engine: Engine) -> None:
    texts = ["nail polish", "motor oil", "dish soap"]
    assert len({len(ids) for ids in engine.tokenize(texts)}) == 1
    alone = np.concatenate([encode(engine, [text], "query") for text in texts])
    np.testing.assert_allclose(encode(engine, texts, "query"), alone, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_text_is_cut_to_max_tokens(engine: Engine, kind: TextKind) -> None:
    long, longer = "soap " * 2_000, "soap " * 1_500 + "motor oil " * 250
    ids, others = engine.tokenize([long, longer])
    assert len(ids) == len(others) == engine.max_tokens
    vectors = encode(engine, [long, longer], kind)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", "🙂"])
def test_a_text_without_words_has_a_vector_too(engine: Engine, text: str, kind: TextKind) -> None:
    assert all(ids for ids in engine.tokenize([text]))
    vector = encode(engine, [text], kind)
    assert np.isfinite(vector).all()
    np.testing.assert_allclose(np.linalg.norm(vector), 1.0, atol=1e-5)


def test_encoding_no_texts_returns_no_vectors(engine: Engine) -> None:
    assert encode(engine, [], "query").shape == (0, engine.space.dimension)


def test_texts_that_share_words_are_closer_than_others(engine: Engine) -> None:
    query = encode(engine, ["red nail polish"], "query")[0]
    near, far = encode(engine, ["nail polish", "motor oil"], "document")
    assert query @ near > query @ far + 0.2


def test_query_and_document_vectors_of_a_text_are_alike(engine: Engine) -> None:
    queries, documents = encode(engine, TEXTS, "query"), encode(engine, TEXTS, "document")
    assert np.einsum("nd,nd->n", queries, documents).min() > 0.99


@pytest.mark.weights
@pytest.mark.parametrize("name", ["onnx_engine", "torch_engine"])
def test_synonyms_without_a_shared_word_are_closer_than_other_texts(name: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(name)
    query = encode(engine, ["nail paint"], "query")[0]
    polish, lacquer, oil = encode(engine, ["nail polish", "manicure lacquer", "motor oil"], "document")
    assert query @ polish > query @ oil + 0.3
    assert query @ lacquer > query @ oil + 0.1
