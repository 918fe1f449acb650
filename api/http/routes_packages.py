"""The audit package of a client, to be taken away and checked elsewhere."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.addresses import Reference
from api.files import attachment
from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_commands import WRITE_PROBLEMS
from infra.disclosure.disclosures import DisclosureRefusedError
from infra.identity.people import PURPOSES
from infra.integrity.package import PackageRequest, write_package
from infra.integrity.proofs import ProofError

router = APIRouter(tags=["audit"])
ZIP = "application/zip"
FILE_NAME = "audit-package.zip"  # no chart number: it would stand in logs and histories of browsers


class PackageBody(BaseModel):
    """For whom it is; without a recipient it stays in the programme."""

    model_config = ConfigDict(extra="forbid")

    recipient: str = Field(
        default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="As a consent of the chart names them"
    )
    purpose: str = Field(default="audit", pattern=f"^({'|'.join(PURPOSES)})$")


@router.post(
    "/api/v1/clients/{reference}/audit-package",
    operation_id="make-audit-package",
    summary="History, accesses, disclosures and proofs of a chart in one archive",
    response_class=Response,
    responses={
        **responses(*WRITE_PROBLEMS, "internal", "not-ready", "no-such-chart"),
        200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}, "description": "The archive"},
    },
)
def make_audit_package(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("audit"))],
    reference: Reference,
    body: PackageBody,
) -> Response:
    """Recorded before it is handed over: as a look at the chart, or with a recipient as a disclosure."""
    archive = BytesIO()
    wanted = PackageRequest(body.recipient.strip(), body.purpose, request=request_id(request.scope))
    try:
        write_package(services, who, reference, archive, wanted)
    except DisclosureRefusedError as error:
        raise ProblemError("not-allowed", f"{error}.".capitalize()) from None
    except ProofError:
        raise ProblemError("internal", "The log is not what was sealed: an auditor must verify it now.") from None
    return Response(archive.getvalue(), media_type=ZIP, headers=attachment(FILE_NAME))
