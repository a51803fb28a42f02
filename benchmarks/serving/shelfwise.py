"""Shelfwise as a system under test: a running one, or four services that the benchmark starts with the published bundle."""

import ipaddress
import socket
import urllib.parse
from pathlib import Path

from benchmarks.catalog import BenchmarkError
from benchmarks.serving.system import Program, System, answers_200, python

HOST = "127.0.0.1"
_SERVICES = ("embedder", "retriever", "ranker", "gateway")


def shelfwise(gateway: str, bundles: str) -> System:
    """The system behind `gateway` if it answers, otherwise one that starts the four services on free ports.

    Raises:
        BenchmarkError: `gateway` is not an http address on this machine.
    """
    host, port = _loopback(gateway)
    if answers_200(f"http://{host}:{port}/readyz"):
        return System("shelfwise", host, port)
    ports = dict(zip(_SERVICES, free_ports(len(_SERVICES)), strict=True))
    addresses = {f"SHELFWISE_{name.upper()}_URL": f"http://{HOST}:{port}" for name, port in ports.items() if name != "gateway"}
    programs = [
        Program(
            name=name,
            command=python("-m", f"shelfwise_{name}"),
            environment={
                "SHELFWISE_HOST": HOST,
                "SHELFWISE_PORT": str(ports[name]),
                "SHELFWISE_BUNDLES": str(Path(bundles).resolve()),
                "OMP_NUM_THREADS": "1",
                "POLARS_MAX_THREADS": "1",
                # The monolith writes no log line per request, either.
                "SHELFWISE_LOG_LEVEL": "warning",
                **(addresses if name == "gateway" else {}),
            },
            ready_url=f"http://{HOST}:{ports[name]}/readyz",
        )
        for name in _SERVICES
    ]
    return System("shelfwise", HOST, ports["gateway"], programs)


def free_ports(count: int) -> list[int]:
    """Different ports of the loopback address on which nobody listens now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _loopback(url: str) -> tuple[str, int]:
    parts = urllib.parse.urlsplit(url)
    host = {"localhost": HOST}.get(parts.hostname or "", parts.hostname or "")
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if parts.scheme != "http" or not local:
        raise BenchmarkError(f"expected a gateway on this machine such as http://127.0.0.1:8000, found {url!r}")
    return host, parts.port or 80
