"""What the embedder's lifespan hands to its requests."""

from typing import TypedDict

from fastapi import Request

from shelfwise.app import Live
from shelfwise_embedder.embedding import Embedding


class EmbedderState(TypedDict):
    """For the whole service."""

    live: Live[Embedding]


def state_of(request: Request) -> EmbedderState:
    """The same as `request.state`, with types."""
    state: EmbedderState = request.scope["state"]
    return state
