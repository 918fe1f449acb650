"""Problem documents (RFC 9457): what can go wrong, in one catalogue, and the shape of each answer.

No document repeats a value that was sent: chart numbers and payloads are personal data, and problem documents
end up in logs. ``instance`` is the request's own id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong and what to do about it."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="Names the kind of problem; the path answers with its meaning")
    title: str
    status: int
    detail: str = Field(description="What went wrong this time, and the next step")
    instance: str = Field(description="The request's id, as in the header X-Request-Id")


class FieldError(BaseModel):
    """One thing wrong with what was sent; the value itself is never repeated."""

    field: str = Field(description="Path of the field, as data.minutes, or a parameter's name")
    problem: str


class InvalidProblem(Problem):
    """What was sent does not fit the schema."""

    errors: list[FieldError]


class RefusalItem(BaseModel):
    """One unmet criterion: its name, the value found, the remedy."""

    criterion: str
    value: str
    remedy: str


class RefusedProblem(Problem):
    """The command was understood and refused; nothing was written."""

    refusals: list[RefusalItem]


class AttendeeRefusals(BaseModel):
    """An attendee of a group session, by place in the request (from 0), and why the entry was refused."""

    place: int
    refusals: list[RefusalItem]


class GroupRefusedProblem(Problem):
    """At least one attendee was refused; nothing was written for anybody."""

    attendees: list[AttendeeRefusals]


class PossibleDuplicateProblem(Problem):
    """Charts look like the person who is to be registered; nothing was written.

    ``clients`` are their numbers, as far as you may see them; ``others`` counts the rest.
    """

    clients: list[str]
    others: int


class ChangeItem(BaseModel):
    """An entry recorded since the sequence that the caller saw."""

    sequence: int
    type: str
    occurred_at: datetime | None = Field(description="null: the entry is unreadable, and it is not known")
    recorded_at: datetime | None = Field(description="null: as with occurred_at")
    actor: str


class StaleProblem(Problem):
    """The chart has moved on since the caller read it; nothing was written."""

    expected: int
    actual: int
    changed_since: list[ChangeItem] = Field(description="Empty for a role that may not read the history")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem."""

    status: int
    title: str
    model: type[Problem] = Problem


KINDS: dict[str, Kind] = {
    "malformed": Kind(400, "The request cannot be read"),
    "not-signed-in": Kind(401, "Nobody is signed in"),
    "not-allowed": Kind(403, "Your role may not do this"),
    "no-such-chart": Kind(404, "No such chart"),
    "not-known-then": Kind(404, "Nothing was known then"),
    "not-found": Kind(404, "There is nothing here"),
    "method-not-allowed": Kind(405, "The method is not allowed here"),
    "not-acceptable": Kind(406, "No such representation"),
    "too-slow": Kind(408, "The body came too slowly"),
    "stale": Kind(409, "The chart has changed", StaleProblem),
    "possible-duplicate": Kind(409, "This person may have a chart already", PossibleDuplicateProblem),
    "gone": Kind(410, "It is no longer here"),
    "too-large": Kind(413, "The body is too large"),
    "unsupported-media-type": Kind(415, "The body is not JSON"),
    "wrong-host": Kind(421, "This server does not answer for that host"),
    "invalid": Kind(422, "What was sent does not fit", InvalidProblem),
    "refused": Kind(422, "The command is refused", RefusedProblem),
    "group-refused": Kind(422, "The group session is refused", GroupRefusedProblem),
    "key-reused": Kind(422, "The Idempotency-Key was used for another request"),
    "too-many": Kind(429, "Too many requests"),
    "internal": Kind(500, "Something broke on our side"),
    "no-key": Kind(503, "The master key is missing"),
    "not-ready": Kind(503, "Not ready yet"),
}


@dataclass
class ProblemError(Exception):
    """Raised by endpoints; the handler makes a problem document of it."""

    kind: str
    detail: str
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    headers: dict[str, str] = field(default_factory=dict[str, str])


def answer(problem: ProblemError, request_id: str) -> Response:
    """The problem document as a response."""
    kind = KINDS[problem.kind]
    document = kind.model(
        type=f"/problems/{problem.kind}",
        title=kind.title,
        status=kind.status,
        detail=problem.detail,
        instance=f"urn:uuid:{request_id}",
        **problem.extra,
    )
    headers = {"Cache-Control": "no-store", "X-Request-Id": request_id, **problem.headers}
    return Response(document.model_dump_json(), kind.status, headers, MEDIA_TYPE)


def responses(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """What an operation's OpenAPI entry says of these problems, grouped by status."""
    by_status: dict[int | str, list[str]] = {}
    for name in kinds:
        by_status.setdefault(KINDS[name].status, []).append(name)
    return {status: _described(names) for status, names in by_status.items()}


def _described(names: list[str]) -> dict[str, Any]:
    models = sorted({KINDS[name].model.__name__ for name in names})
    refs = [{"$ref": f"#/components/schemas/{model}"} for model in models]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    return {
        "description": "; or ".join(f"{KINDS[name].title} (`{name}`)" for name in names),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
