"""The whole shop in containers: it answers, it survives a kill, it stops in order, and it does not build twice."""

import os
import time
from pathlib import Path

import pytest

from tests.containers.engine import SERVICES, Project, run

pytestmark = pytest.mark.containers

KILL_ALL_BUT_INIT = "import os, signal; os.kill(-1, signal.SIGKILL)"


def test_nail_paints_returns_five_names(shop: Project) -> None:
    answer = shop.recommend(product_name="nail paints", top_k=5)
    assert len(answer["recommendations"]) == 5
    assert all(isinstance(name, str) and name for name in answer["recommendations"])
    assert answer["degraded"] == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_engine_reports_every_service_as_healthy(shop: Project, service: str) -> None:
    # The gateway answers before the engine has asked for the first time.
    deadline = time.monotonic() + 30
    while (health := shop.inspect(service)["State"]["Health"]["Status"]) == "starting" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert health == "healthy"


def test_a_killed_ranker_degrades_answers_and_is_restarted(shop: Project) -> None:
    assert shop.recommend(product_name="milk")["degraded"] == []
    restarts = shop.inspect("ranker")["RestartCount"]
    # After `docker kill`, which counts as the operator's wish, no restart policy applies. This is like a crash.
    shop.python("ranker", KILL_ALL_BUT_INIT)

    seen: list[list[str]] = []
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        answer = shop.recommend(product_name="milk")
        assert answer["recommendations"], "an answer without the ranker is poorer, not empty"
        seen.append(answer["degraded"])
        if any(seen) and not answer["degraded"]:
            break
        time.sleep(0.05)

    assert any("rank" in step for degraded in seen for step in degraded), "the gateway never said that the ranker was missed"
    assert seen[-1] == [], f"no whole answer came back, the last one said {seen[-1]}"
    assert shop.inspect("ranker")["RestartCount"] == restarts + 1


def test_a_stopped_embedder_exits_by_itself_and_degrades_answers_until_started(shop: Project) -> None:
    began = time.monotonic()
    shop.compose("stop", "embedder")
    took = time.monotonic() - began
    try:
        # 137 would be SIGKILL, which the engine sends after its timeout.
        assert shop.inspect("embedder")["State"]["ExitCode"] in (0, 143)
        assert took < 12
        answer = shop.recommend(product_name="milk")
        assert answer["recommendations"]
        assert answer["degraded"]
    finally:
        shop.compose("start", "embedder")
    deadline = time.monotonic() + 60
    while (degraded := shop.recommend(product_name="milk")["degraded"]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert degraded == []


def test_an_up_to_date_bundle_is_not_built_again(shop: Project) -> None:
    bundle = shop.recommend(product_name="milk")["bundle"]
    said = run(["docker", "start", "--attach", shop.containers["builder"]], timeout_s=120)
    assert "database and bundle are ready to be served" in said
    assert shop.recommend(product_name="milk")["bundle"] == bundle


def test_a_file_can_be_imported_as_documented(shop: Project, tmp_path: Path) -> None:
    (tmp_path / "catalog.csv").write_text("product_id,title,price\nkettle-2,Enamel kettle 2 l,39.50\n", "utf-8")
    tmp_path.chmod(0o755)  # pytest makes it for its own user only
    mounted = ("--rm", "-T", "--volume", f"{tmp_path}:/data:ro")
    command = ("builder", "shelfwise", "import", "products", "/data/catalog.csv", "--yes", "--dry-run")
    said = shop.compose("run", *mounted, *command)
    assert "catalog.csv" in said
    assert "nothing was written" in said


def test_a_newsletter_can_be_made_as_documented(shop: Project, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("user_id\nnewsletter-1\nnewsletter-2\n", "utf-8")
    mounted = ("--rm", "-T", "--no-deps", "--user", str(os.getuid()), "--volume", f"{tmp_path}:/data")
    asked = ("recommend", "/data/customers.csv", "/data/answers.csv", "--url", "http://gateway:8000", "--scenario", "trending")
    said = shop.compose("run", *mounted, "builder", "shelfwise", *asked, "--top-k", "2")
    assert "2 questions answered" in said
    rows = (tmp_path / "answers.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[1] for row in rows] == ["user_id"] + ["newsletter-1"] * 2 + ["newsletter-2"] * 2
