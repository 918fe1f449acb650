"""Long work as it is answered."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http.problems import ProblemError
from domain.entries import moment
from infra.jobs.table import Job


class NothingBody(BaseModel):
    """Nothing: the path says what is to be done."""

    model_config = ConfigDict(extra="forbid")


class JobView(BaseModel):
    """One piece of long work: ask again for its progress, and in the end for what it came to."""

    id: str
    kind: str
    subject: str = Field(description="What it is about, as a read model; empty for all")
    state: Literal["running", "done", "failed", "stopped"]
    by: str
    began: datetime
    heard_of: datetime = Field(description="When it last said that it is alive, or ended")
    done: int
    total: int = Field(description="0 while it is not known")
    rate: float | None = Field(description="How much it does in a second")
    seconds_left: float | None
    outcome: dict[str, Any] = Field(description="What it came to; empty while it runs")


class StartedView(BaseModel):
    """The work that runs now."""

    started: bool = Field(description="False: it was running already")
    job: JobView


def job_view(job: Job) -> JobView:
    """A job as it is answered."""
    times = {"began": moment(job.began), "heard_of": moment(job.beat)}
    return JobView.model_validate({**asdict(job), **times, "rate": job.rate, "seconds_left": job.seconds_left})


def known(job: Job | None) -> JobView:
    """The last job of a kind.

    Raises:
        ProblemError: there is none yet.
    """
    if job is None:
        raise ProblemError("not-found", "Nobody has started this yet: POST to the same address does.")
    return job_view(job)
