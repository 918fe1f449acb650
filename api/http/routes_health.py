"""For those who run it: alive, ready, metrics. No client data, so no sign-in."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request, Response

from api.http.context import ServicesHere
from api.http.metrics import Metrics
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
    summary="Whether the log is reachable, and how far the read models are behind",
    responses=responses("not-ready"),
)
def readyz(request: Request, services: ServicesHere) -> ReadyView:
    """Ready when both databases answer; lag and quarantine are told, and do not make it unready.

    Not ready from the moment on that the process was told to stop, though it still answers.
    """
    if request.app.state.draining.is_set():
        raise ProblemError("not-ready", "This process is about to stop.", headers={"Retry-After": "2"})
    try:
        found = services.projector.status()
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is: not ready
        detail = f"A database does not answer ({type(error).__name__})."
        raise ProblemError("not-ready", detail, headers={"Retry-After": "2"}) from None
    return ReadyView(
        status="ready",
        head=max((status.head for status in found), default=0),
        lag=max((status.lag for status in found), default=0),
        quarantined=sum(status.quarantined for status in found),
    )


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Requests by route template, latencies, appends, projection lag, quarantine; never a client's id."""
    content, media_type = cast("Metrics", request.app.state.metrics).page()
    return Response(content, media_type=media_type)
