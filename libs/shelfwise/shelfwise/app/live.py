"""The part of a bundle that a service serves: loaded beside the old one, warmed, then swapped in."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from shelfwise.bundle import BundleStore, Part, PartName
from shelfwise.errors import BundleError, NotReady
from shelfwise.memory import give_back
from shelfwise.turns import one_at_a_time, short_turns

_log = logging.getLogger("shelfwise.live")

T = TypeVar("T")

LONGEST_WAIT_S = 30.0
"""While storage cannot be read, or the disk is full, the interval between attempts grows up to this: what is fetched in vain
may be half a gigabyte each time."""


class Live(Generic[T]):
    """Holds the served engine and follows the published version.

    `load` opens a checked part, warms it and returns the engine; it runs in a thread. While it runs, and if it fails, the
    previous engine stays: a request sees either the old bundle or the new one, never half of each. A service that has just
    started and cannot use the published version (one of a newer release that is being rolled back) serves the version that was
    published before it.
    """

    def __init__(self, store: BundleStore, part: PartName, load: Callable[[Part], T], poll_s: float) -> None:
        self._store = store
        self._part: PartName = part
        self._load = load
        self._prepare: Callable[[T], Awaitable[None]] | None = None
        self._poll_s = poll_s
        self._engine: T | None = None
        self._version: str | None = None
        self._built_at: datetime | None = None
        self._published: str | None = None
        self._refused: dict[str, str] = {}  # the reasons by version, since `_published` was published
        self._in_vain = 0  # consecutive failed attempts
        self.problem: str | None = "loading the bundle"

    @property
    def engine(self) -> T:
        """The engine to answer with.

        Raises:
            NotReady: none has been loaded yet; the message says why.
        """
        if self._engine is None:
            raise NotReady(f"not ready: {self.problem}")
        return self._engine

    @property
    def ready(self) -> bool:
        return self._engine is not None

    @property
    def version(self) -> str | None:
        """The served bundle's version."""
        return self._version

    @property
    def built_at(self) -> datetime | None:
        """When the served bundle was built."""
        return self._built_at

    def prepare_with(self, prepare: Callable[[T], Awaitable[None]]) -> None:
        """Await this on the event loop after each load, before the engine is swapped in; e.g. to catch up with changes."""
        self._prepare = prepare

    async def follow(self) -> None:
        """Look for a newly published version, forever; run as a task of the lifespan."""
        while True:
            await self.refresh()
            await asyncio.sleep(max(self._poll_s, min(self._poll_s * 2.0 ** min(self._in_vain, 10), LONGEST_WAIT_S)))

    async def refresh(self) -> None:
        """Load the published version if it is not the served one.

        A refused version is not tried again until another one is published; storage that cannot be reached is.
        """
        try:
            published = await asyncio.to_thread(self._store.current)
            if published != self._published:
                self._published, self._refused = published, {}
            if published != self._version:
                await self._try(published)
            if self._engine is None:
                before = await asyncio.to_thread(self._store.previous)
                if before is not None:
                    await self._try(before)
            self._in_vain = 0
            self._note(self._refused.get(published))
        except BundleError as error:  # nothing is published
            self._in_vain = 0
            self._note(error.message)
        except Exception as error:  # whatever a storage client raises: the next poll tries again
            self._in_vain += 1
            self._note(f"the bundles cannot be read: {type(error).__name__}: {error}")

    async def _try(self, version: str) -> None:
        """Serve `version`, unless it is, or was, refused; then the previous one stays."""
        if version in self._refused:
            return
        try:
            part = await asyncio.to_thread(self._store.open, version, self._part)
        except BundleError as error:
            self._refused[version] = error.message
            return
        try:
            engine = await asyncio.to_thread(self._loaded, part)
            if self._prepare is not None:
                await self._prepare(engine)
        except BundleError as error:
            self._refused[version] = error.message
            return
        except Exception as error:  # whatever a library raises on a part it cannot read must not end the service
            _log.exception("bundle could not be loaded", extra={"bundle": version})
            problem = f"bundle {version!r} could not be loaded: {type(error).__name__}; the log has the traceback"
            self._refused[version] = problem
            return
        self._engine, self._version, self._built_at = engine, version, part.manifest.created_at
        self.problem = self._refused.get(self._published or version)
        _log.info("bundle is live", extra={"bundle": version, "part": self._part})
        await asyncio.to_thread(self._store.spare_cache, self._part, [version])
        await asyncio.to_thread(give_back)

    def _loaded(self, part: Part) -> T:
        if self._engine is None:
            engine = self._load(part)
        else:
            with one_at_a_time(), short_turns():
                engine = self._load(part)
        gc.collect()
        gc.freeze()  # a catalog in memory is not worth traversing in every full collection
        return engine

    def _note(self, problem: str | None) -> None:
        if problem is not None and problem != self.problem:
            _log.warning("bundle not usable", extra={"problem": problem, "still_serving": self._version})
        self.problem = problem
