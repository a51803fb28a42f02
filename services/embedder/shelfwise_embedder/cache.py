"""A cache of recent query vectors, bounded in bytes."""

from collections import OrderedDict
from typing import Final

from shelfwise_embedder.job import Embedded

_OVERHEAD_BYTES: Final = 300
"""Cost of an entry besides its text and vector: the headers of the str, the bytes and the tuple, and its slot in the dict."""


class VectorCache:
    """An LRU cache. `max_bytes` of 0 keeps nothing."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, Embedded] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, text: str) -> Embedded | None:
        found = self._entries.get(text)
        if found is not None:
            self._entries.move_to_end(text)
        return found

    def put(self, text: str, embedded: Embedded) -> None:
        cost = _cost(text, embedded)
        if cost > self._max_bytes:
            return
        if text in self._entries:
            self.size_bytes -= _cost(text, self._entries.pop(text))
        self._entries[text] = embedded
        self.size_bytes += cost
        while self.size_bytes > self._max_bytes:
            self.size_bytes -= _cost(*self._entries.popitem(last=False))


def _cost(text: str, embedded: Embedded) -> int:
    # Python stores four bytes per character as soon as one character needs them.
    return len(text) * (1 if text.isascii() else 4) + len(embedded.vector) + _OVERHEAD_BYTES
