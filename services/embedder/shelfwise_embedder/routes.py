"""The internal route, `/embed`."""

import base64
from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from shelfwise.app import DirectRoute, answer, body_of, json_body
from shelfwise.contracts.embed import EmbedRequest, EmbedResponse, TextKind
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.vectors import EncodedVectors, VectorSpace
from shelfwise.deadline import Deadline
from shelfwise_embedder.disconnect import while_connected
from shelfwise_embedder.embedding import Embedding
from shelfwise_embedder.job import Embedded
from shelfwise_embedder.state import state_of

router = APIRouter(route_class=DirectRoute, tags=["embedding"])

ERRORS: Final[dict[int | str, dict[str, Any]]] = {status: {"model": ErrorBody} for status in (400, 413, 422, 429, 503, 504)}


def served(request: Request) -> Embedding:
    """The live bundle's encoder; NotReady while there is none."""
    return state_of(request)["live"].engine


async def embed_for(
    request: Request, embedding: Embedding, texts: Sequence[str], kind: TextKind, deadline: Deadline | None
) -> list[Embedded]:
    """Vectors for a connected caller; returned directly if all of them are cached.

    A single text with a deadline, such as the gateway's queries, is not watched for a disconnect. It is computed in a
    millisecond, to which the watch would add a twentieth, and it is skipped anyway once its deadline has passed.
    """
    at_hand = embedding.cached(texts, kind)
    if at_hand is not None:
        return at_hand
    if len(texts) == 1 and deadline is not None:
        return await embedding.embed(texts, kind, deadline)
    return await while_connected(request, embedding.embed(texts, kind, deadline))


def encoded(space: VectorSpace, vectors: Sequence[Embedded]) -> EncodedVectors:
    joined = b"".join(embedded.vector for embedded in vectors)
    return EncodedVectors(space=space, count=len(vectors), base64=base64.b64encode(joined).decode())


@router.post(
    "/embed",
    summary="Text to vector",
    response_model=EmbedResponse,
    responses=ERRORS,
    openapi_extra=json_body(EmbedRequest.model_json_schema()),
)
async def embed(request: Request) -> Response:
    """One vector a text, in order, with the space they live in. 429 when too much waits already."""
    embedding, deadline = served(request), Deadline.of(request.headers)
    asked = await body_of(request, EmbedRequest)
    vectors = await embed_for(request, embedding, asked.texts, asked.kind, deadline)
    return answer(EmbedResponse(vectors=encoded(embedding.space, vectors)))
