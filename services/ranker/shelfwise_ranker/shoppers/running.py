"""Sets up everything that works for the shoppers while the ranker runs."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from shelfwise.app import Live
from shelfwise.app.metrics import Metrics
from shelfwise.tasks import Background
from shelfwise_ranker.feature_log import FeatureLog
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.settings import RankerSettings
from shelfwise_ranker.shoppers.database import Database
from shelfwise_ranker.shoppers.following import Follower
from shelfwise_ranker.shoppers.ranking_writer import RankingWriter
from shelfwise_ranker.shoppers.writing import EventWriter


@dataclass(frozen=True, slots=True)
class Shoppers:
    """The parts that requests need; all None without a database."""

    database: Database | None = None
    events: EventWriter | None = None
    feature_log: FeatureLog | None = None
    follower: Follower | None = None


async def start(
    settings: RankerSettings, live: Live[Ranker], metrics: Metrics, background: Background, stack: AsyncExitStack
) -> Shoppers:
    """Start the tasks that follow, write and log; they end with `stack`. Nothing starts without a database."""
    if settings.database_url is None:
        return Shoppers()
    database = await stack.enter_async_context(
        Database(
            settings.database_url.get_secret_value(),
            connections=settings.ranker_database_connections,
            waiting=settings.ranker_database_waiting,
            timeout_s=settings.ranker_database_timeout_s,
        )
    )
    follower = Follower(database, live, metrics.registry)
    live.prepare_with(follower.prepare)
    events = EventWriter(
        database,
        settings.ranker_events_queue,
        lambda: live.engine.table.row_of if live.ready else (),
        follower,
        metrics.registry,
    )
    background.run_within(stack, "follow-events", follower.run)
    background.run_within(stack, "write-events", events.run)
    log = FeatureLog(settings.ranker_feature_log_share, settings.ranker_feature_log_bytes, metrics.registry)
    rankings = RankingWriter(database, log, settings.ranker_feature_log_days)  # also without a sample: it deletes old rows
    background.run_within(stack, "write-rankings", rankings.run)
    stack.push_async_callback(rankings.write)
    return Shoppers(database, events, log if settings.ranker_feature_log_share > 0 else None, follower)
