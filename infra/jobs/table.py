"""Jobs as they are kept, in the database of access and sessions: every process of a deployment sees the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

import orjson

from domain.entries import microseconds
from infra.eventstore.log import Clock
from infra.eventstore.row_macs import RowCodes
from infra.eventstore.rows import LogRecorder, Writing

State = Literal["running", "done", "failed", "stopped"]
SILENT = timedelta(seconds=30)  # a job that beats once a second and was not heard of for so long has lost its process
KEPT = 20  # of a kind
BACKUP = "backup"  # noted when it is done
_COLUMNS = "id, kind, subject, state, asked_by, began, beat, done, total, outcome"
_FIND = f"SELECT {_COLUMNS}, code FROM job"
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work. ``began`` and ``beat`` (when it was last heard of) are in µs UTC.

    ``subject`` is what it is about, such as a read model; empty for all. ``outcome`` is what it came to.
    """

    id: str
    kind: str
    subject: str
    state: State
    by: str
    began: int
    beat: int
    done: int = 0
    total: int = 0
    outcome: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        return max(0.0, (self.beat - self.began) / _SECOND)

    @property
    def rate(self) -> float | None:
        """How much it does in a second; None while nothing can be said."""
        return self.done / self.seconds if self.seconds >= 1 and self.done else None

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at that rate; None while nothing can be said."""
        rate = self.rate
        return max(0, self.total - self.done) / rate if rate and self.state == "running" and self.total else None


class JobTable:
    """Reads and writes the table."""

    def __init__(self, recorder: LogRecorder, codes: RowCodes, clock: Clock) -> None:
        """Use the database of a recorder; a row without a right code is as if it were not there."""
        self._recorder, self._codes, self._clock = recorder, codes, clock

    def now(self) -> int:
        """The moment, in µs UTC."""
        return microseconds(self._clock())

    def newest(self, kind: str, count: int = 1) -> list[Job]:
        """The last jobs of a kind, newest first; one whose process is gone is ``stopped``."""
        sql = f"{_FIND} WHERE kind=? ORDER BY began DESC, id DESC"
        return self._jobs(self._recorder.query(sql, (kind,)))[:count]

    def claim(self, job: Job) -> Job:
        """Begin a job unless it was begun before, or one of its kind is running: the answer is that one."""
        with self._recorder.writing() as tx:
            jobs = self._jobs(tx.rows(f"{_FIND} WHERE kind=? AND (state='running' OR id=?)", (job.kind, job.id)))
            before = [other for other in jobs if other.id == job.id] or [
                other for other in jobs if other.state == "running"
            ]
            if before:
                return before[0]
            self._put(tx, jobs)  # those whose process is gone, as they are read
            self._add(tx, job)
        return job

    def add(self, job: Job) -> None:
        """Keep one that has ended elsewhere."""
        with self._recorder.writing() as tx:
            self._add(tx, job)

    def beat(self, job_id: str, done: int, total: int) -> bool:
        """Say that it is being worked on, and how far it is; False when another took its place meanwhile."""
        with self._recorder.writing() as tx:
            running = self._running(tx, job_id)
            self._put(tx, [replace(job, beat=self.now(), done=done, total=total) for job in running])
        return bool(running)

    def end(self, job_id: str, state: State, outcome: dict[str, Any]) -> None:
        """Keep what it came to."""
        with self._recorder.writing() as tx:
            running = self._running(tx, job_id)
            self._put(tx, [replace(job, state=state, beat=self.now(), outcome=outcome) for job in running])

    def _add(self, tx: Writing, job: Job) -> None:
        """Add one, and forget those of its kind that are long past."""
        self._put(tx, [job])
        old = tx.rows("SELECT id FROM job WHERE kind=? ORDER BY began DESC, id DESC", (job.kind,))[KEPT:]
        if old:
            tx.many("DELETE FROM job WHERE id=?", old)

    def _put(self, tx: Writing, jobs: Iterable[Job]) -> None:
        """Write rows anew, each with its code."""
        rows = [_row(job) for job in jobs]
        tx.many("DELETE FROM job WHERE id=?", [row[:1] for row in rows])
        places = ",".join("?" * (len(_COLUMNS.split(",")) + 1))
        tx.many(
            f"INSERT INTO job ({_COLUMNS}, code) VALUES ({places})", [(*row, self._codes.code(row)) for row in rows]
        )

    def _running(self, tx: Writing, job_id: str) -> list[Job]:
        """The job as it stands, unless it has ended or another took its place; however long it was silent."""
        rows = tx.rows(f"{_FIND} WHERE id=? AND state='running'", (job_id,))
        return [_job(values) for *values, code in rows if self._codes.holds(values, code)]

    def _jobs(self, rows: Iterable[Sequence[Any]]) -> list[Job]:
        jobs = [_job(values) for *values, code in rows if self._codes.holds(values, code)]
        return [replace(job, state="stopped") if self._is_lost(job) else job for job in jobs]

    def _is_lost(self, job: Job) -> bool:
        return job.state == "running" and self.now() - job.beat > SILENT // timedelta(microseconds=1)


def _row(job: Job) -> tuple[Any, ...]:
    outcome = orjson.dumps(job.outcome).decode()
    return job.id, job.kind, job.subject, job.state, job.by, job.began, job.beat, job.done, job.total, outcome


def _job(row: Sequence[Any]) -> Job:
    key, kind, subject, state, by, began, beat, done, total, outcome = row
    return Job(key, kind, subject, state, by, began, beat, done, total, orjson.loads(outcome))
