"""Asks a running shop the everyday queries and measures how many of the first products are acceptable.

python -m benchmarks.relevance --gateway http://127.0.0.1:8000
"""

import argparse
import json
import urllib.request
from collections import defaultdict
from typing import Any

from benchmarks.relevance.everyday import EverydayQuery, read_queries

SHOWN = 5
PATIENT_MS = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", default="http://127.0.0.1:8000")
    parser.add_argument("--quiet", action="store_true", help="only the sums")
    arguments = parser.parse_args()
    shares: dict[str, list[float]] = defaultdict(list)
    for query in read_queries():
        items = ask(arguments.gateway, query)
        share = query.share([item["category"] or [] for item in items])
        shares[query.section].append(share)
        if not arguments.quiet:
            names = (f"{'' if query.answered_by(item['category'] or []) else '✗ '}{item['name']}" for item in items)
            print(f"{share:4.0%} {query.text:28} {' | '.join(names)}")
    for section, found in shares.items():
        wholly, not_at_all = sum(share == 1 for share in found), sum(share == 0 for share in found)
        mean = sum(found) / len(found)
        print(f"{section}: {mean:.3f} of the first {SHOWN}; {wholly} of {len(found)} wholly right, {not_at_all} wholly wrong")


def ask(gateway: str, query: EverydayQuery) -> list[dict[str, Any]]:
    """The first SHOWN items of the gateway's answer."""
    body = json.dumps({"product_name": query.text, "top_k": SHOWN, "deadline_ms": PATIENT_MS}).encode()
    request = urllib.request.Request(f"{gateway}/recommend", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=2 * PATIENT_MS / 1000) as response:
        items: list[dict[str, Any]] = json.load(response)["items"]
    return items


if __name__ == "__main__":
    main()
