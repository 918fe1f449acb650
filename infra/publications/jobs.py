"""Publications as long work: tried, made and verified in the background of a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import structlog

from infra.eventstore.log import IdempotencyKeyReusedError
from infra.identity.people import Principal
from infra.integrity.signing_key import SigningKeyError
from infra.jobs.begin import NAMED, begin
from infra.jobs.runner import JobFailedError, Tell
from infra.jobs.table import Job
from infra.migrations.model import MigrationError
from infra.publications import publisher
from infra.publications.context import HasPublications
from infra.publications.maker import Progress
from infra.publications.plan import Plan
from infra.publications.rows import table_rows
from infra.publications.store import PublicationError

PREVIEW, PUBLISH, VERIFICATION = "publication-preview", "publication", "publication-verification"
_HALF = 16  # hex digits of a job's id: the key that was sent, then what was asked for under it


def start_preview(services: HasPublications, who: Principal, plan: Plan, request: str = "") -> tuple[Job, bool]:
    """Find out what would be published now, as ``jobs.works.start``. Nothing is kept but how much of it is shown."""
    return begin(services, who, PREVIEW, lambda tell: _preview(services, plan, tell), request=request)


def start_publishing(
    services: HasPublications, who: Principal, plan: Plan, request: str = "", key: str | None = None
) -> tuple[Job, bool]:
    """Publish. The same request under the same ``key`` of a person gives the job that the first one started.

    Raises:
        IdempotencyKeyReusedError: another plan was to be published under the key.
    """
    job_id = _job_id(services, key, plan) if key is not None else ""
    for job in services.jobs.table.newest(PUBLISH, 2**31) if job_id else ():
        if job.id[:_HALF] == job_id[:_HALF]:
            if job.id != job_id:
                raise IdempotencyKeyReusedError([])
            return job, False
    return begin(
        services, who, PUBLISH, lambda tell: _publish(services, plan, who, tell), request=request, job_id=job_id
    )


def start_verification(services: HasPublications, who: Principal, request: str = "") -> tuple[Job, bool]:
    """Prove that nothing was altered, then attack everything that was published."""
    return begin(services, who, VERIFICATION, lambda tell: _verify(services, tell), request=request)


def _job_id(services: HasPublications, key: str, plan: Plan) -> str:
    fingerprints = services.log.fingerprint("publication", key), services.log.fingerprint(plan.model_dump(mode="json"))
    return "".join(fingerprint[:_HALF] for fingerprint in fingerprints)


def _progress(tell: Tell) -> Progress:
    return lambda _, done, of: tell(done, of)


def _explained(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (PublicationError, SigningKeyError, MigrationError) as error:
        raise JobFailedError(str(error)) from None


def _preview(services: HasPublications, plan: Plan, tell: Tell) -> dict[str, Any]:
    services.catch_up()
    made = _explained(lambda: publisher.preview(services, plan, _progress(tell)))
    return {
        "tables": table_rows(made.tables),
        "left_out": made.left_out,
        "numbers": made.numbers,
        "shown": made.shown,
        "refused": len(made.broken),
    }


def _publish(services: HasPublications, plan: Plan, who: Principal, tell: Tell) -> dict[str, Any]:
    services.catch_up()
    made = _explained(lambda: publisher.publish(services, plan, who, _progress(tell)))
    structlog.get_logger("publications").info("published", number=made.number, position=made.position)
    return {"publication": made.number, "digest": made.digest}


def _verify(services: HasPublications, tell: Tell) -> dict[str, Any]:
    tell(0, 1)
    findings = _explained(lambda: publisher.verify(services))
    return {
        "holds": not findings,
        "found": len(findings),
        "findings": [asdict(finding) for finding in findings[:NAMED]],
        "publications": len(services.publications.all()),
    }
