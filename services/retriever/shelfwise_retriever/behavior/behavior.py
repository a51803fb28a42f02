"""All that the retriever knows of behavior at one moment, by catalog row, in one file."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
import orjson
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from shelfwise.errors import BundleDamaged
from shelfwise_retriever.behavior.neighbours import Neighbours
from shelfwise_retriever.behavior.space import Space
from shelfwise_retriever.groups import Scores
from shelfwise_retriever.index_table import IndexPlan

FILE = "behavior.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Behavior:
    """Behavior by row of the catalog that it was fitted for; later products have no behavior here."""

    together: Neighbours
    """Bought (or looked at) at the same time."""
    learned: Neighbours
    """How much each product predicts another, given all others (EASE); most bought products only."""
    users: Neighbours
    """Bought by the same shoppers, whenever; most bought products only."""
    space: Space
    """Bought one after the other."""
    trending: Scores
    """[n] decayed purchases (and, with less weight, carts and views); 0 without any."""

    @classmethod
    def empty(cls, count: int) -> Self:
        """The behavior of a shop of `count` products without events."""
        nothing = Neighbours.none(count)
        return cls(nothing, nothing, nothing, Space.none(), np.zeros(count, np.float32))

    @property
    def count(self) -> int:
        """How many products the behavior was fitted for."""
        return len(self.trending)

    def facts(self) -> dict[str, Any]:
        """Sizes, for the manifest."""
        lists = {name: len(getattr(self, name)) for name in _LISTS}
        return {"lists": lists, "vectors": len(self.space.rows), "trending": int(np.count_nonzero(self.trending))}

    def save(self, folder: Path) -> None:
        """Write `behavior.safetensors` into `folder`, which is created if necessary."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {f"{name}.{field.name}": getattr(getattr(self, name), field.name) for name in _LISTS for field in _COLUMNS}
        arrays |= {"space.rows": self.space.rows, "space.before": self.space.before, "space.after": self.space.after}
        arrays |= {"space.index": self.space.index_bytes(), "trending": self.trending}
        plan = self.space.plan.model_dump_json()
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / FILE, metadata={"plan": plan})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The behavior that `save` wrote to `folder`.

        Raises:
            BundleDamaged: the file is missing, cannot be read, or lacks an array that this code needs.
        """
        try:
            with safe_open(folder / FILE, framework="numpy") as file:
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
                plan = IndexPlan.model_validate(orjson.loads(file.metadata()["plan"]))
            lists = {name: Neighbours(**{field.name: arrays[f"{name}.{field.name}"] for field in _COLUMNS}) for name in _LISTS}
            stored = arrays["space.index"]
            index = faiss.deserialize_index(stored) if len(stored) else None
            space = Space(arrays["space.rows"], arrays["space.before"], arrays["space.after"], plan, index)
            return cls(**lists, space=space, trending=arrays["trending"])
        except (KeyError, FileNotFoundError, SafetensorError) as error:
            raise BundleDamaged(f"{FILE}: expected the arrays of a behavior, found {error}; build the bundle again") from error


_LISTS = ("together", "learned", "users")
_COLUMNS = fields(Neighbours)
