"""The first question, asked for the user: what they can do next, with its real answer."""

import json
import urllib.request
from typing import Any

QUESTION = {"product_name": "nail paints", "top_k": 5}


def ask(url: str) -> dict[str, Any]:
    """The gateway's answer to QUESTION."""
    request = urllib.request.Request(  # noqa: S310 - a loopback http address of ours
        f"{url}/recommend", json.dumps({**QUESTION, "deadline_ms": 5000}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
    return answer


def curl(url: str) -> str:
    """The same question, to paste into a terminal."""
    return f"curl -X POST {url}/recommend -H 'content-type: application/json' \\\n     -d '{json.dumps(QUESTION)}'"
