"""Positions of the read models."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends

from api.http.context import ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import responses
from api.http.views import ProjectionsView, ProjectionView

router = APIRouter(tags=["operations"])


@router.get(
    "/api/v1/projections",
    operation_id="list-projections",
    summary="Position, lag and quarantine of every read model",
    responses=responses("malformed", "not-signed-in", "not-allowed", "internal", "not-ready"),
)
def list_projections(
    services: ServicesHere, _: Annotated[Principal, Depends(allowed("projections"))]
) -> ProjectionsView:
    """Measured against the log's head now."""
    statuses = services.projector.status()
    return ProjectionsView(
        head=services.log.head(),
        projections=[ProjectionView.model_validate(asdict(status)) for status in statuses],
    )
