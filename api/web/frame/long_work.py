"""Long work on a page: its progress, and the form that starts it. Without JavaScript a link reads the page again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.i18n.formats import number
from api.i18n.language import N_, _, ngettext
from domain.entries import moment
from infra.jobs.table import Job
from infra.ops.imports.work import IMPORT, TRIAL
from infra.publications.jobs import PREVIEW, PUBLISH
from infra.views.folder import WRITING

STATES = {
    "running": N_("running"),
    "done": N_("done"),
    "failed": N_("could not be done"),
    "stopped": N_("was cut off; start it again"),
}
UNITS = {
    **dict.fromkeys((PREVIEW, PUBLISH), N_("steps")),
    WRITING: N_("documents"),
    "logs": N_("entries"),
    "replay": N_("clients"),
    "rebuild": N_("positions"),
    "retry": N_("clients"),
    **dict.fromkeys((TRIAL, IMPORT), N_("bytes")),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as a template shows it."""

    job: Job
    state: str
    began: str
    ended: str
    progress: str
    left: str
    running: bool
    holds: bool | None

    @property
    def outcome(self) -> dict[str, Any]:
        """What it came to."""
        return self.job.outcome


def shown(job: Job | None) -> Shown | None:
    """A job in words; None where there is none."""
    if job is None:
        return None
    running = job.state == "running"
    began, ended = (moment(at).isoformat() for at in (job.began, job.beat))
    holds = job.outcome.get("holds") if job.state == "done" else None
    return Shown(job, STATES[job.state], began, ended, _progress(job), _left(job.seconds_left), running, holds)


def _progress(job: Job) -> str:
    if not job.total:
        return _("{done} so far").format(done=number(job.done)) if job.done else ""
    share = min(1.0, job.done / job.total)
    text = _("{done} of {total} {unit} ({share} %)").format(
        done=number(job.done), total=number(job.total), unit=_(UNITS.get(job.kind, "")), share=round(share * 100)
    )
    return text if job.rate is None else f"{text}, {_('{rate} a second').format(rate=number(round(job.rate)))}"


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 1:
        count = max(1, round(seconds))
        return ngettext("about %(count)s second left", "about %(count)s seconds left", count) % {"count": count}
    return ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes) % {"count": minutes}
