"""The texts of one kind that wait for the engine."""

from collections import deque

from shelfwise_embedder.job import Job
from shelfwise_embedder.plan import plan_batches


class WaitingLine:
    """Whatever came while the engine was busy is planned at once, by length; what comes later is planned after it.

    So short texts travel with short texts, and a long text is never overtaken for good.
    """

    def __init__(self, token_budget: int) -> None:
        self._budget = token_budget
        self._arrived: list[Job] = []
        self._planned: deque[list[Job]] = deque()
        self.tokens = 0
        """Of everything that waits."""

    def add(self, job: Job) -> None:
        self._arrived.append(job)
        self.tokens += len(job.tokens)

    def next_batch(self) -> list[Job]:
        """The next jobs to hand to the engine; empty when nothing waits."""
        if not self._planned:
            arrived, self._arrived = self._arrived, []
            # The ones whose callers have gone are dropped before planning, so that they fill no batch.
            kept = [job for job in arrived if job.wanted]
            self.tokens -= sum(len(job.tokens) for job in arrived) - sum(len(job.tokens) for job in kept)
            plan = plan_batches([len(job.tokens) for job in kept], self._budget)
            self._planned.extend([kept[position] for position in batch] for batch in plan)
        if not self._planned:
            return []
        batch = self._planned.popleft()
        self.tokens -= sum(len(job.tokens) for job in batch)
        return batch
