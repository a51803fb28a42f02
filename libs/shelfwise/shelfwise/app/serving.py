"""The state of a service that serves a bundle and follows a database."""

from datetime import datetime
from typing import Any, Protocol

from shelfwise.app.live import Live


class Following(Protocol):
    """The part of a service that applies the catalog's changes."""

    @property
    def problem(self) -> str | None:
        """Why they do not arrive; None if they do."""

    @property
    def database_up(self) -> bool:
        """Whether PostgreSQL answered when it was last asked."""

    @property
    def applied(self) -> int | None:
        """The number of the last change in what is served; None while nothing is served."""

    @property
    def lag_s(self) -> float:
        """Seconds since everything in the log was last applied."""


class Serving:
    """The bundle's state, and whether later changes arrive; reported by `/readyz`."""

    def __init__(self, live: Live[Any]) -> None:
        self._live = live
        self.following: Following | None = None
        """None while nothing is followed."""

    @property
    def ready(self) -> bool:
        return self._live.ready

    @property
    def version(self) -> str | None:
        return self._live.version

    @property
    def built_at(self) -> datetime | None:
        """When the served bundle was built."""
        return self._live.built_at

    @property
    def bundle_problem(self) -> str | None:
        """Why the published bundle is not served."""
        return self._live.problem

    @property
    def problem(self) -> str | None:
        return self.bundle_problem or (self.following.problem if self.following is not None else None)
