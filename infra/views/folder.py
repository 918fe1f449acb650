"""Views written to a folder as documents when they are due, as long work: one process at a time, each due day once."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import structlog

from domain.entries import microseconds
from domain.people import OPERATOR
from infra.drilldown.questions import note_question
from infra.identity.people import Principal
from infra.jobs.begin import begin
from infra.jobs.runner import JobFailedError, Tell
from infra.jobs.table import Job
from infra.jobs.turns import Tried, taking_turns
from infra.runtime.private_files import FILE, make_private_folder
from infra.views.context import HasViews
from infra.views.papers import Paper
from infra.views.scheduled import MayRead, due
from infra.views.view import View

WRITING = "view-documents"
EVERY_SECONDS = 60.0
AGAIN = timedelta(hours=1)
"""After a failure it is tried again so much later."""
WHO = Principal("schedule", "system", via="schedule", doing="write views", issuer=OPERATOR, subject="schedule")
Make = Callable[[View, str, date], bytes]
"""A view as a PDF, in a language; a period in words is seen from the day."""


def file_name(view: View, day: date) -> str:
    """The name of a document: report, view and day; the view's own name stays inside, since somebody typed it."""
    return f"{view.report}-{view.id[:8]}-{day.isoformat()}.pdf"


def write_due(services: HasViews, folder: Path, make: Make, may_read: MayRead, tell: Tell) -> dict[str, Any]:
    """Write what is due. A document that is there already is left as it is, so that a run may be done twice.

    Raises:
        JobFailedError: some could not be written; the others were.
    """
    services.catch_up()
    waiting = due(services, may_read)
    failures: list[str] = []
    for number, paper in enumerate(waiting):
        tell(number, len(waiting))
        try:
            _write_one(services, folder, make, *paper)
        except Exception as error:  # noqa: BLE001 - one that fails keeps none of the others; its text may quote a view
            failures.append(f"{file_name(paper[0], paper[2])}: {type(error).__name__}")
    if failures:
        reasons = "; ".join(failures[:5])
        msg = f"{len(failures)} of {len(waiting)} documents were not written ({reasons}): check CAREJOURNEY_VIEW_FOLDER"
        raise JobFailedError(msg)
    tell(len(waiting), len(waiting))
    return {"written": len(waiting)}


def _write_one(services: HasViews, folder: Path, make: Make, view: View, paper: Paper, day: date) -> None:
    path = folder / file_name(view, day)
    if not path.exists():
        note_question(services, WHO, view.report, view.params(day), {"view": view.id})
        _put(path, make(view, paper.timing.language, day))
    services.papers.mark(paper, day)


def _put(path: Path, content: bytes) -> None:
    """A whole file or none, for its owner alone."""
    make_private_folder(path.parent)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of a run that was cut off
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def not_written(services: HasViews, papers: Iterable[Paper]) -> dict[str, date]:
    """The days for which documents should be there and are not, since the last run failed or was cut off; by view."""
    last, today = services.jobs.newest(WRITING), services.today()
    if last is None or last.state not in {"failed", "stopped"}:
        return {}
    return {paper.view: day for paper in papers if (day := paper.due(today))}


class Writer:
    """One process's turns."""

    def __init__(self, services: HasViews, make: Make, may_read: MayRead) -> None:
        """Prepare; nothing was tried yet."""
        self._services, self._make, self._may_read = services, make, may_read
        log = structlog.get_logger("views")
        self._tried = Tried(lambda error: log.warning("documents of views were not looked after", error=error))

    def turn(self) -> bool:
        """Begin to write if something is due; whether this process did."""
        return self._tried.turn(self._begin)

    def _begin(self) -> bool:
        services, folder = self._services, self._services.settings.view_folder
        if folder is None or not due(services, self._may_read) or self._waits(services.jobs.newest(WRITING)):
            return False
        make, may_read = self._make, self._may_read
        _, begun = begin(services, WHO, WRITING, lambda tell: write_due(services, folder, make, may_read, tell))
        return begun

    def _waits(self, last: Job | None) -> bool:
        """Whether a failure is too fresh to be tried again."""
        if last is None or last.state != "failed":
            return False
        return microseconds(self._services.now() - AGAIN) < last.beat


@contextmanager
def writing_views(services: HasViews, make: Make, may_read: MayRead) -> Generator[None]:
    """Within the block documents of views are written when they are due."""
    with taking_turns("views", Writer(services, make, may_read).turn, EVERY_SECONDS):
        yield
