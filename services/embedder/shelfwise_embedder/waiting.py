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

    @property
    def planned(self) -> int:
        """How many batches are left of what was planned at once."""
        return len(self._planned)

    def next_batch(self) -> list[Job]:
        """The next jobs to hand to the engine, and beside them those that nobody wants; empty when nothing waits."""
        batch: list[Job] = []
        if not self._planned:
            arrived, self._arrived = self._arrived, []
            # The ones whose callers have gone are left out of the plan, so that they fill no batch.
            kept = [job for job in arrived if job.wanted]
            batch = [job for job in arrived if not job.wanted]
            plan = plan_batches([len(job.tokens) for job in kept], self._budget)
            self._planned.extend([kept[position] for position in planned] for planned in plan)
        if self._planned:
            batch += self._planned.popleft()
        self.tokens -= sum(len(job.tokens) for job in batch)
        return batch
