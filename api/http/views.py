"""Answer bodies of reads."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from infra.eventstore.unreadable import Unread
from infra.readmodels.release import Standing
from projections.columns import KINDS, Kind


class FlagView(BaseModel):
    """What needs attention, why, and the next step."""

    id: str
    reason: str
    next_step: str
    since: date = Field(description="Day from which it has been up: commands about it name this occurrence by it")
    assigned_to: str = Field(description="Who sees to it; empty: nobody was given it")
    snoozed_until: date | None = Field(description="Day on which it is back on the work list; null: it is on it")


class StatusView(BaseModel):
    """Where a client is now. Empty text or null: nothing is known of it."""

    state: str = Field(description="in_treatment, alumni, discharged, not_admitted or died")
    level: str
    program: str
    site: str
    clinician: str
    living: str
    slot: str
    since: date | None = Field(description="First day at this level")
    days_in_level: int | None
    planned_end: date | None
    planned_sessions: int | None = Field(description="Sessions planned a week")
    review_due: date | None
    on_leave: str
    concurrent_levels: str
    last_contact: date | None
    last_screen: date | None
    last_positive: date | None
    last_use: date | None
    days_since_last_use: int | None
    last_assessment: date | None
    drug: str = Field(description="Medication for addiction treatment that is prescribed now")
    authorized_to: date | None
    authorized_left: int | None = Field(description="Authorised sessions left")
    missed_in_a_row: int
    consent_expires: date | None
    discharged: date | None
    sessions_this_week: int
    hours_this_week: float
    hours_outside_band: str = Field(description="Last whole week against the level's band: below or above")
    flags: list[FlagView]


class ClientRow(StatusView):
    """A chart in the list."""

    client: str
    client_id: UUID
    name: str | None = Field(default=None, description="The latest name; only in what a search finds")
    former_name: str | None = Field(default=None, description="An earlier name, when that is the one that fits")


class ClientPage(BaseModel):
    """A page of charts, in a stable order that means nothing."""

    clients: list[ClientRow]
    next_cursor: str | None


class ErasureView(BaseModel):
    """When a chart was erased, who asked for it and who confirmed it."""

    erased_at: datetime
    requested_by: str
    confirmed_by: str
    ground: str


class ClientView(BaseModel):
    """A chart's state."""

    client: str
    client_id: UUID
    sequence: int = Field(description="The chart's last entry, for If-Match")
    merged_into: str | None = Field(description="The chart that took this one over")
    erased: ErasureView | None = Field(description="Set when the client's personal data was destroyed")
    status: StatusView | None = Field(description="Null while it is not projected yet, or when it was merged")


class AmendmentView(BaseModel):
    """Who corrected or retracted an entry, when, why, and what it said before."""

    event_id: UUID
    reason: str
    actor: str
    recorded_at: datetime
    before: dict[str, Any]
    before_occurred_at: str


class TimelineView(BaseModel):
    """One entry of the timeline, corrections applied."""

    event_id: UUID
    sequence: int
    type: str
    kind: str
    title: str
    summary: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: str
    source: str
    site: str
    data: dict[str, Any]
    late: bool = Field(description="Charted more than two days after it happened")
    corrected: AmendmentView | None
    retracted: AmendmentView | None
    not_counted: AmendmentView | None = Field(
        description="It is of a stay that lost a decision about an overlap; with a `reason`, begins after the death"
    )
    sealed: bool = Field(description="Its personal fields cannot be opened")


class SetAsideView(BaseModel):
    """The decision to go on without an entry."""

    event_id: UUID
    actor: str
    at: datetime
    reason: str = Field(description="Empty: it is sealed and cannot be opened")


class UnreadView(BaseModel):
    """An entry that cannot be read here, or that was set aside: nothing is made of it, and nothing it says is shown."""

    client_id: UUID = Field(description="The stream that it stands in: this chart's, or that of one merged into it")
    sequence: int
    position: int
    event_id: str = Field(description="Empty: not even this is known")
    topic: str = Field(description="Its type and version as they are stored")
    occurred_at: datetime | None
    recorded_at: datetime | None
    aside: SetAsideView | None = Field(description="Who decided to go on without it; null: what it says is missing")

    @staticmethod
    def of(unread: Unread) -> UnreadView:
        """As it is answered."""
        return UnreadView.model_validate(asdict(unread))


class TimelinePage(BaseModel):
    """A page of the timeline, in clinical order."""

    client: str
    client_id: UUID
    sequence: int
    as_of: datetime | None
    merged_into: str | None = Field(description="The chart that this one was merged into: its number")
    items: list[TimelineView]
    unreadable: list[UnreadView] = Field(description="What is missing from the items")
    next_cursor: str | None


