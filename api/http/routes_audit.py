"""Integrity for auditors: signed heads, proofs that verify offline, verification."""

from __future__ import annotations

import threading
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.http.context import ServicesHere
from api.http.correlation import request_id
from api.http.cursors import Cursor, Limit, decode, encode
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.routes_clients import READ_PROBLEMS
from api.whole_numbers import whole_number
from domain.entries import moment
from infra.integrity.heads import Head, Key
from infra.integrity.proofs import NoSuchEntryError, NotSealedError, ProofError, find_entry, prove
from infra.integrity.seal_setup import CARE, logs_of, seals_of
from infra.integrity.seal_tables import Seals
from infra.integrity.verify_setup import verify

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

    client_id: str
    sequence: int
    topic: str
    state: str
    position: int


class ProofView(BaseModel):
    """What docs/verify/carejourney_verify.py checks."""

    format: Literal["carejourney proof 1"]
    entry: ProvenEntry
    index: int = Field(description="Place among the tree's leaves, from 0")
    path: list[str] = Field(description="Hashes from the leaf to the root, in hex")
    head: dict[str, str | int]
    keys: list[dict[str, str | int]]
    from_head: dict[str, str | int] | None = Field(default=None, description="An earlier head of the same log")
    consistency: list[str] | None = Field(default=None, description="Shows that the log only grew since, in hex")


class VerifiedLogView(BaseModel):
    """What was read of one log."""

    log: str
    entries: int
    streams: int
    heads: int
    sealed: int = Field(description="Entries under the newest head")


class FindingView(BaseModel):
    """One difference; position and sequence are 0, client_id empty, where it is about more than one entry."""

    log: str
    kind: str
    what: str
    position: int
    client_id: str
    sequence: int


class VerificationView(BaseModel):
    """What a verification came to."""

    holds: bool = Field(description="No difference was found")
    logs: list[VerifiedLogView]
    findings: list[FindingView]
    notices: list[str] = Field(description="What could not be known, such as entries that are not sealed yet")


_VERIFYING = threading.Lock()


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
    heads_read = seals.heads(log, whole_number(after) or 0, limit)
    return HeadsPage(
        keys=[_key(key) for key in seals.public_keys()],
        heads=[_head(head) for head in heads_read],
        next_cursor=encode(str(heads_read[-1].number)) if len(heads_read) == limit else None,
    )


@router.get(
    "/api/v1/audit/proofs/{event_id}",
    operation_id="prove-entry",
    summary="A proof that an entry stands in the log, to be checked offline",
    response_model_exclude_none=True,
    responses=responses(*READ_PROBLEMS, "not-found"),
)
def prove_entry(
    request: Request,
    services: ServicesHere,
    who: Annotated[Principal, Depends(allowed("audit"))],
    response: Response,
    event_id: UUID,
    from_head: Annotated[
        int | None, Query(ge=1, le=2**53, description="Prove also that the log only grew since this head")
    ] = None,
) -> ProofView:
    """It shows an entry of a chart, so it is recorded as a look at it."""
    seals = seals_of(services)
    care = next(log for log in logs_of(services) if log.name == CARE)
    try:
        row = find_entry(care, event_id.hex)
        services.people.log.read(who, [row.client_id], request=request_id(request.scope))
        proof = prove(care, seals, row, _known_head(seals, from_head))
    except (NoSuchEntryError, NotSealedError) as error:
        raise ProblemError("not-found", f"{error}.".capitalize()) from None
    except ProofError:
        raise ProblemError("internal", "The log is not what was sealed: an auditor must verify it now.") from None
    response.headers["Cache-Control"] = "no-store"
    return ProofView.model_validate(proof)


def _known_head(seals: Seals, number: int | None) -> Head | None:
    """A head of the log of care by its number.

    Raises:
        ProblemError: there is none.
    """
    if number is None:
        return None
    heads_read = seals.heads(CARE, number - 1, 1)
    if not heads_read or heads_read[0].number != number:
        raise ProblemError("not-found", "There is no head of this number.")
    return heads_read[0]


@router.get(
    "/api/v1/audit/verify",
    operation_id="verify-logs",
    summary="Compute every hash, link, root and signature again, and name what differs",
    responses=responses(*READ_PROBLEMS),
)
def verify_logs(services: ServicesHere, _: Annotated[Principal, Depends(allowed("audit"))]) -> VerificationView:
    """Reads both logs whole (some 200,000 entries a second), one request at a time in each process.

    An auditor who need not believe this server verifies a copy with heads of their own: `carejourney audit verify`.
    """
    if not _VERIFYING.acquire(blocking=False):
        raise ProblemError("not-ready", "Another verification is running.", headers={"Retry-After": "10"})
    try:
        report = verify(services)
    finally:
        _VERIFYING.release()
    return VerificationView.model_validate({"holds": not report.findings, **asdict(report)})


def _head(head: Head) -> HeadView:
    given = asdict(head) | {"sealed_at": moment(head.sealed_at), "sealed_us": head.sealed_at}
    return HeadView.model_validate(given)


def _key(key: Key) -> KeyView:
    return KeyView.model_validate(asdict(key) | {"since": moment(key.since), "since_us": key.since})
