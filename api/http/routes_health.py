"""For balancers and probes: alive, ready. Anybody may ask, so the answer says nothing of what is recorded."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request

from api.http.context import ServicesHere
from api.http.problems import ProblemError, responses
from api.http.views import HealthView, ReadyView

router = APIRouter(tags=["operations"])


@router.get("/healthz", operation_id="healthz", summary="Whether the process runs")
def healthz() -> HealthView:
    """Answers as long as the process does."""
    return HealthView(status="ok")


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Whether the process can answer",
    responses=responses("not-ready"),
)
def readyz(request: Request, services: ServicesHere) -> ReadyView:
    """Ready when both databases answer. How far read models are is for operators: `GET /api/v1/projections`.

    Not ready from the moment on that the process was told to stop, though it still answers.
    """
    if request.app.state.draining.is_set():
        raise ProblemError("not-ready", "This process is about to stop.", headers={"Retry-After": "2"})
    try:
        services.projector.status()
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is: not ready
        structlog.get_logger("http").warning("a database does not answer", error=type(error).__name__)
        raise ProblemError("not-ready", "A database does not answer.", headers={"Retry-After": "2"}) from None
    return ReadyView(status="ready")
