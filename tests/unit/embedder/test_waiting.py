"""The line of jobs that wait for the engine, handed out in batches."""

from shelfwise_embedder.job import Job
from shelfwise_embedder.waiting import WaitingLine


def _job(text: str, tokens: int, *, wanted: bool = True) -> Job:
    job = Job(text, [1] * tokens, "query")
    if wanted:
        job.join(None)
    return job


async def test_unwanted_jobs_are_handed_out_but_take_no_room_in_a_batch() -> None:
    line = WaitingLine(8)
    for number, wanted in enumerate((True, False, True, False)):
        line.add(_job(f"text {number}", 4, wanted=wanted))
    batch = line.next_batch()
    assert sorted(job.text for job in batch if job.wanted) == ["text 0", "text 2"]
    assert sorted(job.text for job in batch if not job.wanted) == ["text 1", "text 3"]
    assert line.tokens == 0
    assert line.next_batch() == []


async def test_jobs_that_come_later_are_planned_later() -> None:
    line = WaitingLine(8)
    for number in range(3):
        line.add(_job(f"text {number}", 8))
    assert [job.text for job in line.next_batch()] == ["text 0"]
    line.add(_job("short", 1))
    assert line.planned == 2
    assert [[job.text for job in line.next_batch()] for _ in range(3)] == [["text 1"], ["text 2"], ["short"]]
    assert (line.planned, line.tokens) == (0, 0)
