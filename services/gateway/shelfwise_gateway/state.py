"""The state that the gateway's lifespan passes to its requests."""

from typing import TypedDict

from fastapi import Request

from shelfwise.clients import Events, Retriever
from shelfwise_gateway.admission import Admission
from shelfwise_gateway.auth import ApiKeys
from shelfwise_gateway.last_good import LastGood
from shelfwise_gateway.recommend import Recommender
from shelfwise_gateway.rerank import Reranker
from shelfwise_gateway.scenarios import Scenarios
from shelfwise_gateway.synonyms import Synonyms


class GatewayState(TypedDict):
    """One of each for the whole service."""

    recommender: Recommender
    reranker: Reranker
    scenarios: Scenarios
    synonyms: Synonyms
    retriever: Retriever
    events: Events
    last_good: LastGood
    event_admission: Admission
    keys: ApiKeys
    admission: Admission
    bulk_admission: Admission


def state_of(request: Request) -> GatewayState:
    """`request.state` with types."""
    state: GatewayState = request.scope["state"]
    return state
