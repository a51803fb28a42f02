"""Rankings and shopper changes are deleted after their time, whatever share of rankings is logged now."""

import asyncio
from pathlib import Path

import pytest

from shelfwise_pipeline.database import connect
from shelfwise_ranker.shoppers import ranking_writer
from tests.support.living import living_ranker

LOGGED = """
INSERT INTO behavior.rankings (request_id, logged_at, asked_at, bundle, kind, features, product_ids, matrix)
SELECT 'r' || days, now() - make_interval(days => days), 0, 'v1', 'text', '', '{}', '' FROM unnest(ARRAY[29, 31]) AS days
"""
CHANGED = """
INSERT INTO behavior.shopper_changes (changed_at, shopper)
SELECT now() - make_interval(days => days), days FROM unnest(ARRAY[399, 401]) AS days
"""
LEFT = "SELECT (SELECT array_agg(request_id) FROM behavior.rankings), (SELECT array_agg(shopper) FROM behavior.shopper_changes)"


@pytest.mark.parametrize("share", [0.01, 0.0])
async def test_old_rankings_and_shopper_changes_are_deleted_whatever_is_logged(
    bundles: Path, database: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking_writer, "WRITE_S", 0.05)
    monkeypatch.setattr(ranking_writer, "TIDY_S", 0.0)
    with connect(database, autocommit=True) as connection:
        connection.execute(LOGGED)
        connection.execute(CHANGED)
        async with living_ranker(bundles, database, ranker_feature_log_share=share):
            async with asyncio.timeout(5):
                while connection.execute(LEFT).fetchone() != (["r29"], [399]):  # noqa: ASYNC110 - the state is the service's
                    await asyncio.sleep(0.05)
