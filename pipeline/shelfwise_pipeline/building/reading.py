"""Reads the shop from the database for a build."""

from datetime import datetime, timedelta
from typing import Any

import psycopg

from shelfwise_pipeline.importing import read_events, read_judgements, read_products
from shelfwise_pipeline.settings import PipelineSettings
from shelfwise_pipeline.shop import TAUGHT_BY, Shop


def read_shop(connection: psycopg.Connection[Any], settings: PipelineSettings, newest: datetime | None) -> Shop:
    """Read the products, the judgements, and the events that the settings let a build learn from, without impressions.

    `newest`: the time of the newest event, from which `learn_from_days` counts back; None if there is none. Call this in a
    snapshot, so that all data are of one moment.
    """
    days = settings.learn_from_days
    since = None if newest is None or days is None else newest - timedelta(days=days)
    events = read_events(connection, since=since, impressions=False, columns=TAUGHT_BY)
    return Shop(read_products(connection), events, read_judgements(connection))
