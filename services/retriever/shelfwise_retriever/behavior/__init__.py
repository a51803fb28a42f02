"""What the retriever knows of shoppers' behavior: neighbour lists, a vector space, trends. Fitted by the pipeline."""

from shelfwise_retriever.behavior.behavior import FILE, Behavior
from shelfwise_retriever.behavior.neighbours import Neighbours
from shelfwise_retriever.behavior.space import Space

__all__ = ["FILE", "Behavior", "Neighbours", "Space"]
