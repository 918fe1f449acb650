"""What can be started as a job: verify the logs, compare with a replay, rebuild read models, mend the quarantine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domain.errors import ExpectedError
from infra.identity.people import Principal
from infra.integrity.saved_heads import SavedHeadsError
from infra.integrity.verify_setup import verify as verify_logs
from infra.jobs.begin import NAMED, begin
from infra.jobs.context import HasJobs
from infra.jobs.runner import JobFailedError, Tell, Work
from infra.jobs.table import Job
from infra.readmodels.release import NewerReleaseError
from infra.readmodels.verify import verify as verify_projector

LOGS, REPLAY, REBUILD, RETRY = "logs", "replay", "rebuild", "retry"
CHECKS = (LOGS, REPLAY)  # for auditors: they change nothing
WORKS = (REBUILD, RETRY)  # for administrators


class NotHereError(ExpectedError):
    """This process may not write read models: projectors do."""

    def __init__(self) -> None:
        """Say who can."""
        super().__init__("this server may not write read models: run the command as the role of the projectors")


def start(services: HasJobs, who: Principal, kind: str, subject: str = "", request: str = "") -> tuple[Job, bool]:
    """Start a job, recorded in the access log before it begins; or the one of its kind that runs already.

    Raises:
        KeyError: no such kind, or no such read model.
        NotHereError: this process may not write read models.
    """
    work = _work(services, kind, subject, who.name)
    if kind in WORKS and not services.reads.may_write:
        raise NotHereError
    return begin(services, who, kind, work, subject, request)


def _work(services: HasJobs, kind: str, subject: str, by: str) -> Work:
    if subject and subject not in services.reads.models:
        raise KeyError(subject)
    works: dict[str, Work] = {
        LOGS: lambda tell: _logs(services, tell),
        REPLAY: lambda tell: _replay(services, tell),
        REBUILD: lambda tell: _rebuild(services, subject, by, tell),
        RETRY: lambda tell: _retry(services, by, tell),
    }
    return works[kind]


def _logs(services: HasJobs, tell: Tell) -> dict[str, Any]:
    try:
        report = verify_logs(services, progress=tell)
    except SavedHeadsError:
        msg = "the file of heads cannot be read: run `carejourney audit verify` to see why"
        raise JobFailedError(msg) from None
    return {
        "holds": not report.findings,
        "found": len(report.findings),
        "findings": [asdict(finding) for finding in report.findings[:NAMED]],
        "logs": [asdict(log) for log in report.logs],
        "notices": report.notices,
    }


def _replay(services: HasJobs, tell: Tell) -> dict[str, Any]:
    if services.projects:
        services.catch_up()
    differences = verify_projector(services.projector, tell)
    return {
        "holds": not differences,
        "found": len(differences),
        "findings": [asdict(difference) for difference in differences[:NAMED]],
        "models": len(services.reads.models),
    }


def _rebuild(services: HasJobs, subject: str, by: str, tell: Tell) -> dict[str, Any]:
    try:
        names = services.projector.rebuild([subject] if subject else [], tell, by)
    except NewerReleaseError as error:
        raise JobFailedError(str(error)) from None
    return {"rebuilt": names}


def _retry(services: HasJobs, by: str, tell: Tell) -> dict[str, Any]:
    stopped = sum(status.quarantined for status in services.projector.status())
    tell(0, stopped)
    healed, left = services.projector.retry(by=by)
    tell(stopped, stopped)
    return {"healed": healed, "left": left}
