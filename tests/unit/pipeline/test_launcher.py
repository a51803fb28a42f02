"""What the launcher starts, and what it says when something is in the way."""

import io
import json
import os
import shlex
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from shelfwise_pipeline.launcher import processes
from shelfwise_pipeline.launcher import run as launching
from shelfwise_pipeline.launcher.plan import Replica, environment_of, replicas_of
from shelfwise_pipeline.launcher.ports import NoSuchPort, PortTaken, require_free
from shelfwise_pipeline.launcher.processes import Child, ChildFailed
from shelfwise_pipeline.launcher.ready import readiness_problem
from shelfwise_pipeline.launcher.run import _greet, _start, _StopSignal
from shelfwise_pipeline.settings import PipelineSettings


def test_one_replica_of_each_service_gets_its_fixed_port() -> None:
    plan = replicas_of(8000, 1)
    assert [(replica.name, replica.port) for replica in plan] == [
        ("embedder", 8101),
        ("retriever", 8102),
        ("ranker", 8103),
        ("gateway", 8000),
    ]


def test_replicas_have_their_own_ports_and_the_gateway_knows_them_all() -> None:
    plan = replicas_of(9000, 2)
    assert len({replica.port for replica in plan}) == len(plan) == 6
    gateway = environment_of(plan[-1], plan, bundles="b", database_url="postgresql://x")
    assert gateway["SHELFWISE_RETRIEVER_URL"] == "http://127.0.0.1:9102,http://127.0.0.1:9112"
    assert gateway["SHELFWISE_EMBEDDER_URL"] == "http://127.0.0.1:9101"
    ranker = environment_of(plan[4], plan, bundles="b", database_url="postgresql://x")
    assert (ranker["SHELFWISE_PORT"], ranker["DATABASE_URL"]) == ("9113", "postgresql://x")
    assert "SHELFWISE_RETRIEVER_URL" not in ranker
    retriever = environment_of(plan[2], plan, bundles="b", database_url="postgresql://x")
    assert (retriever["SHELFWISE_PORT"], retriever["SHELFWISE_EMBEDDER_URL"]) == ("9112", "http://127.0.0.1:9101")


def test_only_the_gateway_gets_synonyms_and_a_set_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = replicas_of(9000, 1)

    def named(service: str, synonyms: Path | None) -> str | None:
        replica = next(replica for replica in plan if replica.service == service)
        env = environment_of(replica, plan, bundles="b", database_url="postgresql://x", synonyms=synonyms)
        return env.get("SHELFWISE_SYNONYMS")

    monkeypatch.delenv("SHELFWISE_SYNONYMS", raising=False)
    ours = Path("ours.yaml")
    assert (named("gateway", ours), named("gateway", None), named("ranker", ours)) == ("ours.yaml", None, None)
    monkeypatch.setenv("SHELFWISE_SYNONYMS", "theirs.yaml")
    assert named("gateway", ours) == "theirs.yaml"


