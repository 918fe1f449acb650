"""Begin long work for a person: recorded in the access log before it starts."""

from __future__ import annotations

from dataclasses import replace

from infra.access_log.entries import Access
from infra.identity.people import Principal
from infra.jobs.context import HasJobs
from infra.jobs.runner import Work
from infra.jobs.table import Job

NAMED = 200  # differences kept of one outcome: the command line lists all of them


def begin(
    services: HasJobs, who: Principal, kind: str, work: Work, subject: str = "", request: str = "", job_id: str = ""
) -> tuple[Job, bool]:
    """Start a job, or give the one of its kind that runs already; and whether it is new.

    ``job_id`` is given where a request that is sent again must find its job.
    """
    doing = f"{who.doing} {subject}".strip()
    services.people.log.record([Access("WorkStarted", replace(who, doing=doing), services.now(), request=request)])
    return services.jobs.start(kind, who.name, work, subject, job_id)
