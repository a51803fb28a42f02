"""A user and a session with the same id are two different shoppers everywhere."""

import polars as pl
import pytest

from shelfwise.shopper_name import shopper_name
from shelfwise_pipeline.examples.baskets import Baskets
from shelfwise_ranker.behavior import COLUMNS, BehaviorStats
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.living.identity import session_key, shopper_names, user_key
from shelfwise_ranker.living.recent import RecentEvents
from tests.unit.ranker.shelf import NOW, events, shelf

TABLE = shelf()
AS_USERS = events(("purchase", "red", "1", 2.0), ("purchase", "red", "2", 1.0), ("purchase", "milk", "2", 1.0))
AS_SESSIONS = AS_USERS.rename({"user_id": "session_id", "session_id": "user_id"}).select(AS_USERS.columns)
BOTH = pl.concat([AS_USERS, AS_SESSIONS])


def test_event_logs_and_baskets_keep_users_and_sessions_of_one_id_apart() -> None:
    log = EventLog.of(TABLE, BOTH)
    assert len(set(log.users.tolist())) == 4
    baskets = Baskets.of(TABLE, BOTH)
    assert sorted(baskets.users.tolist()) == [0, 1, 2, 3]
    buyers = BehaviorStats.compute(TABLE, log, NOW.timestamp()).values[:, COLUMNS.index("buyers_90d")]
    assert [round(2.718281828**value) - 1 for value in buyers[[0, 4]]] == [4, 2]


def test_recent_events_of_a_bundle_use_the_rankers_shopper_keys() -> None:
    recent = RecentEvents.of(TABLE.ids, BOTH, NOW.timestamp(), 0.0, None)
    assert set(recent.shoppers.tolist()) == {user_key("1"), user_key("2"), session_key("1"), session_key("2")}


@pytest.mark.parametrize(("user", "session"), [("1", None), ("1", "2"), (None, "2"), ("{}", None)])
def test_shopper_names_of_a_frame_equal_those_of_single_events(user: str | None, session: str | None) -> None:
    frame = pl.DataFrame({"user_id": [user], "session_id": [session]}, {"user_id": pl.String, "session_id": pl.String})
    assert frame.select(shopper_names()).item() == shopper_name(user, session)


def test_a_shopper_name_without_user_and_session_raises_value_error() -> None:
    with pytest.raises(ValueError, match="found neither"):
        shopper_name(None, None)
