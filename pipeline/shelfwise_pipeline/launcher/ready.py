"""Waits until services report that they can answer."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from shelfwise_pipeline.launcher.processes import Child, ChildFailed, describe_end

POLL_S = 0.1

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens local addresses without a proxy, even if `http_proxy` is set."""


def wait_until_ready(children: list[Child], timeout_s: float, advance: Callable[[int, int | None], None]) -> None:
    """Returns when every child's `/readyz` answers 200.

    Raises:
        ChildFailed: a child ended, or is not ready in time; the message has its own explanation.
    """
    deadline = time.monotonic() + timeout_s
    waiting = list(children)
    while waiting:
        for child in list(waiting):
            if child.ended is not None:
                how = describe_end(child.ended)
                raise ChildFailed(f"the {child.replica.name} {how} while starting. The end of {child.log}:\n{child.tail()}")
            problem = readiness_problem(child.replica.url)
            if problem is None:
                waiting.remove(child)
                advance(len(children) - len(waiting), len(children))
            elif time.monotonic() > deadline:
                raise ChildFailed(
                    f"the {child.replica.name} is not ready after {timeout_s:.0f} s: {problem}. Its log: {child.log}"
                )
        time.sleep(POLL_S)


def readiness_problem(url: str) -> str | None:
    """Return why the service at `url` is not ready, or None if it is."""
    try:
        with DIRECT.open(f"{url}/readyz", timeout=2):
            return None
    except urllib.error.HTTPError as error:
        try:
            return str(json.load(error)["error"]["message"])
        except (ValueError, KeyError, TypeError):
            return f"/readyz answers {error.code}"
    except OSError as error:
        return f"nothing answers at {url}: {error}"
