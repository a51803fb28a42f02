"""An engine that stops at a gate, so that a test decides what queues while it is busy."""

import asyncio
import threading
from collections.abc import Sequence

from shelfwise.contracts.embed import TextKind
from shelfwise_embedder.engines.base import TokenIds, Vectors
from shelfwise_embedder.engines.fake import FakeEngine


class HeldEngine(FakeEngine):
    """Records every batch; each one waits until the gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.batches: list[tuple[TextKind, list[TokenIds]]] = []
        self.fault: Exception | None = None
        self._entered = threading.Semaphore(0)

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        self.batches.append((kind, list(batch)))
        self._entered.release()
        assert self.gate.wait(timeout=5)
        if self.fault:
            raise self.fault
        return super().encode_tokens(batch, kind)

    async def entered(self) -> None:
        """Until a batch has reached the gate."""
        assert await asyncio.to_thread(self._entered.acquire, timeout=5)

    def texts_computed(self) -> int:
        return sum(len(batch) for _, batch in self.batches)
