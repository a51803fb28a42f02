"""Systems under test: started, stopped for a while, and ended, with everything they started themselves."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from benchmarks.catalog import BenchmarkError
from benchmarks.serving.shelfwise import free_ports, shelfwise
from benchmarks.serving.system import Program, System

_SERVER = """
import http.server, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


def _system(tmp_path: Path, code: str) -> System:
    [port] = free_ports(1)
    program = Program("small", [sys.executable, "-c", code, str(port)], {}, f"http://127.0.0.1:{port}/readyz")
    return System("small", "127.0.0.1", port, [program], logs=tmp_path)


def test_a_paused_system_answers_nothing_until_it_is_resumed(tmp_path: Path) -> None:
    with _system(tmp_path, _SERVER) as system:
        url = f"http://127.0.0.1:{system.port}/"
        assert system.ours
        assert system.memory_mb() > 1
        system.pause()
        with pytest.raises((TimeoutError, urllib.error.URLError)):
            urllib.request.urlopen(url, timeout=0.3)
        before_s = system.cpu_s()
        assert system.cpu_s() == before_s
        system.resume()
        with urllib.request.urlopen(url, timeout=5) as response:
            assert response.status == 200


def test_a_paused_system_is_ended_with_its_children(tmp_path: Path) -> None:
    others = set(psutil.Process().children(recursive=True))  # what other tests of this run keep running
    with _system(tmp_path, _SERVER) as system:
        children = [child for child in psutil.Process().children(recursive=True) if child not in others]
        assert len(children) == 2
        system.pause()
    assert psutil.wait_procs(children, timeout=5)[1] == []


def test_a_program_that_ends_before_it_is_ready_raises_with_its_log(tmp_path: Path) -> None:
    system = _system(tmp_path, "import sys; sys.exit('no bundle here')")
    with pytest.raises(BenchmarkError, match=r"(?s)small ended with 1 before it was ready: .*no bundle here"), system:
        pass
    assert not system.ours


@pytest.mark.parametrize("url", ["http://example.com", "https://127.0.0.1:8000", "http://10.0.0.1:8000", "8000"], ids=str)
def test_only_a_gateway_on_this_machine_is_measured(url: str) -> None:
    with pytest.raises(BenchmarkError, match="expected a gateway on this machine"):
        shelfwise(url, "var/bundles")


def test_without_a_running_gateway_four_connected_services_are_prepared(tmp_path: Path) -> None:
    [unused] = free_ports(1)
    system = shelfwise(f"http://localhost:{unused}", str(tmp_path))
    ports = {program.name: program.environment["SHELFWISE_PORT"] for program in system.programs}
    assert list(ports) == ["embedder", "retriever", "ranker", "gateway"]
    assert len(set(ports.values())) == 4
    gateway = system.programs[-1].environment
    for name in ("embedder", "retriever", "ranker"):
        assert gateway[f"SHELFWISE_{name.upper()}_URL"] == f"http://127.0.0.1:{ports[name]}"
    assert gateway["SHELFWISE_BUNDLES"] == str(tmp_path)
