"""Events, from the gateway to the counts of the ranker, through the real processes and the real database."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shelfwise_ranker.living.recent import RecentEvents
from tests.support.launcher import RunningShop


def history(shop: RunningShop, **who: str) -> list[str]:
    answer = httpx.post(f"{shop.url_of('ranker')}/context", json=who)
    assert answer.status_code == 200, answer.text
    products: list[str] = answer.json()["history"]["products"]
    return products


def views(shop: RunningShop, name: str, **who: str) -> list[dict[str, Any]]:
    """Views of three nail polishes a moment ago."""
    items = shop.recommend(product_name="nail polish", top_k=3).json()["items"]
    now = datetime.now(UTC)
    return [
        {
            "event_id": f"{name}-{place}",
            "type": "view",
            "product_id": item["product_id"],
            "timestamp": (now - timedelta(seconds=place)).isoformat(),
            **who,
        }
        for place, item in enumerate(items)
    ]


def test_views_of_a_new_shopper_are_in_their_history_at_the_next_request(shop: RunningShop) -> None:
    sent = views(shop, "new", user_id="first-seen")
    for number, view in enumerate(reversed(sent), start=1):
        answer = httpx.post(f"{shop.url}/events", json=view)
        assert (answer.status_code, answer.json()) == (
            202,
            {"accepted": 1, "duplicates": 0, "conflicting": [], "unknown_products": []},
        )
        assert len(history(shop, user_id="first-seen")) == number
    assert history(shop, user_id="first-seen") == [view["product_id"] for view in sent]
    for_you = shop.recommend(user_id="first-seen", top_k=10).json()
    assert for_you["scenario"] == "for-you"
    assert "without_context" not in for_you["degraded"]
    assert "Nail Care" in {item["category"][-1] for item in for_you["items"]}
    again = httpx.post(f"{shop.url}/events", json=sent)
    assert (again.json()["accepted"], again.json()["duplicates"]) == (0, 3)


def test_a_retracted_view_is_in_no_history(shop: RunningShop) -> None:
    sent = views(shop, "mistaken", user_id="mistaken")
    assert httpx.post(f"{shop.url}/events", json=sent).status_code == 202
    asked = {"event_ids": [sent[0]["event_id"], "never sent"]}
    answer = httpx.post(f"{shop.url}/events/retract", json=asked)
    assert (answer.status_code, answer.json()) == (
        200,
        {"retracted": 1, "already_retracted": 0, "unknown_events": ["never sent"]},
    )
    assert history(shop, user_id="mistaken") == [view["product_id"] for view in sent[1:]]
    assert httpx.post(f"{shop.url}/events", json=sent[0]).json()["duplicates"] == 1
    assert history(shop, user_id="mistaken") == [view["product_id"] for view in sent[1:]]


def test_a_session_can_be_merged_into_a_user_and_the_user_erased(shop: RunningShop) -> None:
    sent = views(shop, "session", session_id="a visit")
    assert httpx.post(f"{shop.url}/events", json=sent).status_code == 202
    merged = httpx.post(f"{shop.url}/users/merge", json={"session_id": "a visit", "user_id": "ann@example.com"})
    assert merged.json() == {"events": 3}
    assert len(history(shop, user_id="ann@example.com")) == 3
    erased = httpx.delete(f"{shop.url}/users/ann@example.com")
    assert erased.json() == {"events": 3, "sessions": 1, "logged_requests": 0}
    assert history(shop, user_id="ann@example.com", session_id="a visit") == []


def test_rankers_continue_counting_where_the_events_of_the_bundle_end(shop: RunningShop) -> None:
    bundle = shop.recommend(product_name="milk").json()["bundle"]
    carried = RecentEvents.load(shop.var / "bundles" / bundle / "ranker")
    assert carried.snapshot is not None
    assert carried.read_at == pytest.approx(time.time(), abs=3600)
    assert len(carried) > 1000

    def counted() -> float:
        lines = httpx.get(f"{shop.url_of('ranker')}/metrics").text.splitlines()
        return next(float(line.split()[-1]) for line in lines if line.startswith("shelfwise_live_events_total "))

    before = counted()
    assert before < len(carried), "what the bundle has counted is not counted again"
    assert httpx.post(f"{shop.url}/events", json=views(shop, "counted", user_id="someone")).status_code == 202
    assert counted() == before + 3
