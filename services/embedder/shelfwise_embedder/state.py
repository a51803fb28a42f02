"""The state that the embedder's lifespan passes to its requests."""

from typing import TypedDict

from fastapi import Request

from shelfwise.app import Live
from shelfwise_embedder.embedding import Embedding


class EmbedderState(TypedDict):
    """One for the whole service."""

    live: Live[Embedding]


def state_of(request: Request) -> EmbedderState:
    """`request.state` with types."""
    state: EmbedderState = request.scope["state"]
    return state
