"""The line of texts of one kind that wait for the engine."""

from collections import deque

from shelfwise_embedder.job import Job
from shelfwise_embedder.plan import plan_batches


class WaitingLine:
    """Texts that arrived while the engine was busy are planned together, by length; later ones are planned after them.

    So short texts share batches with short texts, and a long text is never overtaken indefinitely.
    """

    def __init__(self, token_budget: int) -> None:
        self._budget = token_budget
        self._arrived: list[Job] = []
        self._planned: deque[list[Job]] = deque()
        self.tokens = 0
        """The number of waiting tokens."""

    def add(self, job: Job) -> None:
        self._arrived.append(job)
        self.tokens += len(job.tokens)

    @property
    def planned(self) -> int:
        """How many batches of the present plan are left."""
        return len(self._planned)

    def next_batch(self) -> list[Job]:
        """The next jobs for the engine, together with jobs that nobody wants any more; empty if nothing is waiting."""
        batch: list[Job] = []
        if not self._planned:
            arrived, self._arrived = self._arrived, []
            # Jobs whose callers have gone are left out of the plan, so that they take no place in a batch.
            kept = [job for job in arrived if job.wanted]
            batch = [job for job in arrived if not job.wanted]
            plan = plan_batches([len(job.tokens) for job in kept], self._budget)
            self._planned.extend([kept[position] for position in planned] for planned in plan)
        if self._planned:
            batch += self._planned.popleft()
        self.tokens -= sum(len(job.tokens) for job in batch)
        return batch