class HistoryView(BaseModel):
    """One recorded entry as it stands in the log, and what it changed."""

    sequence: int
    position: int
    event_id: UUID | None = Field(description="null: the entry is unreadable, and not even this is known")
    type: str = Field(description="As it is stored; of an unreadable entry it may be none of this release")
    version: int
    occurred_at: datetime | None = Field(description="null: as with event_id")
    recorded_at: datetime | None = Field(description="null: as with event_id")
    actor: str
    issuer: str = Field(description="With the subject: who the actor is; empty in entries that have the name alone")
    subject: str = Field(description="The issuer's own name for the actor")
    role: str
    source: str
    site: str
    claimed_source: str | None = Field(description="The source that an import's line claims; null: recorded here")
    imported_by: str | None = Field(description="Who ran the import; null: recorded here, or before imports were named")
    imported_at: datetime | None = Field(description="When the import recorded it, whatever its recorded_at says")
    import_batch: UUID | None = Field(description="The batch: the same for every entry of one run")
    correlation_id: UUID | None
    causation_id: UUID | None
    late_days: int = Field(description="Whole days between what happened and its recording")
    effect: str = Field(
        description="learned, corrected, retracted, restored, merged, unmerged, unreadable, set_aside or taken_up "
        "(another entry), left_out (set aside itself)"
    )
    data: dict[str, Any]
    before: dict[str, Any] | None = Field(
        description="An amendment: the fields that it changed, as they were; null where the entry did not count"
    )
    after: dict[str, Any] | None = Field(
        description="An amendment: the same fields since; null where the entry counts no longer"
    )


class DerivedRows(BaseModel):
    """Every row that the read models derive of a client, by table."""

    client: str
    client_id: UUID
    as_of: datetime | None
    tables: dict[str, list[dict[str, Any]]]


class HistoryPage(BaseModel):
    """A page of the raw stream, in the order of recording."""

    client: str
    client_id: UUID
    sequence: int
    entries: list[HistoryView]
    next_cursor: str | None


class ReportView(BaseModel):
    """A report: its rows, what they mean, and up to which position of the log they hold."""

    report: str
    title: str
    definition: str
    source: str
    position: int
    as_of: datetime | None = Field(default=None, description="The knowledge time that was asked for")
    small_numbers: bool = Field(
        description="A count in the rows is of 1–10 people: it can point to single people and does not leave the house"
    )
    rows: list[dict[str, Any]] = Field(description="By report and table; `/reports/{report}/columns` says each column")


class DefinitionView(BaseModel):
    """What one number means."""

    report: str = Field(description="The report that shows it")
    id: str
    title: str
    definition: str
    source: str
    missing: str = Field(description="How missing and mixed weeks are read; empty where that does not apply")


class ColumnView(BaseModel):
    """One column of a report's rows."""

    name: str
    kind: Kind = Field(description="; ".join(f"{kind}: {words}" for kind, words in KINDS.items()))
    meaning: str = Field(description="What is in it: unit, rule, and when it is empty")


class ProjectionView(BaseModel):
    """Where one read model is."""

    projection: str
    generation: int
    version: int
    position: int
    head: int
    lag: int = Field(description="Positions of the log that it does not hold yet")
    quarantined: int = Field(description="Clients whose entries it could not fold")
    stopped_since: datetime | None = Field(description="Since when the first of them is; null: nobody, or not known")
    building: int | None = Field(description="The generation that is being built beside it; null: none")
    building_position: int | None
    building_seconds_left: float | None = Field(description="At its pace since it began; null: nothing can be said yet")
    last_healed: datetime | None = Field(description="When a client that stood still was last healed; null: never")
    healed_how: str = Field(description="retry, rebuild, rollback, or folded: with what came next; empty: never")
    healed_by: str = Field(description="Who asked for that; empty: nobody")
    holder: str | None = Field(
        description="The process that projected last: its number and a random part; null where workers read a topic"
    )
    heartbeat_age: float | None = Field(description="Seconds since that process was heard of")
    state: Standing = Field(
        description="How this release stands to it. current: it folds it; outdated: it builds it anew; newer: a newer "
        "release has it live, and this one rests; rolled_back: somebody went back to an older release; other_zones: "
        "another process has set other time zones; ahead: the log was put back from a copy, and it is built anew"
    )


class ProjectionsView(BaseModel):
    """Every read model."""

    head: int
    projections: list[ProjectionView]


class HealthView(BaseModel):
    """Whether the process runs."""

    status: str


class ReadyView(BaseModel):
    """Whether it can answer."""

    status: str
    note: str | None = Field(default=None, description="What operators should know although it can; else left out")
