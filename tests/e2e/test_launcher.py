"""The launcher as its user sees it: taken ports, killed children, Ctrl-C, a second start."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.launcher import RunningShop, free_port


def test_a_killed_ranker_degrades_answers_and_comes_back(shop: RunningShop) -> None:
    killed = shop.pid_of("ranker")
    os.kill(killed, signal.SIGKILL)
    degraded: list[str] = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = shop.recommend(product_name="nail paints", top_k=5)
        assert answer.status_code == 200
        assert len(answer.json()["recommendations"]) == 5
        if answer.json()["degraded"]:
            degraded = answer.json()["degraded"]
        elif degraded:
            break
        time.sleep(0.05)
    assert degraded == ["without_ranker"]
    assert shop.recommend(product_name="nail paints").json()["degraded"] == []
    assert "the ranker was killed by signal 9; started again" in " ".join(shop.said.split())


def test_a_taken_port_is_reported_in_a_sentence_and_nothing_is_started(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        result = subprocess.run(
            [Path(sys.executable).with_name("shelfwise"), "run", "--port", str(port)],
            env={**os.environ, "SHELFWISE_VAR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert result.returncode == 1
    assert f"port {port}, for the gateway, is taken" in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGHUP], ids=["ctrl_c", "the_terminals_end"])
def test_a_second_start_builds_no_bundle_and_a_signal_stops_all_of_its_processes(
    var: Path, shop: RunningShop, by: signal.Signals
) -> None:
    bundles = sorted(path.name for path in (var / "bundles").iterdir())
    started = time.monotonic()
    second = RunningShop(var)  # beside the first: another port, the same folder
    try:
        second.wait_until_it_answers()
        assert time.monotonic() - started < 15
        assert sorted(path.name for path in (var / "bundles").iterdir()) == bundles
        children = psutil.Process(second.process.pid).children()
        assert len(children) == 4
    finally:
        code = second.stop(by)
    assert code == 0
    assert "everything has stopped" in second.said
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert shop.recommend(product_name="milk").status_code == 200
