"""`/v1/embeddings` in the format of OpenAI's clients."""

import base64
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shelfwise.app import answer, body_of, json_body
from shelfwise.deadline import Deadline
from shelfwise.errors import InvalidRequest
from shelfwise_embedder.job import Embedded
from shelfwise_embedder.routes import ERRORS, embed_for, served

router = APIRouter(prefix="/v1", tags=["OpenAI"])


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(max_length=10_000)]
Texts = Annotated[list[Text], Field(min_length=1, max_length=256)]
OneOrMore = Annotated[Texts, BeforeValidator(_listed, json_schema_input_type=Text | Texts)]
"""Not a union: pydantic would report an error in it twice, under its own names for the two sides."""

Encoding = Literal["float", "base64"]


class EmbeddingsRequest(BaseModel):
    """As OpenAI documents it; fields it does not use are ignored, because clients send many."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    input: OneOrMore
    model: str | None = Field(None, description="Any name; the answer tells the one that is served.")
    encoding_format: Encoding | None = Field(None, description="null: float")
    dimensions: int | None = Field(None, ge=1, description="Only the model's own dimension is possible.")


class EmbeddingItem(BaseModel):
    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class Usage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class EmbeddingsResponse(BaseModel):
    object: Literal["list"] = "list"
    data: list[EmbeddingItem]
    model: str
    usage: Usage


def _written(embedded: Embedded, form: Encoding | None) -> list[float] | str:
    if form == "base64":
        return base64.b64encode(embedded.vector).decode()
    floats: list[float] = np.frombuffer(embedded.vector, dtype="<f4").tolist()
    return floats


@router.post(
    "/embeddings",
    summary="Text to vector, OpenAI-shaped",
    response_model=EmbeddingsResponse,
    responses=ERRORS,
    openapi_extra=json_body(EmbeddingsRequest.model_json_schema()),
)
async def embeddings(request: Request) -> Response:
    """Texts are encoded as queries."""
    embedding, deadline = served(request), Deadline.of(request.headers)
    asked = await body_of(request, EmbeddingsRequest)
    space = embedding.space
    if asked.dimensions not in (None, space.dimension):
        raise InvalidRequest(f"dimensions: expected {space.dimension}, the model's own, found {asked.dimensions}; leave it out")
    vectors = await embed_for(request, embedding, asked.input, "query", deadline)
    tokens = sum(embedded.tokens for embedded in vectors)
    data = [EmbeddingItem(index=index, embedding=_written(each, asked.encoding_format)) for index, each in enumerate(vectors)]
    usage = Usage(prompt_tokens=tokens, total_tokens=tokens)
    return answer(EmbeddingsResponse(data=data, model=space.model, usage=usage))