@contextmanager
def taken() -> Iterator[int]:
    """A port on which something listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_the_error_for_a_taken_port_names_the_service() -> None:
    with taken() as port, pytest.raises(PortTaken, match=f"port {port}, for the ranker, is taken"):
        require_free([Replica("ranker", 1, port)])
    require_free([Replica("ranker", 1, port)])


def test_nothing_starts_when_a_port_was_taken_meanwhile(tmp_path: Path) -> None:
    with taken() as port:
        child = Child(Replica("gateway", 1, port), os.environ, tmp_path / "gateway.log")
        with pytest.raises(PortTaken):
            _start([child], lambda *_: None)
    assert not child.log.exists()


def test_the_error_for_a_port_out_of_range_names_the_service() -> None:
    with pytest.raises(NoSuchPort, match="found 65601 for the embedder"):
        require_free(replicas_of(65_500, 1))


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Child:
    """A child whose module is a script that sleeps, or fails if FAIL is set."""
    (tmp_path / "shelfwise_sleeper.py").write_text(
        "import os, time\nprint('the disk is full', flush=True)\nif 'FAIL' in os.environ: raise SystemExit(3)\ntime.sleep(60)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Child(Replica("sleeper", 1, 1), os.environ, tmp_path / "log" / "sleeper.log")


def until_ended(child: Child) -> int:
    deadline = time.monotonic() + 10
    while child.ended is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert child.ended is not None
    return child.ended


def test_a_killed_child_is_started_again(child: Child) -> None:
    child.start()
    first = child._process
    assert first is not None
    first.send_signal(signal.SIGKILL)
    assert until_ended(child) == -signal.SIGKILL
    assert "was killed by signal 9; started again" in child.revive()
    assert child.ended is None
    child.terminate()
    child.wait()
    assert child.ended == -signal.SIGTERM


def test_a_child_that_keeps_failing_is_given_up_with_its_own_output(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Child(child.replica, {**os.environ, "FAIL": "1"}, child.log)
    failing.start()
    for _ in range(2):
        until_ended(failing)
        failing.revive()
    until_ended(failing)
    with pytest.raises(ChildFailed, match="ended with exit code 3, 3 times, each within 20 s") as failed:
        failing.revive()
    assert "the disk is full" in str(failed.value)


def test_the_tail_of_a_log_leaves_out_what_an_earlier_run_wrote(child: Child) -> None:
    child.log.parent.mkdir()
    child.log.write_text("the port was taken\n")
    failing = Child(child.replica, {**os.environ, "FAIL": "1"}, child.log)
    failing.start()
    until_ended(failing)
    failing.revive()
    until_ended(failing)
    assert failing.tail() == "the disk is full\nthe disk is full"
    assert child.log.read_text().startswith("the port was taken")


def test_a_large_log_is_set_aside_while_it_is_written(child: Child) -> None:
    child.log.parent.mkdir()
    aside = child.log.with_name("sleeper.log.1")
    with child.log.open("ab", buffering=0) as written:  # as the process has it
        written.write(b"first\n")
        child.keep_log_small(largest=6)
        assert (child.tail(), aside.exists()) == ("first", False)
        written.write(b"second\n")
        child.keep_log_small(largest=7)
        assert (child.tail(), aside.read_text()) == ("", "first\nsecond\n")
        written.write(b"third\n")
        assert child.tail() == "third"
        child.keep_log_small(largest=5)
    assert (child.log.read_text(), aside.read_text()) == ("", "third\n")
    assert sorted(file.name for file in child.log.parent.iterdir()) == ["sleeper.log", "sleeper.log.1"]


def test_only_the_end_of_an_oversized_log_is_set_aside(child: Child) -> None:
    """A copy of all that an earlier release wrote might fill the disk."""
    child.log.parent.mkdir()
    child.log.write_text("".join(f"line {number:03}\n" for number in range(100)))
    child.keep_log_small(largest=14)
    assert child.log.with_name("sleeper.log.1").read_text() == "line 097\nline 098\nline 099\n"


def test_a_large_log_that_cannot_be_copied_is_emptied_all_the_same(child: Child) -> None:
    child.log.parent.mkdir()
    child.log.write_text("the disk is full\n")
    child.log.with_name(".sleeper.log.1.new").mkdir()
    child.keep_log_small(largest=0)
    assert child.log.read_text() == ""


def test_a_child_killed_repeatedly_after_staying_up_is_not_given_up(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STAYS_UP_S", 0.05)
    child.start()
    for _ in range(processes.GIVE_UP_AFTER + 1):
        time.sleep(0.1)
        assert child._process is not None
        child._process.kill()
        until_ended(child)
        child.revive()
    child.terminate()
    child.wait()


@pytest.fixture
def gateway() -> Iterator[str]:
    """The address of a gateway that answers whoever has the key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            known = self.headers.get("authorization") == "Bearer first"
            answer = {"items": [{"rank": 1, "name": "Nail Care"}], "bundle": "v1", "timings_ms": {"total": 1.0}}
            self.send_response(200 if known else 401)
            self.end_headers()
            self.wfile.write(json.dumps(answer if known else {}).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def greeting(url: str, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width)
    _greet(url, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_first_question_uses_the_first_api_key_without_printing_it(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFWISE_API_KEYS", " first ,second")
    said = greeting(gateway)
    assert "1. Nail Care" in said
    assert 'authorization: Bearer ${SHELFWISE_API_KEYS%%,*}"' in said
    assert "first" not in said.split("authorization")[1]


def test_the_curl_command_can_be_pasted_from_a_narrow_terminal(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFWISE_API_KEYS", "first")
    (line,) = [line for line in greeting(gateway, width=80).splitlines() if line.startswith("curl")]
    words = shlex.split(line)
    assert words[3] == f"{gateway}/recommend"
    assert json.loads(words[words.index("-d") + 1]) == {"product_name": "nail paints", "top_k": 5}


def test_requests_to_this_machine_bypass_the_proxy(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELFWISE_API_KEYS", "first")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr("urllib.request._opener", None)  # a cached opener keeps the environment of the time it was made
    assert readiness_problem(gateway) is None
    assert "1. Nail Care" in greeting(gateway)


def test_a_first_question_that_is_not_answered_is_only_noted(gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHELFWISE_API_KEYS", raising=False)
    assert "found: HTTP Error 401" in greeting(gateway)
    assert "Shelfwise answers at" in greeting("http://127.0.0.1:1")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Restores the signals' handlers afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_termination_signals_interrupt_at_first_and_stop_once_armed(number: signal.Signals) -> None:
    stop = _StopSignal()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    stop.armed = True
    signal.raise_signal(number)
    assert stop.received


@pytest.mark.usefixtures("handlers")
def test_an_ignored_sighup_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = _StopSignal()
    signal.raise_signal(signal.SIGHUP)
    assert not stop.received


@pytest.mark.usefixtures("handlers")
def test_ctrl_c_while_the_launcher_ends_leaves_nothing_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Child] = []

    def end(children: list[Child]) -> None:
        signal.raise_signal(signal.SIGINT)
        ended.extend(children)

    monkeypatch.setattr(launching, "prepared_database", lambda *_: nullcontext("postgresql://x"))
    monkeypatch.setattr(launching, "connect", lambda *_: nullcontext())
    monkeypatch.setattr(launching, "synonyms_of", lambda *_: None)
    monkeypatch.setattr(launching, "_start", lambda *_: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr(launching, "_end", end)
    monkeypatch.setattr(launching, "require_free", lambda _: None)
    console = Console(file=io.StringIO())
    launching.run(PipelineSettings(var=tmp_path), port=8000, replicas=1, console=console)
    assert [child.replica.service for child in ended] == ["embedder", "retriever", "ranker", "gateway"]
