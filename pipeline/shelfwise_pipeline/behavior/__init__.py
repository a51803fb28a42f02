"""Turns what shoppers did into the retriever's neighbour lists, vectors and trends."""

from shelfwise_pipeline.behavior.fit import fit_behavior
from shelfwise_pipeline.behavior.plan import BehaviorPlan

__all__ = ["BehaviorPlan", "fit_behavior"]
