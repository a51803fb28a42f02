"""What the ranker's lifespan passes to its requests."""

from typing import TypedDict

from fastapi import Request

from shelfwise.app import Live
from shelfwise.app.compute import Compute
from shelfwise_ranker.explaining import Explaining
from shelfwise_ranker.feature_log import FeatureLog
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.shoppers.database import Database
from shelfwise_ranker.shoppers.writing import EventWriter


class RankerState(TypedDict):
    """One of each per service. Without a database the last three are None."""

    live: Live[Ranker]
    compute: Compute
    explaining: Explaining
    feature_log: FeatureLog | None
    database: Database | None
    events: EventWriter | None


def state_of(request: Request) -> RankerState:
    """`request.state`, with types."""
    state: RankerState = request.scope["state"]
    return state
