"""The state that the retriever's lifespan passes to its requests."""

from typing import TypedDict

from fastapi import Request

from shelfwise.app import Live
from shelfwise.app.compute import Compute
from shelfwise_retriever.living import Living
from shelfwise_retriever.served import Served


class RetrieverState(TypedDict):
    """One of each for the whole service. Without a database `living` is None."""

    live: Live[Served]
    compute: Compute
    living: Living | None


def state_of(request: Request) -> RetrieverState:
    """`request.state` with types."""
    state: RetrieverState = request.scope["state"]
    return state
