"""For balancers and probes: alive, ready. Anybody may ask, so the answer says nothing of what is recorded."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request

from api.http.context import ServicesHere
from api.http.problems import ProblemError, responses
from api.http.views import HealthView, ReadyView
from infra.readmodels.release import RESTS

router = APIRouter(tags=["operations"])
_RESTING = "Another release's read models are live: this one reads them and does not fill them."


@router.get("/healthz", operation_id="healthz", summary="Whether the process runs")
def healthz() -> HealthView:
    """Answers as long as the process does."""
    return HealthView(status="ok")


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Whether the process can answer",
    response_model_exclude_none=True,
    responses=responses("not-ready"),
)
def readyz(request: Request, services: ServicesHere) -> ReadyView:
    """Ready when both databases answer and hold read models of this log that this release can read. How far those
    are is for operators: `GET /api/v1/projections`. A note says that this release rests beside another one.

    Not ready from the moment on that the process was told to stop, though it still answers.
    """
    if request.app.state.draining.is_set():
        raise ProblemError("not-ready", "This process is about to stop.", headers={"Retry-After": "2"})
    try:
        states = {row.state for row in services.projector.status()}
        missing = services.reads.missing()
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is: not ready
        structlog.get_logger("http").warning("a database does not answer", error=type(error).__name__)
        raise ProblemError("not-ready", "A database does not answer.", headers={"Retry-After": "2"}) from None
    if "ahead" in states:
        raise _not_ready("The read models are ahead of the log, which was put back from a copy: rebuild them.")
    if missing:
        raise _not_ready("The read models of this release are being built.")
    return ReadyView(status="ready", note=_RESTING if states & RESTS else None)


def _not_ready(why: str) -> ProblemError:
    return ProblemError("not-ready", why, headers={"Retry-After": "10"})
