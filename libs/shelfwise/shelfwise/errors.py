"""Every error that a Shelfwise service returns.

    ShelfwiseError
    ├── InvalidRequest            422  well-formed JSON that breaks a rule
    │   └── ForeignVector         422  a vector of another space than the index's
    ├── MalformedBody             400  not JSON at all
    ├── Unauthorized              401  no API key, or one that is not known
    ├── NotFound                  404  no such route
    │   └── UnknownProduct        404  no such product
    ├── MethodNotAllowed          405
    ├── ReadOnly                  409  a write to a service that has no database
    ├── BodyTooSlow               408  the body did not arrive in time
    ├── BodyTooLarge              413
    ├── Overloaded                429  the queue is full; carries Retry-After
    ├── Internal                  500  a defect; never carries exception text
    ├── Unavailable               503
    │   ├── NotReady              503  still loading, or the bundle was refused
    │   ├── DatabaseUnavailable   503  PostgreSQL cannot be reached; nothing was written
    │   ├── AnotherHistory        503  the database lacks changes that were taken from it
    │   └── UpstreamUnavailable   503  a service behind this one cannot be reached
    ├── DeadlineExceeded          504  the caller's time is up
    └── BundleError               503
        ├── BundleMissing         503  nothing published yet
        ├── BundleDamaged         503  a file is missing or its sha256 differs
        └── BundleMismatch        503  another schema, or other features, than this code

A message says what was expected, what was found and what to do.
"""

from typing import Any, ClassVar


class ShelfwiseError(Exception):
    """The base class; `status` is the HTTP status, `code` the word that a program may test for."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def headers(self) -> dict[str, str]:
        return {}


class InvalidRequest(ShelfwiseError):
    """The body is JSON, but a field is missing, unknown or out of range."""

    status = 422
    code = "invalid_request"


class ForeignVector(InvalidRequest):
    """A vector came from another model, dimension or normalization than the index holds."""

    code = "foreign_vector"


class MalformedBody(ShelfwiseError):
    """The body is not JSON."""

    status = 400
    code = "malformed_body"


class Unauthorized(ShelfwiseError):
    """The service requires an API key, and the request has none that it knows."""

    status = 401
    code = "unauthorized"

    @property
    def headers(self) -> dict[str, str]:
        return {"www-authenticate": "Bearer"}


class NotFound(ShelfwiseError):
    """No such route."""

    status = 404
    code = "not_found"


class UnknownProduct(NotFound):
    """A product id that the catalog does not hold."""

    code = "unknown_product"


class MethodNotAllowed(ShelfwiseError):
    """The route exists, the method does not."""

    status = 405
    code = "method_not_allowed"


class ReadOnly(ShelfwiseError):
    """The service has no database, so it accepts no writes; asking again does not help."""

    status = 409
    code = "read_only"


class BodyTooSlow(ShelfwiseError):
    """The body did not arrive in time; a slow sender must not keep a place from others."""

    status = 408
    code = "body_too_slow"

    @property
    def headers(self) -> dict[str, str]:
        return {"connection": "close"}  # else the rest of the body would be taken for the next request


class BodyTooLarge(ShelfwiseError):
    """The body is over the service's limit."""

    status = 413
    code = "body_too_large"


class Overloaded(ShelfwiseError):
    """More work than fits the bounded queue; answered at once, never queued."""

    status = 429
    code = "overloaded"

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    @property
    def headers(self) -> dict[str, str]:
        return {"retry-after": str(self.retry_after_s)}


class Internal(ShelfwiseError):
    """A defect in the service. The log has the traceback under the request id; the response does not."""


class Unavailable(ShelfwiseError):
    """The service cannot answer now; a later try may work."""

    status = 503
    code = "unavailable"

    @property
    def headers(self) -> dict[str, str]:
        return {"retry-after": "1"}


class NotReady(Unavailable):
    """The service is loading, or refused the bundle that is published."""

    code = "not_ready"


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, or gave up; nothing was acknowledged."""

    code = "database_unavailable"


class AnotherHistory(Unavailable):
    """The catalog's change log is not the one that was followed so far, or that the bundle was built from."""

    code = "another_history"


class UpstreamUnavailable(Unavailable):
    """A service behind this one does not answer."""

    code = "upstream_unavailable"


class DeadlineExceeded(ShelfwiseError):
    """The caller's deadline passed, or would pass before the work could end."""

    status = 504
    code = "deadline_exceeded"


class BundleError(ShelfwiseError):
    """A bundle that cannot be used."""

    status = 503
    code = "bundle"


class BundleMissing(BundleError):
    """Nothing is published at the bundles' address."""

    code = "bundle_missing"


class BundleDamaged(BundleError):
    """A file of the bundle is missing or was changed."""

    code = "bundle_damaged"


class BundleMismatch(BundleError):
    """The bundle was written for another version of the code."""

    code = "bundle_mismatch"


def _every(base: type[ShelfwiseError]) -> list[type[ShelfwiseError]]:
    return [base, *(deeper for child in base.__subclasses__() for deeper in _every(child))]


_BY_CODE: dict[str, type[ShelfwiseError]] = {error.code: error for error in reversed(_every(ShelfwiseError))}


def error_from(body: Any, status: int, service: str, retry_after_s: int | None = None) -> ShelfwiseError:
    """The error that another service returned, as the exception that it raised there.

    `body` is the parsed response; anything but a Shelfwise error body becomes `UpstreamUnavailable` (5xx) or `Internal` (4xx).
    `retry_after_s`: the value of its header of that name.
    """
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and error.get("code") in _BY_CODE:
        kind, message = _BY_CODE[error["code"]], str(error.get("message", ""))
        return Overloaded(message, retry_after_s) if kind is Overloaded and retry_after_s else kind(message)
    if status >= 500:
        return UpstreamUnavailable(f"the {service} answered {status} without an error body")
    return Internal(f"the {service} refused the request with {status}")
