"""Integrity for auditors: signed heads, proofs that verify offline."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.http.context import ServicesHere
from api.http.errors import request_id
from api.http.identity import Principal, allowed
from api.http.paging import Cursor, Limit, decode, encode
from api.http.problems import ProblemError, responses
from api.http.routes_clients import READ_PROBLEMS
from domain.entries import moment
from infra.audit.heads import Head, Key
from infra.audit.proving import ProofError, prove
from infra.audit.running import CARE, logs_of, seals_of

router = APIRouter(tags=["audit"])


class HeadView(BaseModel):
    """What a log was at a moment, signed. Hashes and signature are in hex."""

    log: str
    number: int
    size: int = Field(description="How many entries it covers")
    position: int = Field(description="Position of the last of them")
    root: str = Field(description="Root of the tree over them (RFC 9162)")
    sealed_at: datetime
    sealed_us: int = Field(description="The same in µs since 1970, as it is signed")
    previous: str = Field(description="Digest of the head before it")
    key_id: str
    signature: str = Field(description="Ed25519")


class KeyView(BaseModel):
    """A public key that signs heads, certified by the one before it."""

    number: int
    key_id: str
    public_key: str
    since: datetime
    since_us: int = Field(description="The same in µs since 1970, as it is signed")
    certified_by: str = Field(description="Its own id: nobody vouches for it but who tells you of it")
    certificate: str


class HeadsPage(BaseModel):
    """Heads of one log, oldest first, and every public key."""

    keys: list[KeyView]
    heads: list[HeadView]
    next_cursor: str | None


class ProvenEntry(BaseModel):
    """The entry as it is stored; personal fields are sealed in it."""

    log: str
    position: int
    client_id: str
    sequence: int
    topic: str
    state: str = Field(description="base64")


class ProofView(BaseModel):
    """What docs/verify/carejourney_verify.py checks; save the body as it comes, byte for byte."""

    format: Literal["carejourney proof 1"]
    entry: ProvenEntry
    index: int = Field(description="Place among the tree's leaves, from 0")
    path: list[str] = Field(description="Hashes from the leaf to the root, in hex")
    head: dict[str, str | int]
    keys: list[dict[str, str | int]]


@router.get(
    "/api/v1/audit/heads",
    operation_id="list-heads",
    summary="Signed heads of a log, and the keys that signed them",
    responses=responses(*READ_PROBLEMS),
)
def list_heads(
    services: ServicesHere,
    _: Annotated[Principal, Depends(allowed("audit"))],
    log: Annotated[Literal["care", "access"], Query(description="Which log")] = "care",
    limit: Limit = 200,
    cursor: Cursor = "",
) -> HeadsPage:
    """Keep them where nobody who runs this server can change them: they show later what was taken back."""
    (after,) = decode(cursor, 1)
    seals = seals_of(services)
    found = seals.heads(log, int(after) if after.isdigit() else 0, limit)
    return HeadsPage(
        keys=[_key(key) for key in seals.public_keys()],
        heads=[_head(head) for head in found],
        next_cursor=encode(str(found[-1].number)) if len(found) == limit else None,
    )


@router.get(
    "/api/v1/audit/proofs/{event_id}",
    operation_id="prove-entry",
    summary="A proof that an entry stands in the log, to be checked offline",
    response_model=ProofView,
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def prove_entry(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("audit"))],
    event_id: UUID,
    head: Annotated[int | None, Query(ge=1, le=2**53, description="Under this head; default: the newest")] = None,
) -> Response:
    """It shows an entry of a chart, so it is recorded as a look at it."""
    seals = seals_of(services)
    care = next(log for log in logs_of(services) if log.name == CARE)
    try:
        against = None
        if head is not None:
            against = next(iter(seals.heads(CARE, head - 1, 1)), None)
            if against is None:
                raise ProofError(f"there is no head {head}")
        proof = prove(seals, care, event_id.hex, against)
    except ProofError as error:
        raise ProblemError("not-found", f"{error}.".capitalize()) from None
    services.people.log.read(who, [proof.client_id], request=request_id(request.scope))
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{event_id}.proof.json"'}
    return Response(proof.content, media_type="application/json", headers=headers)


def _head(head: Head) -> HeadView:
    given = asdict(head) | {"sealed_at": moment(head.sealed_at), "sealed_us": head.sealed_at}
    return HeadView.model_validate(given)


def _key(key: Key) -> KeyView:
    return KeyView.model_validate(asdict(key) | {"since": moment(key.since), "since_us": key.since})
