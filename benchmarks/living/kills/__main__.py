"""`python -m benchmarks.living.kills`: kills every part of a shop during writes; nothing acknowledged may be lost.

Starts the launcher with a copy of the shop in `--var`: two retrievers, two rankers, embedder, gateway, PostgreSQL. Writers send
products and events through the gateway and repeat every call that was not acknowledged. Meanwhile, a retriever, a ranker, the
gateway or PostgreSQL is killed (kill -9) in turn, at random moments, and the launcher restarts it. Then everything acknowledged
is checked. Writes reports/kills.json. Exits with 1 if anything is missing, outdated or counted wrongly.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import psycopg

from benchmarks.catalog import published_catalog
from benchmarks.ending import orderly_end
from benchmarks.living.kills.checks import counted_events, found_products, shown_products, stored_events, stored_products
from benchmarks.living.kills.ledger import Ledger
from benchmarks.living.kills.rounds import Kill, run_rounds
from benchmarks.living.kills.shop import Shop, copied
from benchmarks.machine import machine
from benchmarks.places import REPORTS, ROOT
from benchmarks.serving.shelfwise import free_ports
from shelfwise_pipeline.evaluation.report.tables import report_console

_SHOWN = 5


def main() -> None:
    options = _parser().parse_args()
    console = report_console()
    with (
        orderly_end(),
        tempfile.TemporaryDirectory(prefix="shelfwise-kills-") as folder,
        Shop(copied(Path(options.var).resolve(), Path(folder)), options.port, SHELFWISE_DEMO="none") as shop,
    ):
        facts = killed_and_checked(shop, options.rounds, options.seed, options.pause)
    facts = {**machine(), **facts}
    console.print_json(orjson.dumps(facts).decode())
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    sys.exit(1 if any(facts["problems"].values()) else 0)


def killed_and_checked(shop: Shop, rounds: int, seed: int, pause_s: float) -> dict[str, Any]:
    """The report. `problems` counts the problems of each kind, `examples` has the first few."""
    catalog = published_catalog(str(shop.var / "bundles")).products
    words = sorted({word for title in catalog["title"].head(2_000) for word in title.split() if word.isalpha()})
    began = time.monotonic()
    ledger, kills = asyncio.run(run_rounds(shop, catalog["product_id"].to_list(), words, rounds, seed, pause_s))
    seconds = time.monotonic() - began
    found = _problems(shop, ledger)
    return {
        "rounds": rounds,
        "seed": seed,
        "seconds": round(seconds),
        "products_acknowledged": len(ledger.products),
        "writes_acknowledged": dict(ledger.writes),
        "events_acknowledged": len(ledger.events),
        "sent_again": dict(ledger.retries),
        "kills": [kill.as_json() for kill in kills],
        "recovery_s": _recovery(kills),
        "problems": {name: len(listed) for name, listed in found.items()},
        "examples": {name: listed[:_SHOWN] for name, listed in found.items() if listed},
    }


def _problems(shop: Shop, ledger: Ledger) -> dict[str, list[str]]:
    with psycopg.connect(shop.database.url, autocommit=True) as connection:
        row = connection.execute("SELECT max(seq) FROM catalog.changes").fetchone()
        found = {
            "products_stored": stored_products(ledger, connection),
            "events_stored": stored_events(ledger, connection),
        }
    for number, retriever in enumerate(shop.urls("retriever"), start=1):
        found[f"products_shown_by_retriever_{number}"] = shown_products(ledger, retriever, row[0] if row else 0)
        found[f"products_found_by_retriever_{number}"] = found_products(ledger, retriever, 300)
    with shop.another_ranker(free_ports(1)[0]) as fresh:
        found["events_counted_by_rankers"] = counted_events(ledger, shop.urls("ranker"), fresh)
    return found


def _recovery(kills: Sequence[Kill]) -> dict[str, dict[str, float]]:
    """The longest recovery for each kind of target."""
    kinds = sorted({kill.target.split("-")[0] for kill in kills})
    return {
        kind: {
            name: round(max(getattr(kill, name) for kill in kills if kill.target.startswith(kind)), 2)
            for name in ("ready_s", "product_s", "event_s")
        }
        for kind in kinds
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.living.kills", description=__doc__)
    parser.add_argument("--var", default=str(ROOT / "var"), help="folder of a shop that `make run` made, and that is stopped")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two calls of a writer, on average")
    parser.add_argument("--port", type=int, default=18_000, help="of the gateway; the others are 101 to 113 above it")
    parser.add_argument("--report", type=Path, default=REPORTS / "kills.json")
    return parser


if __name__ == "__main__":
    main()
