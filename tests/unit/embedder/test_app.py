import base64
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from shelfwise.contracts.embed import EmbedResponse
from shelfwise_embedder.app import create_app
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.fake import FakeEngine
from shelfwise_embedder.settings import EmbedderSettings
from tests.unit.embedder.bundles import publish_fake_bundle


def _settings(bundles: Path) -> EmbedderSettings:
    return EmbedderSettings(bundles=str(bundles), embedder_engine="fake", bundle_poll_s=0.02)


def _until(client: TestClient, path: str, field: str, value: object) -> None:
    for _ in range(250):
        if client.get(path).json().get(field) == value:
            return
        time.sleep(0.02)
    raise AssertionError(f"{path} never said {field}={value!r}: {client.get(path).json()}")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    publish_fake_bundle(tmp_path)
    with TestClient(create_app(_settings(tmp_path))) as client:
        _until(client, "/readyz", "ready", True)
        yield client


def _vectors(response: EmbedResponse) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(response.vectors.base64), dtype="<f4")
    return flat.reshape(response.vectors.count, response.vectors.space.dimension)


def test_embed_answers_one_vector_per_text_and_their_space(client: TestClient) -> None:
    texts = ["nail polish", "soap", "nail polish"]
    answer = client.post("/embed", json={"texts": texts})
    assert answer.status_code == 200
    response = EmbedResponse.model_validate(answer.json())
    engine = FakeEngine()
    assert response.vectors.space == engine.space
    np.testing.assert_array_equal(_vectors(response), encode(engine, texts, "query"))


def test_a_repeated_query_is_answered_the_same_from_the_cache(client: TestClient) -> None:
    first = client.post("/embed", json={"texts": ["wireless mouse"]}).content
    assert client.post("/embed", json={"texts": ["wireless mouse"]}).content == first
    metrics = client.get("/metrics").text
    assert "shelfwise_embedder_cache_hits_total 1.0" in metrics
    assert "shelfwise_embedder_cache_misses_total 1.0" in metrics


def test_documents_are_not_cached(client: TestClient) -> None:
    for _ in range(2):
        assert client.post("/embed", json={"texts": ["wireless mouse"], "kind": "document"}).status_code == 200
    assert "shelfwise_embedder_cache_bytes 0.0" in client.get("/metrics").text


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"texts": []}, 422, "texts"),
        ({"texts": ["x"] * 257}, 422, "texts"),
        ({"texts": ["x" * 10_001]}, 422, "texts.0"),
        ({"texts": ["x"], "kind": "poem"}, 422, "kind"),
        ({"text": "x"}, 422, "unknown field"),
    ],
)
def test_an_invalid_embed_request_is_refused_with_what_is_wrong(
    client: TestClient, body: object, status: int, said: str
) -> None:
    answer = client.post("/embed", json=body)
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]


def test_a_request_with_a_passed_or_invalid_deadline_is_refused(client: TestClient) -> None:
    answer = client.post("/embed", json={"texts": ["late"]}, headers={"x-deadline-ms": "0"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "deadline_exceeded")
    answer = client.post("/embed", json={"texts": ["late"]}, headers={"x-deadline-ms": "soon"})
    assert answer.status_code == 422


def test_openai_floats_and_base64_are_the_same_vectors(client: TestClient) -> None:
    asked = {"input": ["nail polish", "soap"], "model": "any", "user": "someone"}
    floats = client.post("/v1/embeddings", json=asked).json()
    packed = client.post("/v1/embeddings", json={**asked, "encoding_format": "base64"}).json()
    assert [item["index"] for item in floats["data"]] == [0, 1]
    for item, other in zip(floats["data"], packed["data"], strict=True):
        np.testing.assert_array_equal(
            np.array(item["embedding"], dtype=np.float32), np.frombuffer(base64.b64decode(other["embedding"]), dtype="<f4")
        )
    assert client.post("/v1/embeddings", json={**asked, "encoding_format": None, "model": None}).json() == floats
    assert floats["model"] == "fake-words"
    assert floats["usage"] == {"prompt_tokens": 5, "total_tokens": 5}


def test_openai_takes_a_single_text_and_refuses_another_dimension(client: TestClient) -> None:
    assert len(client.post("/v1/embeddings", json={"input": "soap"}).json()["data"]) == 1
    answer = client.post("/v1/embeddings", json={"input": "soap", "dimensions": 7})
    assert answer.status_code == 422
    assert "expected 64" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "input: List should have at least 1 item after validation, not 0"),
        (["soap", 7], "input.1: Input should be a valid string, found 7"),
        (None, "input: Input should be a valid array, found None"),
        (["soap"] * 257, "input: List should have at most 256 items after validation, not 257"),
    ],
)
def test_an_invalid_openai_input_is_refused_with_a_single_message(client: TestClient, given: object, message: str) -> None:
    answer = client.post("/v1/embeddings", json={"input": given})
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, message)


def test_without_a_bundle_the_embedder_is_alive_but_not_ready(tmp_path: Path) -> None:
    with TestClient(create_app(_settings(tmp_path))) as client:
        assert client.get("/livez").status_code == 200
        answer = client.post("/embed", json={"texts": ["soap"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        publish_fake_bundle(tmp_path)
        _until(client, "/readyz", "bundle", "1")
        assert client.post("/embed", json={"texts": ["soap"]}).status_code == 200


def test_a_newly_published_bundle_takes_over(client: TestClient, tmp_path: Path) -> None:
    assert client.post("/embed", json={"texts": ["soap"]}).status_code == 200
    publish_fake_bundle(tmp_path, "2")
    _until(client, "/version", "bundle", "2")
    assert client.post("/embed", json={"texts": ["soap"]}).status_code == 200


def test_a_bundle_for_another_engine_is_refused_with_the_reason(tmp_path: Path) -> None:
    publish_fake_bundle(tmp_path)
    settings = EmbedderSettings(bundles=str(tmp_path), embedder_engine="onnx", bundle_poll_s=0.02)
    with TestClient(create_app(settings)) as client:
        for _ in range(100):
            message = client.get("/readyz").json()["error"]["message"]
            if "SHELFWISE_EMBEDDER_ENGINE" in message:
                return
            time.sleep(0.02)
    raise AssertionError(message)
