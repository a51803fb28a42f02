"""The masks of recent filters, bounded in bytes."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from shelfwise.contracts.filter import Filter
from shelfwise_retriever.allowed import FilterMask


class MaskCache:
    """An LRU cache of masks; the size of a mask includes all that may be derived from it."""

    def __init__(self, make: Callable[[Filter], FilterMask], size_of: Callable[[FilterMask], int], most_bytes: int) -> None:
        """`size_of`: the most bytes that a mask can take."""
        self._make = make
        self._size_of = size_of
        self._most_bytes = most_bytes
        self._masks: OrderedDict[bytes, FilterMask] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._masks)

    def clear(self) -> None:
        """Drop all masks after a change of the catalog; each is made again on demand."""
        with self._lock:
            self._masks.clear()
            self._bytes = 0

    def get(self, wanted: Filter) -> FilterMask:
        """The filter's mask, made if it is not cached; raises what making it raises."""
        key = _key_of(wanted)
        with self._lock:
            found = self._masks.get(key)
            if found is not None:
                self._masks.move_to_end(key)
                return found
        made = self._make(wanted)
        size = self._size_of(made)
        with self._lock:
            if key not in self._masks and size <= self._most_bytes:
                self._masks[key] = made
                self._bytes += size
                while self._bytes > self._most_bytes:
                    self._bytes -= self._size_of(self._masks.popitem(last=False)[1])
        return made


def _key_of(wanted: Filter) -> bytes:
    """A key of fixed length for a filter of any length, since the size of keys is not counted."""
    said = wanted.model_dump_json(exclude_none=True)
    if (since := wanted.added_since) is not None:  # a relative age yields another mask as time passes
        said = f"{said} since {since}"
    return hashlib.sha256(said.encode()).digest()
