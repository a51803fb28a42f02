"""Products are written while the shop is served by two retrievers and two rankers, and while processes are killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.living.kills.shop import copied
from tests.support.launcher import RunningShop
from tests.support.waiting import wait_until

NAME = "Zyxnova quillon polish"
PRODUCT = {"title": NAME, "brand": "Zyxnova", "category": ["Cosmetics", "Nail Care"], "price": 12.5, "currency": "USD"}


@pytest.fixture(scope="module")
def living(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    shop = RunningShop(copied(made, tmp_path_factory.mktemp("living")), replicas=2)
    try:
        shop.wait_until_it_answers()
        yield shop
    finally:
        shop.stop()


def write(shop: RunningShop, method: str, product_id: str, body: Any = None) -> dict[str, Any]:
    answer = httpx.request(method, f"{shop.url}/products/{product_id}", json=body, timeout=15)
    assert answer.status_code == 200, answer.text
    written: dict[str, Any] = answer.json()
    return written


def names(shop: RunningShop, **question: Any) -> list[str]:
    answer = shop.recommend(**question)
    assert answer.status_code == 200, answer.text
    assert answer.json()["degraded"] == []
    found: list[str] = answer.json()["recommendations"]
    return found


def on_both(shop: RunningShop, wanted: bool, **question: Any) -> bool:
    """Whether both retrievers do or do not find the product, as wanted: the gateway asks them in turn."""
    return all((NAME in names(shop, **question)) == wanted for _ in range(4))


def test_a_written_patched_and_deleted_product_is_up_to_date_within_a_second(living: RunningShop) -> None:
    written = write(living, "PUT", "e2e-1", PRODUCT)
    assert written["result"] == "kept"
    wait_until(lambda: on_both(living, True, product_name=NAME, top_k=5), within_s=1)
    wait_until(lambda: on_both(living, True, product_name="zyxnova", filter={"brand": "zyxnova"}), within_s=1)

    write(living, "PATCH", "e2e-1", {"price": 3.0})
    cheap = {"brand": "Zyxnova", "price": {"max": 4}}
    wait_until(lambda: on_both(living, True, product_name="polish", filter=cheap), within_s=1)
    item = living.recommend(product_name="polish", filter=cheap).json()["items"][0]
    assert (item["product_id"], item["price"]) == ("e2e-1", 3.0)

    similar = living.recommend(product_id="e2e-1", top_k=5).json()["items"]
    assert len(similar) == 5

    write(living, "DELETE", "e2e-1")
    wait_until(lambda: on_both(living, False, product_name=NAME, top_k=20), within_s=1)
    assert httpx.get(f"{living.url}/products/e2e-1").status_code == 404


def test_changes_tells_when_all_retrievers_have_applied_a_write(living: RunningShop) -> None:
    seq = write(living, "PUT", "e2e-2", {**PRODUCT, "title": "Waited for"})["seq"]
    wait_until(lambda: httpx.get(f"{living.url}/changes").json()["applied"] >= seq, within_s=1)
    assert httpx.get(f"{living.url}/changes").json()["replicas"] == 2
    for replica in (1, 2):
        shown = httpx.get(f"{living.url_of('retriever', replica)}/products/e2e-2").json()
        assert shown["title"] == "Waited for"


def test_an_acknowledged_write_survives_killed_retrievers(living: RunningShop) -> None:
    """They are killed right after the write, and come back with the bundle and the change log since its build."""
    write(living, "PUT", "e2e-3", PRODUCT)
    for replica in (1, 2):
        os.kill(living.pid_of("retriever", replica), signal.SIGKILL)
    for replica in (1, 2):

        def is_back(url: str = living.url_of("retriever", replica)) -> bool:
            try:
                return httpx.get(f"{url}/products/e2e-3").status_code == 200
            except httpx.TransportError:
                return False

        wait_until(is_back, within_s=40)
    wait_until(lambda: on_both(living, True, product_name=NAME, top_k=5), within_s=5)


def test_reads_go_on_and_writes_recover_after_a_crash_of_postgresql(living: RunningShop) -> None:
    """Writes are refused with 503 while the database is away, and work again when it is back."""
    data = living.var / "postgres" / "data"
    postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    # When a session's process is killed, the server ends all sessions and recovers from its log, as after a crash.
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    sessions = [pid for pid in children if b"shelfwise" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(int(sessions[0]), signal.SIGKILL)
    assert names(living, product_name="nail paints")

    def writes() -> bool:
        answer = httpx.put(f"{living.url}/products/e2e-4", json={**PRODUCT, "title": "After the crash"}, timeout=15)
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code == 200

    wait_until(writes, within_s=20)
    seq = write(living, "PATCH", "e2e-4", {"price": 1.0})["seq"]
    wait_until(lambda: httpx.get(f"{living.url}/changes").json()["applied"] >= seq, within_s=5)


def test_products_written_in_bulk_through_the_gateway_are_found(living: RunningShop) -> None:
    lines = "".join(f'{{"product_id": "bulk-{n}", "title": "Quillon {n % 5}", "category": ["Bulk"]}}\n' for n in range(500))
    answer = httpx.post(f"{living.url}/products:bulk", content=lines + "not json\n", timeout=60)
    *reports, end = answer.text.splitlines()
    assert '"refused"' in reports[-1]
    assert '"kept":500' in end
    wait_until(
        lambda: all(len(names(living, product_name="quillon", top_k=5, filter={"category": "bulk"})) == 5 for _ in "ab"),
        within_s=2,
    )
