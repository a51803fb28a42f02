"""Asks a running gateway one question until it is answered, finally refused, or the time is up."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx
from pydantic import ValidationError

from shelfwise.contracts.errors import ErrorBody
from shelfwise_pipeline.errors import PipelineError

LATER: Final = (429, 502, 503, 504)
"""Overloaded, or a service behind it is down: the same question may be answered soon."""

DEADLINE_MS: Final = 5_000
"""Nobody waits at a screen, so a late answer is better than one without its ranker."""

MARGIN_S: Final = 10.0
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 10.0


class GatewayLost(PipelineError):
    """The gateway no longer answers, or it is not a gateway."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway to ask. `patience_s`: how long a question is retried before the gateway counts as lost."""

    client: httpx.AsyncClient
    patience_s: float = 60.0

    async def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what POST /recommend answers to `asked`: a RecommendResponse, or an ErrorBody if the question itself is wrong.

        Raises:
            GatewayLost: no answer within `patience_s`, no permission, or a response that is not from Shelfwise.
        """
        body = {"deadline_ms": DEADLINE_MS, **asked}
        timeout = body["deadline_ms"] / 1000 + MARGIN_S
        end, wait = time.monotonic() + self.patience_s, FIRST_WAIT_S
        while True:
            try:
                response = await self.client.post("/recommend", json=body, timeout=timeout)
            except httpx.TransportError as error:
                found, asked_for = f"{type(error).__name__} {error}".strip(), 0.0
            else:
                if response.status_code not in LATER:
                    return self._said(response)
                found, asked_for = _shown(response), _retry_after(response)
            pause = min(max(wait, asked_for), LONGEST_WAIT_S)
            if time.monotonic() + pause > end:
                raise GatewayLost(
                    f"expected the gateway at {self.client.base_url} to answer within {self.patience_s:g} s, found: {found}"
                )
            await asyncio.sleep(pause)
            wait *= 2

    def _said(self, response: httpx.Response) -> dict[str, Any]:
        if response.status_code in (401, 403):
            raise GatewayLost(
                f"expected the gateway at {self.client.base_url} to accept the first key of SHELFWISE_API_KEYS, "
                f"found: {_shown(response)}; set it to one of the gateway's"
            )
        try:
            said: dict[str, Any] = response.json()
            if response.status_code == 200:
                said["items"], said["request_id"]
            else:
                ErrorBody.model_validate(said)
        except (ValueError, TypeError, KeyError, ValidationError) as error:
            raise GatewayLost(
                f"expected Shelfwise's gateway at {self.client.base_url}, found: {_shown(response)}; "
                "name its address with --url"
            ) from error
        return said


def _retry_after(response: httpx.Response) -> float:
    """Return the seconds to wait; 0 if the response gives none, or a date."""
    try:
        return float(response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0


def _shown(response: httpx.Response) -> str:
    return f"{response.status_code} {' '.join(response.text.split())[:200]}"
