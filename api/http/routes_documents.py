"""A client's record on paper: for the programme and the client, and handed out under a consent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.addresses import Reference
from api.documents.make import Kind, Recipient, Wanted, hand_out, print_within
from api.files import attachment
from api.http.context import AsOf, Moment, ServicesHere
from api.http.correlation import request_id
from api.http.identity import Principal, allowed
from api.http.problems import responses
from api.http.routes_clients import AT_ENTRY_HELP, READ_PROBLEMS, one_moment
from api.http.routes_commands import WRITE_PROBLEMS
from api.i18n.language import languages, preferred
from infra.access_log.break_glass import LONGEST_REASON
from infra.disclosure.consents import SHORT_NOTICE
from infra.identity.people import PURPOSES
from infra.pdf.engine import PDF

router = APIRouter(tags=["charts"])

Printer = Annotated[Principal, Depends(allowed("printing"))]
Discloser = Annotated[Principal, Depends(allowed("handing-out"))]
PROBLEMS = ("no-such-chart", "not-known-then", "not-found", "gone", "no-key")
_DOCUMENT = {200: {"description": "The document", "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}}
_WORD = r"^[^\x00]*$"


def _spoken(code: str) -> str:
    if code and code not in languages():
        msg = f"is none of: {', '.join(languages())}"
        raise ValueError(msg)
    return code


Language = Annotated[str, AfterValidator(_spoken)]
LANGUAGE_HELP = "Language of the document; default: what the header Accept-Language asks for"
EPISODE_HELP = "Of a discharge summary: which episode, from 1; default: the latest"


class PdfResponse(Response):
    """A document."""

    media_type = PDF


class HandOutBody(BaseModel):
    """Who receives the document, and for what."""

    model_config = ConfigDict(extra="forbid")

    recipient: str = Field(
        min_length=1, max_length=200, pattern=_WORD, description="As a consent names them", examples=["County court"]
    )
    purpose: str = Field(
        min_length=1,
        max_length=200,
        pattern=_WORD,
        description=f"One of {', '.join(PURPOSES)}, or the words of the consent",
        examples=["treatment"],
    )
    emergency: str = Field(
        default="",
        max_length=LONGEST_REASON,
        pattern=_WORD,
        description="With the purpose emergency: its nature, for the record (42 CFR 2.51)",
    )
    episode: Annotated[int | None, Field(ge=1, le=10_000, description=EPISODE_HELP)] = None
    as_of: Annotated[Moment | None, Field(description="Knowledge time: what was known then")] = None
    at_entry: Annotated[int | None, Field(ge=1, le=2**53, description=AT_ENTRY_HELP)] = None
    language: Annotated[Language, Field(max_length=20, description=LANGUAGE_HELP)] = ""


@router.get(
    "/api/v1/clients/{reference}/documents/{kind}",
    operation_id="print-document",
    summary="Summary or discharge summary as PDF, for the programme's own use or for the client",
    response_class=PdfResponse,
    responses=_DOCUMENT | responses(*READ_PROBLEMS, *PROBLEMS),
)
def print_document(
    services: ServicesHere,
    who: Printer,
    request: Request,
    reference: Reference,
    kind: Kind,
    as_of: AsOf = None,
    at_entry: Annotated[int | None, Query(ge=1, le=2**53, description=AT_ENTRY_HELP)] = None,
    episode: Annotated[int | None, Query(ge=1, le=10_000, description=EPISODE_HELP)] = None,
    language: Annotated[Language, Query(max_length=20, description=LANGUAGE_HELP)] = "",
) -> PdfResponse:
    """No disclosure, and recorded as a read of the chart; for the client's own copy send
    ``Purpose-Of-Use: patient_request`` (42 CFR 2.23).
    """
    tongue = language or preferred(request.headers)
    wanted = Wanted(kind, tongue, episode, as_of, request_id(request.scope), at_entry)
    with one_moment(at_entry, as_of):
        return answer(print_within(services, who, reference, wanted), kind)


@router.post(
    "/api/v1/clients/{reference}/documents/{kind}",
    operation_id="hand-out-document",
    summary="The same for somebody outside, under the client's consent; recorded as a disclosure",
    response_class=PdfResponse,
    responses=_DOCUMENT | responses(*WRITE_PROBLEMS, *PROBLEMS, "internal", "not-ready"),
)
def hand_out_document(
    services: ServicesHere, who: Discloser, request: Request, reference: Reference, kind: Kind, body: HandOutBody
) -> PdfResponse:
    """Refused with 403 where no consent covers recipient, purpose and scope; the refusal is recorded too."""
    language = body.language or preferred(request.headers)
    wanted = Wanted(kind, language, body.episode, body.as_of, request_id(request.scope), body.at_entry)
    to = Recipient(body.recipient, body.purpose, body.emergency)
    with one_moment(body.at_entry, body.as_of):
        document = answer(hand_out(services, who, reference, wanted, to), kind)
    document.headers["X-Redisclosure-Notice"] = SHORT_NOTICE
    return document


def answer(document: bytes, kind: Kind) -> PdfResponse:
    """A document as a download; its name says nothing of the client, and no cache keeps it."""
    return PdfResponse(document, headers=attachment(f"{kind}.pdf"))
