"""Answers requests from one bundle."""

from dataclasses import dataclass

from shelfwise.bundle import Part
from shelfwise.contracts.retrieve import RetrieveRequest
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.warm import warm_up
from shelfwise_retriever.wire import answer, correction, decoded


@dataclass(frozen=True, slots=True)
class Served:
    """A retriever and the version of its bundle: an answer never mixes two bundles."""

    bundle: str
    retriever: Retriever

    def answer(self, asked: RetrieveRequest) -> bytes:
        """The `RetrieveResponse`, in bytes. Takes a millisecond or two of CPU; `Compute` bounds how many wait for it."""
        if (
            asked.correct
            and asked.text is not None
            and (meant := self.retriever.corrected(asked.text, asked.as_meant, apart=asked.only is None)) is not None
        ):
            return correction(self.bundle, meant)
        candidates = self.retriever.retrieve(
            kind=asked.kind,
            text=asked.text,
            vector=decoded(asked.vector, self.retriever.space) if asked.vector is not None else None,
            seeds=asked.seeds,
            history=asked.history,
            sources=asked.sources,
            filter=asked.filter,
            exclude=asked.exclude,
            only=asked.only,
            limit=asked.limit,
            per_text=asked.per_text,
            as_meant=asked.as_meant,
            also=asked.also,
        )
        chance = self.retriever.chance if asked.kind == "text" and asked.vector is not None else None
        return answer(self.bundle, asked, candidates, self.retriever.catalog, chance)


def load(part: Part, mask_bytes: int, follows: bool = False) -> Served:
    """Open the part and replay its warm-up requests; with `follows`, prepare it for changes of the catalog."""
    last_change = part.manifest.last_change if follows else None
    served = Served(part.version, Retriever.open(part.path, mask_bytes, last_change))
    if served.retriever.changing is not None:
        served.retriever.changing.last_change_at = part.manifest.last_change_at
    warm_up(served.answer, part.path)
    return served
