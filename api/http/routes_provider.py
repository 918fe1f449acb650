"""What the provider says of itself: sites, programs, staff, groups, code lists and consent forms, at any moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.http.context import AtPosition, KnownParameters, Moment, ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.views import UnreadView
from domain.entries import Entry, moment
from domain.events.provider import Kind
from domain.provider import label
from infra.provider.define import stream_of
from infra.provider.definitions import defined
from projections.provider.queries import Definition

router = APIRouter(tags=["provider"])

_READ = ("malformed", "not-signed-in", "not-allowed", "invalid", "internal", "not-ready", "too-many")
Reader = Annotated[Principal, Depends(allowed("provider"))]


class DefinitionView(BaseModel):
    """How one thing was defined at the moment asked for."""

    key: str
    name: str
    since: datetime = Field(description="From when it holds (clinical time)")
    until: datetime | None = Field(description="Before when; null: nothing has changed it since")
    event_id: UUID = Field(description="The entry that says so")
    data: dict[str, Any] = Field(description="As its event's schema says: docs/schemas/")

    @staticmethod
    def of(definition: Definition) -> DefinitionView:
        """As it is answered."""
        until = None if definition.until is None else moment(definition.until)
        return DefinitionView(
            key=definition.key,
            name=definition.name,
            since=moment(definition.since),
            until=until,
            event_id=UUID(definition.event_id),
            data=definition.data,
        )


class DefinitionsView(BaseModel):
    """The things of one kind, by key."""

    kind: Kind
    at: datetime = Field(description="The moment at which they held")
    as_of: datetime | None = Field(description="As was known then; null: as is known now")
    definitions: list[DefinitionView]


class SaidView(BaseModel):
    """An entry of the history of one thing."""

    sequence: int
    event_id: UUID
    type: str
    occurred_at: datetime = Field(description="From when it holds; of what amends an entry, when that was done")
    recorded_at: datetime
    actor: str
    role: str
    data: dict[str, Any]

    @staticmethod
    def of(entry: Entry) -> SaidView:
        """As it is answered."""
        return SaidView(
            sequence=entry.sequence,
            event_id=UUID(entry.event_id),
            type=entry.type,
            occurred_at=entry.occurred_at,
            recorded_at=entry.recorded_at,
            actor=entry.actor,
            role=entry.role,
            data=entry.event.model_dump(mode="json", by_alias=True, exclude_none=True),
        )


class HistoryView(BaseModel):
    """Everything that was recorded of one thing, in the order of recording."""

    kind: Kind
    key: str
    entries: list[SaidView]
    unreadable: list[UnreadView] = Field(description="What is missing from the entries")


@router.get(
    "/api/v1/provider/{kind}",
    operation_id="list-definitions",
    summary="The provider's sites, programs, staff, groups, code lists or consent forms",
    responses=responses(*_READ),
    dependencies=[AtPosition, KnownParameters],
)
def list_definitions(
    services: ServicesHere,
    _: Reader,
    kind: Kind,
    at: Annotated[Moment | None, Query(description="In force at this moment; default: now")] = None,
    as_of: Annotated[Moment | None, Query(description="As was known at this moment; default: as is known now")] = None,
) -> DefinitionsView:
    """Nothing here is about a client."""
    when = at or services.now()
    definition = defined(services, kind, when, as_of)
    return DefinitionsView(
        kind=kind, at=when, as_of=as_of, definitions=[DefinitionView.of(definition) for definition in definition]
    )


@router.get(
    "/api/v1/provider/{kind}/history",
    operation_id="get-definition-history",
    summary="Everything that was recorded of one site, program, member of staff, group, code list or consent form",
    responses=responses(*_READ, "not-found"),
    dependencies=[KnownParameters],
)
def get_history(
    services: ServicesHere,
    _: Reader,
    kind: Kind,
    key: Annotated[str, Query(min_length=1, max_length=150, description="Its key, in any spelling")],
) -> HistoryView:
    """With corrections and retractions, by whom and when."""
    recorded = stream_of(services.log, label(kind, key), opened=True)
    if not recorded.sequence:
        raise ProblemError("not-found", "Nothing of this kind has this key.")
    return HistoryView(
        kind=kind,
        key=key,
        entries=[SaidView.of(entry) for entry in recorded.entries],
        unreadable=[UnreadView.of(unread) for unread in recorded.unread],
    )
