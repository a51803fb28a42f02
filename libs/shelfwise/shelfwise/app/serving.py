"""What `/readyz` says of a service that serves a bundle and follows a database."""

from typing import Any, Protocol

from shelfwise.app.live import Live


class Following(Protocol):
    """What takes a database's changes in; `problem` says why they do not come in, None when they do."""

    @property
    def problem(self) -> str | None: ...


class Serving:
    """The bundle's state, and whether later changes come in."""

    def __init__(self, live: Live[Any]) -> None:
        self._live = live
        self.following: Following | None = None
        """None as long as nothing is followed."""

    @property
    def ready(self) -> bool:
        return self._live.ready

    @property
    def version(self) -> str | None:
        return self._live.version

    @property
    def problem(self) -> str | None:
        return self._live.problem or (self.following.problem if self.following is not None else None)
