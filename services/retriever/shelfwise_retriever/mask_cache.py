"""The masks of recent filters, bounded in bytes."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from shelfwise.contracts.filter import Filter
from shelfwise_retriever.allowed import FilterMask


class MaskCache:
    """Keeps the most recently used; every mask is counted with all that may be derived from it."""

    def __init__(self, make: Callable[[Filter], FilterMask], mask_bytes: int, most_bytes: int) -> None:
        self._make = make
        self._most = most_bytes // max(1, mask_bytes)
        self._masks: OrderedDict[str, FilterMask] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._masks)

    def clear(self) -> None:
        """The catalog changed: every mask is made anew when it is asked for."""
        with self._lock:
            self._masks.clear()

    def get(self, wanted: Filter) -> FilterMask:
        """The filter's mask, made if it is not at hand; raises what making it raises."""
        key = wanted.model_dump_json(exclude_none=True)
        with self._lock:
            found = self._masks.get(key)
            if found is not None:
                self._masks.move_to_end(key)
                return found
        made = self._make(wanted)
        with self._lock:
            if self._most:
                self._masks[key] = made
                if len(self._masks) > self._most:
                    self._masks.popitem(last=False)
        return made
