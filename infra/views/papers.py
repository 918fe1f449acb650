"""Which views are written to a folder as documents, on which days, and up to which day that was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, cast, get_args

from domain.phrases import Phrase
from infra.eventstore.row_macs import RowCodes
from infra.eventstore.rows import LogRecorder, Writing
from infra.views.view import ViewError

Every = Literal["daily", "weekly", "monthly"]
EVERY: tuple[Every, ...] = get_args(Every)
LAST_ON: dict[str, int] = {"daily": 0, "weekly": 7, "monthly": 28}


@dataclass(frozen=True, slots=True)
class Timing:
    """When a document is due: ``on`` is a day of the week (Monday is 1) or of the month (1 to 28), 0 where it is daily.

    ``language`` is the one that it is written in.
    """

    every: Every
    on: int
    language: str = "en"

    def due(self, today: date) -> date:
        """The last day on which it was due, ``today`` included, in the facility's zone."""
        if self.every == "daily":
            return today
        if self.every == "weekly":
            return today - timedelta(days=(today.isoweekday() - self.on) % 7)
        this_month = today.replace(day=self.on)
        return this_month if this_month <= today else (today.replace(day=1) - timedelta(days=1)).replace(day=self.on)


@dataclass(frozen=True, slots=True)
class Paper:
    """A view's timing; ``since`` is the day it was set, ``written`` the last due day that was written, if any."""

    view: str
    timing: Timing
    since: date
    written: date | None = None

    def due(self, today: date) -> date | None:
        """The day that is to be written now; the latest alone, however many were missed."""
        day = self.timing.due(today)
        return day if day >= self.since and (self.written is None or self.written < day) else None


def timing_of(every: str, on: int, language: str) -> Timing:
    """A timing as it is kept.

    Raises:
        ViewError: there is no such day.
    """
    if every not in EVERY:
        raise ViewError("every", Phrase("choose how often: {known}", known=", ".join(EVERY)))
    if every != "daily" and not 1 <= on <= LAST_ON[every]:
        text = "choose a day of the week" if every == "weekly" else "choose a day of the month, 1 to 28"
        raise ViewError("on", Phrase(text))
    return Timing(every, 0 if every == "daily" else on, language)


class _Row(NamedTuple):
    """A row as it is stored, but for its code; days by their ordinals, 0 where there is none."""

    view_id: str
    every: str
    on_day: int
    language: str
    since: int
    written: int


@dataclass(frozen=True, slots=True)
class Papers:
    """Keeps the timings of views. A row without a right code is as if it were not there: nothing is written for it."""

    recorder: LogRecorder
    codes: RowCodes

    def every(self) -> dict[str, Paper]:
        """All of them, by view."""
        return {paper.view: paper for paper in self._papers(self.recorder.query(_FIND))}

    def put(self, view_id: str, timing: Timing, today: date) -> None:
        """Write a view as a document from its next due day on, this day included; the timing before goes."""
        before = self.every().get(view_id)
        written = before.written if before else None
        with self.recorder.writing() as tx:
            self._put(tx, Paper(view_id, timing, today, written))

    def remove(self, view_id: str) -> None:
        """Write it no more."""
        with self.recorder.writing() as tx:
            tx.many("DELETE FROM view_paper WHERE view_id=?", [(view_id,)])

    def mark(self, paper: Paper, day: date) -> None:
        """Keep that a due day was written, if there still is a timing: as it is by now, not as it was read before."""
        with self.recorder.writing() as tx:
            for now in self._papers(tx.rows(f"{_FIND} WHERE view_id=?", (paper.view,))):
                self._put(tx, replace(now, written=day))

    def _put(self, tx: Writing, paper: Paper) -> None:
        timing, written = paper.timing, paper.written.toordinal() if paper.written else 0
        row = _Row(paper.view, timing.every, timing.on, timing.language, paper.since.toordinal(), written)
        tx.many("DELETE FROM view_paper WHERE view_id=?", [(row.view_id,)])
        places = ",".join("?" * (len(row) + 1))
        tx.many(f"INSERT INTO view_paper ({_COLUMNS}, code) VALUES ({places})", [(*row, self.codes.code(row))])

    def _papers(self, stored: Iterable[Sequence[Any]]) -> list[Paper]:
        rows = [_Row._make(values) for *values, code in stored if self.codes.holds(values, code)]
        return [
            Paper(
                row.view_id,
                Timing(cast("Every", row.every), row.on_day, row.language),
                date.fromordinal(row.since),
                date.fromordinal(row.written) if row.written else None,
            )
            for row in rows
        ]


_COLUMNS = ", ".join(_Row._fields)
_FIND = f"SELECT {_COLUMNS}, code FROM view_paper"
