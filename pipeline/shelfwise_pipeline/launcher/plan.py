"""Plans which processes the launcher starts, on which ports, with which environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from shelfwise.settings import PREFIX

# The gateway is started last and stopped first, because it can answer only while the others can.
SERVICES = ("embedder", "retriever", "ranker", "gateway")
REPLICATED = ("retriever", "ranker")
_ASKS = {"gateway": ("embedder", "retriever", "ranker"), "retriever": ("embedder",)}
"""Which services call which: the gateway calls all for searches, and a retriever has new products' texts embedded."""

_OFFSETS = {"gateway": 0, "embedder": 101, "retriever": 102, "ranker": 103}
_REPLICA_STEP = 10


@dataclass(frozen=True, slots=True)
class Replica:
    """One process to start."""

    service: str
    number: int
    port: int

    @property
    def name(self) -> str:
        return self.service if self.number == 1 else f"{self.service}-{self.number}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def module(self) -> str:
        return f"shelfwise_{self.service}"


def replicas_of(port: int, replicas: int) -> list[Replica]:
    """Return every process of one shop. The gateway listens on `port`, the others on ports above it."""
    return [
        Replica(service, number, port + _OFFSETS[service] + (number - 1) * _REPLICA_STEP)
        for service in SERVICES
        for number in range(1, (replicas if service in REPLICATED else 1) + 1)
    ]


def environment_of(
    replica: Replica, everyone: list[Replica], *, bundles: str, database_url: str, synonyms: Path | None = None
) -> dict[str, str]:
    """Return the environment of one process: this one's, with the settings by which the processes find each other.

    `synonyms`: the gateway's file, if the environment names none.
    """
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        f"{PREFIX}BUNDLES": bundles,
        f"{PREFIX}HOST": "127.0.0.1",
        f"{PREFIX}PORT": str(replica.port),
        # The services manage their compute threads themselves; a library's pool beside them would only compete with the others.
        "OMP_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if replica.service == "gateway" and synonyms is not None:
        env.setdefault(f"{PREFIX}SYNONYMS", str(synonyms))
    for service in _ASKS.get(replica.service, ()):
        urls = [other.url for other in everyone if other.service == service]
        env[f"{PREFIX}{service.upper()}_URL"] = ",".join(urls)
    return env
