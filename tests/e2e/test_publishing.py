"""Publishing and rolling back under load: every question is answered, by one version or the other."""

import asyncio
import time
from itertools import cycle

import httpx

from benchmarks.living.copies import another_version
from benchmarks.living.steady import ask_steadily
from shelfwise.bundle import BundleStore
from tests.support.launcher import RunningShop

RATE, PHASE_S = 25.0, 6.0


async def test_no_question_fails_while_a_bundle_goes_live_and_back(shop: RunningShop) -> None:
    store = BundleStore(str(shop.var / "bundles"))
    before = store.current()
    another_version(shop.var / "bundles", before, "z-later", shop.var / "bundles")
    asking = asyncio.create_task(ask_steadily(shop.url, cycle(["milk", "nail paints", "red wine"]), RATE, 3 * PHASE_S))
    await asyncio.sleep(PHASE_S / 2)
    store.publish("z-later")
    await asyncio.sleep(PHASE_S)
    store.publish(before)
    answers = await asking
    assert {one.status for one in answers} == {200}
    served = [one.bundle for one in answers]
    assert served[0] == before
    assert "z-later" in served
    assert served[-1] == before


def test_a_damaged_bundle_is_not_served_and_readiness_says_why(shop: RunningShop) -> None:
    store = BundleStore(str(shop.var / "bundles"))
    before = store.current()
    another_version(shop.var / "bundles", before, "z-damaged", shop.var / "bundles")
    model = shop.var / "bundles" / "z-damaged" / "ranker" / "models" / "text.txt"
    content = model.read_bytes()
    model.unlink()  # a link to the live bundle's file
    model.write_bytes(content[:-1] + b"?")
    store.publish("z-damaged")
    try:
        ranker = shop.url_of("ranker")
        assert "expected sha256" in _problem_of(ranker, within_s=20)
        assert httpx.get(f"{ranker}/version").json()["bundle"] == before
        assert shop.recommend(product_name="milk").status_code == 200
    finally:
        store.publish(before)


def _problem_of(service: str, within_s: float) -> str:
    """The problem that readiness reports, as soon as it does; empty if it reports none within `within_s`."""
    give_up_at = time.monotonic() + within_s
    while time.monotonic() < give_up_at:
        problem = httpx.get(f"{service}/readyz").json()["problem"]
        if problem is not None:
            return str(problem)
        time.sleep(0.1)
    return ""
