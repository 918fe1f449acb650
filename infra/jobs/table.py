"""Jobs as they are kept, in the database of access and sessions: every process of a deployment sees the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, cast

import orjson

from domain.entries import microseconds
from infra.store.log import Clock
from infra.store.rows import LogRecorder, Writing

State = Literal["running", "done", "failed", "stopped"]
SILENT = timedelta(seconds=30)  # a job that beats once a second and was not heard of for so long has lost its process
KEPT = 20  # of a kind
BACKUP = "backup"  # noted when it is done
_COLUMNS = "id, kind, subject, state, asked_by, began, beat, done, total, outcome"
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

    def __init__(self, recorder: LogRecorder, clock: Clock) -> None:
        """Use the database of a recorder."""
        self._recorder, self._clock = recorder, clock

    def now(self) -> int:
        """The moment, in µs UTC."""
        return microseconds(self._clock())

    def newest(self, kind: str, count: int = 1) -> list[Job]:
        """The last jobs of a kind, newest first; one whose process is gone is ``stopped``."""
        sql = f"SELECT {_COLUMNS} FROM job WHERE kind=? ORDER BY began DESC, id DESC LIMIT {count:d}"
        return [self._job(row) for row in self._recorder.query(sql, (kind,))]

    def claim(self, job: Job) -> Job:
        """Begin a job unless one of its kind is running: the answer is the one that runs now."""
        with self._recorder.writing() as tx:
            found = tx.rows(f"SELECT {_COLUMNS} FROM job WHERE kind=? AND state='running'", (job.kind,))
            running = [one for one in map(self._job, found) if one.state == "running"]
            if running:
                return running[0]
            tx.many("UPDATE job SET state='stopped' WHERE kind=? AND state='running'", [(job.kind,)])
            self._add(tx, job)
        return job

    def add(self, job: Job) -> None:
        """Keep one that has ended elsewhere."""
        with self._recorder.writing() as tx:
            self._add(tx, job)

    def beat(self, job_id: str, done: int, total: int) -> bool:
        """Say that it is being worked on, and how far it is; False when another took its place meanwhile."""
        with self._recorder.writing() as tx:
            if not tx.rows("SELECT 1 FROM job WHERE id=? AND state='running'", (job_id,)):
                return False
            sql = "UPDATE job SET beat=?, done=?, total=? WHERE id=? AND state='running'"
            tx.many(sql, [(self.now(), done, total, job_id)])
        return True

    def end(self, job_id: str, state: State, outcome: dict[str, Any]) -> None:
        """Keep what it came to."""
        with self._recorder.writing() as tx:
            sql = "UPDATE job SET state=?, beat=?, outcome=? WHERE id=? AND state='running'"
            tx.many(sql, [(state, self.now(), orjson.dumps(outcome).decode(), job_id)])

    def _add(self, tx: Writing, job: Job) -> None:
        """Add one, and forget those of its kind that are long past."""
        outcome = orjson.dumps(job.outcome).decode()
        row = (job.id, job.kind, job.subject, job.state, job.by, job.began, job.beat, job.done, job.total, outcome)
        tx.many(f"INSERT INTO job ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", [row])
        gone = tx.rows("SELECT id FROM job WHERE kind=? ORDER BY began DESC, id DESC", (job.kind,))[KEPT:]
        if gone:
            tx.many("DELETE FROM job WHERE id=?", gone)

    def _job(self, row: tuple[Any, ...]) -> Job:
        key, kind, subject, state, by, began, beat, done, total, outcome = row
        lost = state == "running" and self.now() - beat > SILENT // timedelta(microseconds=1)
        found = cast("State", "stopped" if lost else state)
        return Job(key, kind, subject, found, by, began, beat, done, total, orjson.loads(outcome))
