"""API keys, if the shop sets any."""

import hashlib
import hmac

from fastapi import Request

from shelfwise.errors import Unauthorized

_SCHEME = "bearer "


class ApiKeys:
    """Admits requests that carry a key, `Authorization: Bearer <key>`; without keys, all except those of other sites' pages.

    Any web page can make a visitor's browser post to an address that only the browser reaches, such as one on the visitor's
    machine: events, logins, a bulk of products. The browser reports this in a header that no page can set.
    """

    def __init__(self, keys: str) -> None:
        """`keys`: separated by commas; empty for an open API.

        Raises:
            ValueError: a key contains characters that headers do not carry safely, or a text that is not empty has no key.
        """
        known = [key.strip() for key in keys.split(",") if key.strip()]
        if keys and not known:  # e.g. a secret that was never filled in: whoever sets the variable does not want an open API
            raise ValueError(
                "SHELFWISE_API_KEYS: expected keys separated by commas, found only blanks or commas; "
                "set a key, or unset the variable to leave the API open"
            )
        wrong = [str(place) for place, key in enumerate(known, 1) if not (key.isascii() and key.isprintable())]
        if wrong:
            raise ValueError(
                f"SHELFWISE_API_KEYS: expected keys of printable ASCII characters, found others in key "
                f"number {', '.join(wrong)}; choose another key, since HTTP headers may change other characters"
            )
        self._digests = [_digest(key) for key in known]

    def require(self, request: Request) -> None:
        """
        Raises:
            Unauthorized: keys are set and the request carries none of them; or none is set and another site's page asks.
        """
        if not self._digests:
            if request.method != "GET" and request.headers.get("sec-fetch-site") == "cross-site":
                raise Unauthorized(
                    "expected no request from another site's page, since no API key is set; ask from the shop's own servers"
                )
            return
        given = request.headers.get("authorization", "")
        if given[: len(_SCHEME)].lower() != _SCHEME:
            raise Unauthorized("expected the header 'Authorization: Bearer <key>', found none; ask the operator for an API key")
        # Digests have one length and all are compared, so the time reveals neither a key's length nor which one came close.
        digest = _digest(given[len(_SCHEME) :].strip())
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        if not any(matches):
            raise Unauthorized("expected a known API key, found an unknown one; ask the operator for one")


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
