"""Request and answer bodies of commands. Each recording command has its own schema, made from its event."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from api.http.context import Moment
from api.http.examples import EXAMPLES
from domain.commands import RECORDING, Command, Correct, Record, ResolveOverlap, Retract, Transfer
from domain.events import CATALOGUE, Event, LevelOfCareStarted, OverlapResolved
from domain.events.base import NO_NUL
from domain.levels import Level
from domain.vocabulary import MissedCause, Modality, Reason, SessionKind, Slot
from infra.commands.group_session import Attendee, GroupSession

EXAMPLE_MOMENT = "2026-02-01T18:00:00-05:00"

Number = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL, description="A chart number")]
ShortText = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
LongText = Annotated[str, Field(min_length=1, max_length=20_000, pattern=NO_NUL)]
SessionMinutes = Annotated[int, Field(ge=1, le=24 * 60)]


class Strict(BaseModel):
    """No field beyond those named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CommandBody(Strict):
    """What every command has."""

    site: ShortText | None = Field(default=None, description="The facility where it is recorded")


class RecordingBody(CommandBody):
    """Records one fact at its clinical time."""

    occurred_at: Moment = Field(description="Clinical time, with its UTC offset")
    data: Any

    def command(self) -> Command:
        """As a command."""
        return Record(self.data, self.occurred_at)


class RegisterBody(RecordingBody):
    """Registers a client; the person may have a chart already."""

    confirm_new_person: bool | None = Field(
        default=None,
        description="false: where charts look alike, answer possible-duplicate and record nothing; true: it is "
        "somebody else; left out: register, and name them in the answer",
    )


class AmendingBody(CommandBody):
    """Amends the chart at the moment it is made, whatever ``occurred_at`` says."""

    occurred_at: Moment | None = Field(default=None, description="Not needed: it happens when it is made")


class TransferData(Strict):
    """One level ends and the next starts."""

    start: LevelOfCareStarted
    reason: Reason = "transferred"
    from_level: Level | None = Field(default=None, description="Needed only beside concurrent levels")
    summary: LongText | None = None


class TransferBody(CommandBody):
    """Step down or up in one append."""

    occurred_at: Moment
    data: TransferData

    def command(self) -> Command:
        """As a command."""
        data = self.data
        return Transfer(data.start, self.occurred_at, data.reason, data.from_level, data.summary)


class ReplacementData(Strict):
    """What the entry should have said."""

    type: ShortText
    occurred_at: Moment
    data: dict[str, Any]


class CorrectData(Strict):
    """Which entry is corrected, to what, and why."""

    target: UUID
    replacement: ReplacementData
    reason: LongText


class CorrectBody(AmendingBody):
    """Replaces what an entry says; the entry stays in the log."""

    data: CorrectData

    def command(self) -> Command:
        """As a command.

        Raises:
            InvalidDataError: the replacement does not fit its type.
            UnknownEventTypeError: its type is not known.
        """
        new = self.data.replacement
        CATALOGUE.parse(new.type, new.data)
        return Correct(self.data.target, new.type, new.occurred_at, new.data, self.data.reason)


class RetractData(Strict):
    """Which entry was made in error, and why."""

    target: UUID
    reason: LongText


class RetractBody(AmendingBody):
    """Takes an entry back; retracting a merge opens the other chart again."""

    data: RetractData

    def command(self) -> Command:
        """As a command."""
        return Retract(self.data.target, self.data.reason)


class OverlapData(OverlapResolved):
    """Stays by the entries that started them (event ids), and the one of them that counts."""

    def command(self) -> ResolveOverlap:
        """As a command."""
        return ResolveOverlap(self.stays, self.counts)


class MergeData(Strict):
    """The duplicate chart, and which of overlapping stays counts."""

    other_client: Number
    overlaps: Annotated[list[OverlapData], Field(max_length=100)] = []


class MergeBody(AmendingBody):
    """This chart takes over a duplicate; refused while overlapping stays of the two are undecided."""

    data: MergeData

    def overlaps(self) -> list[ResolveOverlap]:
        """The decisions about overlapping stays, as commands."""
        return [given.command() for given in self.data.overlaps]


class ResolveOverlapBody(AmendingBody):
    """Says which of overlapping stays of one person counts; the others stay on the timeline."""

    data: OverlapData

    def command(self) -> Command:
        """As a command."""
        return self.data.command()


class KeepApartData(Strict):
    """The chart that looks like this one."""

    other_client: Number


class KeepApartBody(AmendingBody):
    """Says that a chart which looks like this one is another person's."""

    data: KeepApartData


class AttendeeBody(Strict):
    """One client of the group."""

    client: Number
    attended: bool = True
    minutes: SessionMinutes | None = Field(default=None, description="If other than the session's")
    excused: bool | None = None
    cause: MissedCause | None = None
    note: LongText | None = Field(default=None, description="Of this client alone, recorded as an entry beside it")


class GroupSessionBody(CommandBody):
    """A group session charted once for all its clients: all or nothing."""

    occurred_at: Moment
    kind: SessionKind = "group"
    minutes: SessionMinutes
    topic: ShortText | None = None
    modality: Modality | None = None
    slot: Slot | None = None
    clinician: ShortText | None = None
    group_id: ShortText | None = None
    attendees: Annotated[list[AttendeeBody], Field(min_length=1, max_length=100)]
    again: bool = Field(
        default=False, description="Record it although an attendee has a session of this kind in this minute"
    )

    def session(self) -> GroupSession:
        """As the session to chart."""
        attendees = [Attendee(a.client, a.attended, a.minutes, a.excused, a.cause, a.note) for a in self.attendees]
        return GroupSession(
            self.occurred_at,
            self.minutes,
            attendees,
            self.kind,
            self.topic,
            self.modality,
            self.slot,
            self.clinician,
            self.group_id,
        )


class LookAlikes(BaseModel):
    """Charts that look like a person: numbers that the caller may see, and how many others there are."""

    clients: list[str]
    others: int


class ReceiptAnswer(BaseModel):
    """What was recorded. ``replayed``: the same request had been recorded before."""

    client: str
    client_id: UUID
    sequence: int = Field(description="The chart's sequence after it, the next If-Match")
    position: int = Field(description="Its place in the log, the next min_position")
    event_ids: list[UUID]
    replayed: bool
    possible_duplicates: LookAlikes | None = Field(
        default=None, description="Of a registration: other charts that may be this person's, where there are some"
    )


class GroupAnswer(BaseModel):
    """What was recorded, in the order of the attendees."""

    receipts: list[ReceiptAnswer]
    position: int
    replayed: bool


def recording_body(name: str) -> type[RecordingBody]:
    """The request model of a recording command."""
    event_type = CATALOGUE.current(RECORDING[name])
    data: Any = (Annotated[event_type, AfterValidator(_complete)], ...)
    example: Any = {"occurred_at": EXAMPLE_MOMENT, "data": EXAMPLES[name]}
    title = "".join(part.title() for part in name.split("-"))
    base = RegisterBody if name == "register-client" else RecordingBody
    model = create_model(f"{title}Body", __base__=base, data=data)
    model.model_config = cast("ConfigDict", {**model.model_config, "json_schema_extra": {"examples": [example]}})
    model.__doc__ = event_type.__doc__
    model.model_rebuild(force=True)
    return model


def _complete(event: Event) -> Event:
    missing = event.missing()
    if missing:
        kind = "missing_personal"
        raise PydanticCustomError(kind, "required fields are missing", {"missing_fields": missing})
    return event
