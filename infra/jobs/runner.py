"""Runs jobs in threads of this process; another process of the same deployment sees them, and starts none beside them.

A beat once a second says that a job is alive and how far it is. When its process dies the beats end, and after
half a minute the job counts as stopped: somebody can start it again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog

from domain.errors import ExpectedError
from infra.eventstore.unavailable import database_errors
from infra.jobs.table import Job, JobTable

Tell = Callable[[int, int], None]
Work = Callable[[Tell], dict[str, Any]]
"""Does something long, tells (done, total), and gives what it came to as JSON can hold it."""

BEAT_SECONDS = 1.0
_PATIENCE_SECONDS = 10.0


class JobStoppedError(Exception):
    """The process is about to stop: the work is given up."""


class JobFailedError(ExpectedError):
    """The work could not be done; its text is shown, so it holds nothing personal."""


class Jobs:
    """The jobs of one process."""

    def __init__(self, table: JobTable) -> None:
        """Begin with none."""
        self.table = table
        self._stopping = threading.Event()
        self._running: list[threading.Thread] = []
        self._noting = threading.Lock()
        self._is_closed = False

    def start(self, kind: str, by: str, work: Work, subject: str = "", job_id: str = "") -> tuple[Job, bool]:
        """Start work unless one of its kind is running; the job that runs now, and whether it is this one.

        With a ``job_id`` it is started once: afterwards the answer is that job, whatever became of it.
        """
        now = self.table.now()
        job = Job(job_id or uuid4().hex, kind, subject, "running", by, now, now)
        claimed = self.table.claim(job)
        if claimed is not job:
            return claimed, False
        thread = threading.Thread(target=self._run, args=(job, work), name=f"job {kind}", daemon=True)
        self._running = [running for running in self._running if running.is_alive()] + [thread]
        thread.start()
        return job, True

    def newest(self, kind: str) -> Job | None:
        """The last job of a kind."""
        return next(iter(self.table.newest(kind)), None)

    def note(self, kind: str, by: str, outcome: dict[str, Any], subject: str = "") -> None:
        """Keep what was done elsewhere, as by the command line."""
        now = self.table.now()
        self.table.add(Job(uuid4().hex, kind, subject, "done", by, now, now, outcome=outcome))

    def wait(self, timeout: float | None = None) -> None:
        """Until the jobs of this process have ended."""
        for thread in self._running:
            thread.join(timeout)

    def close(self) -> None:
        """Give up what runs: each job ends where it next tells how far it is, and none is noted from then on."""
        self._stopping.set()
        self.wait(_PATIENCE_SECONDS)
        with self._noting:  # the databases are closed next
            self._is_closed = True

    def _run(self, job: Job, work: Work) -> None:
        progress = _Progress(self._stopping)
        ended = threading.Event()
        beating = threading.Thread(target=self._beat_until, args=(job, progress, ended), daemon=True)
        beating.start()
        try:
            state, outcome = "done", work(progress.tell)
        except JobStoppedError:
            state, outcome = "stopped", {}
        except JobFailedError as error:
            state, outcome = "failed", {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - whatever it is: its kind is kept, its text may quote a chart
            structlog.get_logger("jobs").error("a job failed", job=job.kind, error=type(error).__name__)
            state, outcome = "failed", {"error": type(error).__name__}
        ended.set()
        beating.join()
        self._beat(job, progress)
        self._settled(lambda: self.table.end(job.id, state, outcome))  # type: ignore[arg-type]

    def _beat_until(self, job: Job, progress: _Progress, ended: threading.Event) -> None:
        while not ended.wait(BEAT_SECONDS):
            self._beat(job, progress)

    def _beat(self, job: Job, progress: _Progress) -> None:
        """Beat; who was silent for so long that another took the place gives up, or two of a kind would run."""

        def write() -> None:
            progress.is_replaced = not self.table.beat(job.id, progress.done, progress.total)

        self._settled(write)

    def _settled(self, write: Callable[[], None]) -> None:
        try:
            with self._noting:
                if not self._is_closed:  # silence says the rest
                    write()
        except database_errors() as error:  # away or locked: the next beat tries again, and silence says the rest
            structlog.get_logger("jobs").warning("a job could not be noted", error=type(error).__name__)
        except Exception:
            if not self._stopping.is_set():  # else the process closes its databases: silence says the rest too
                raise


class _Progress:
    def __init__(self, stopping: threading.Event) -> None:
        self.done = self.total = 0
        self.is_replaced = False
        self._stopping = stopping

    def tell(self, done: int, total: int) -> None:
        """Note how far the work is.

        Raises:
            JobStoppedError: the process is about to stop, or another job of the kind took this one's place.
        """
        if self.is_replaced or self._stopping.is_set():
            raise JobStoppedError
        self.done, self.total = done, total
