"""Decisions: ``decide(history, command, now)`` gives the events to record, or refuses with what is unmet.

Every decision drafts its events, then the history with the drafts in it is checked as a whole: a command may
not break a rule that held before. So a late entry, a correction and a retraction meet the same rules as an
entry made in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.after_death import counting
from domain.asides import aside_refusals
from domain.bookkeeping import bookkeeping_refusals
from domain.commands import (
    Command,
    Correct,
    Draft,
    KeepApart,
    Record,
    ResolveOverlap,
    Retract,
    SetAside,
    TakeUp,
    Transfer,
)
from domain.corrected_starts import corrected_start_refusals, override_by_clinician
from domain.criteria import NO_OTHER_LEVEL, leave_refusals, start_refusals
from domain.days import Calendar
from domain.entries import Entry, Meta, effective, microseconds, offset_minutes
from domain.events import (
    ClientRegistered,
    ConsentRevoked,
    EntryCorrected,
    EntryRetracted,
    EntrySetAside,
    EntryTakenUp,
    LeaveEnded,
    LeaveStarted,
    LevelOfCareEnded,
    LevelOfCareStarted,
    NotSamePerson,
    OverlapResolved,
)
from domain.events.catalogue import CATALOGUE
from domain.events.record import Replacement
from domain.invariants import broken_rules
from domain.journey import Journey, fold
from domain.levels import title
from domain.overlaps import unresolvable
from domain.phrases import Phrase
from domain.refusals import CommandRefusedError, Refusal

CLOCK_SKEW = timedelta(minutes=5)
_UNPLACED = 2**62  # the position of a draft: after everything that is recorded


@dataclass(frozen=True, slots=True)
class History:
    """A client's recorded entries (in the order of recording), what counts of them, and the journey.

    ``unread`` has the stored type of each entry of the chart that cannot be read, by its id (32 hex digits).
    """

    client_id: str
    entries: Sequence[Entry]
    counted: Sequence[Entry]
    journey: Journey
    calendar: Calendar
    unread: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(
        cls, client_id: str, entries: Sequence[Entry], calendar: Calendar, unread: Mapping[str, str] | None = None
    ) -> History:
        """Fold recorded entries; ``calendar`` is that of their log, for what is added to them."""
        counted = effective(entries)
        return cls(client_id, entries, counted, fold(counted), calendar, unread or {})

    @property
    def care(self) -> Sequence[Entry]:
        """What counts of them as care: nothing that is later than the death."""
        return counting(self.journey, self.counted)

    def with_drafts(self, drafts: Sequence[Draft]) -> History:
        """The history as it would be with the drafts recorded."""
        more = [self._placed(draft, number) for number, draft in enumerate(drafts)]
        return History.of(self.client_id, [*self.entries, *more], self.calendar, self.unread)

    def _placed(self, draft: Draft, number: int) -> Entry:
        meta: Meta = {
            "i": f"{number:032x}",
            "a": microseconds(draft.occurred_at),
            "z": offset_minutes(draft.occurred_at),
            "r": 0,
        }
        sequence = len(self.entries) + 1 + number
        return Entry(self.client_id, sequence, _UNPLACED + number, meta, draft.event, self.calendar)


def decide(history: History, command: Command, now: datetime, role: str = "clinician") -> list[Draft]:
    """The events that the command comes to, at the moment ``now`` (aware).

    Raises:
        CommandRefusedError: every unmet criterion, with the value found and the remedy.
    """
    journey = history.journey
    refusals = _closed(journey) + bookkeeping_refusals(history.entries, command)
    if refusals:
        raise CommandRefusedError(refusals)
    match command:
        case Record():
            drafts, more = _record(history, command, role)
            drafts += [Draft(command.note, command.occurred_at)] if command.note else []
        case Transfer():
            drafts, more = _transfer(history, command, role)
        case Correct():
            drafts, more = _correct(history, command, now, role)
        case Retract():
            drafts, more = _retract(history, command, now)
        case ResolveOverlap():
            event = OverlapResolved(stays=command.stays, counts=command.counts)
            drafts, more = [Draft(event, now)], unresolvable(history.journey, event)
        case KeepApart():
            apart = NotSamePerson(other_client=command.other_client, other_client_id=command.other_client_id)
            drafts, more = [Draft(apart, now)], []
        case SetAside():
            aside = EntrySetAside(target=command.target, reason=command.reason)
            drafts, more = (
                [Draft(aside, now)],
                aside_refusals(history.entries, history.unread, journey.consents, command),
            )
        case TakeUp():
            taken = EntryTakenUp(target=command.target, reason=command.reason)
            drafts, more = (
                [Draft(taken, now)],
                aside_refusals(history.entries, history.unread, journey.consents, command),
            )
    refusals += more
    refusals += _blank(drafts)
    refusals += _future(command, now)
    if not refusals:
        refusals = [] if _brings_back(history, command) else _newly_broken(history, drafts)
    if refusals:
        raise CommandRefusedError(refusals)
    return drafts


def _closed(journey: Journey) -> list[Refusal]:
    if journey.erased:
        return [
            Refusal("chart_not_erased", Phrase("this chart was erased"), Phrase("Nothing more can be written to it."))
        ]
    if journey.closed_into:
        return [
            Refusal(
                "chart_not_merged",
                Phrase("this chart was merged into another"),
                Phrase("Write to the chart that it points to, or retract the merge."),
            )
        ]
    return []


def _blank(drafts: Sequence[Draft]) -> list[Refusal]:
    """A text that nobody can read is no text; corrections and imports meet the same where they are parsed."""
    return [
        Refusal(
            "text_is_not_blank",
            Phrase("{field}: it has no visible letter", field=Phrase(field)),
            Phrase("Write it, or leave it out where it is not needed."),
        )
        for draft in drafts
        for field in draft.event.blank()
    ]


def _future(command: Command, now: datetime) -> list[Refusal]:
    occurred_at = command.occurred_at if isinstance(command, Record | Transfer | Correct) else None
    if occurred_at is None or occurred_at <= now + CLOCK_SKEW:
        return []
    return [
        Refusal(
            "not_in_the_future",
            Phrase("{time} is later than now", time=occurred_at.isoformat()),
            Phrase("Give the time when it happened; 5 minutes of clock skew are allowed."),
        )
    ]


def _record(history: History, command: Record, role: str) -> tuple[list[Draft], list[Refusal]]:
    event = command.event
    at = microseconds(command.occurred_at)
    draft = Draft(event, command.occurred_at)
    match event:
        case LevelOfCareStarted():
            return [draft], _start(history.journey, event, at, role)
        case ClientRegistered() if any(isinstance(e.event, ClientRegistered) for e in history.counted):
            refusal = Refusal(
                "registered_once", Phrase("this chart is registered already"), Phrase("Update its details instead.")
            )
            return [draft], [refusal]
        case ConsentRevoked() if event.consent_id not in history.journey.consents:
            refusal = Refusal(
                "consent_in_force", Phrase("no such consent is in force"), Phrase("Choose one that is in force.")
            )
            return [draft], [refusal]
        case LeaveStarted() | LeaveEnded():
            then = fold(entry for entry in history.counted if entry.at <= at)
            return [draft], leave_refusals(then, history.journey, event, at)
        case _:
            return [draft], []


def _start(journey: Journey, event: LevelOfCareStarted, at: int, role: str) -> list[Refusal]:
    """The unmet criteria, unless a clinician overrides them with a reason (overlap is never overridden)."""
    refusals = start_refusals(journey, event, at)
    if not event.override_reason or not refusals:
        return refusals
    if role != "clinician":
        return [*refusals, override_by_clinician(role)]
    return [refusal for refusal in refusals if refusal.criterion == NO_OTHER_LEVEL]


def _transfer(history: History, command: Transfer, role: str) -> tuple[list[Draft], list[Refusal]]:
    at = microseconds(command.occurred_at)
    candidates = [
        stay
        for stay in history.journey.stays
        if stay.covers(at)
        and stay.open
        and (stay.level == command.from_level if command.from_level else stay.exclusive)
    ]
    if not candidates:
        wanted = title(command.from_level) if command.from_level else Phrase("a level of care")
        return [], [
            Refusal(
                "level_is_open", Phrase("{level} is not open then", level=wanted), Phrase("Start the level instead.")
            )
        ]
    stay = candidates[0]
    end = LevelOfCareEnded(
        level=stay.level, reason=command.reason, next_level=command.start.level, summary=command.summary
    )
    ended = Draft(end, command.occurred_at)
    after = history.with_drafts([ended]).journey
    return [ended, Draft(command.start, command.occurred_at)], _start(after, command.start, at, role)


def correction(command: Correct) -> EntryCorrected:
    """The correction that a command asks for, its replacement as that type would be recorded today.

    Raises:
        InvalidDataError, UnknownEventTypeError: the replacement does not fit its type.
    """
    replacement = Replacement(
        type=command.type,
        occurred_at=command.occurred_at,
        data=command.data,
        version=CATALOGUE.current(command.type).version,
    )
    given = EntryCorrected(target=command.target, replacement=replacement, reason=command.reason)
    event = CATALOGUE.parse("EntryCorrected", given.model_dump())
    assert isinstance(event, EntryCorrected)
    return event


def _correct(history: History, command: Correct, now: datetime, role: str) -> tuple[list[Draft], list[Refusal]]:
    """Corrections keep their own clinical time: the moment they are made."""
    event = correction(command)
    refusals = _target(history, command.target)
    target = next((entry for entry in history.entries if entry.event_id == command.target.hex), None)
    if target is not None and isinstance(target.event, EntryCorrected | EntryRetracted):
        refusals = [
            Refusal(
                "target_is_a_clinical_entry",
                Phrase("the target is itself a correction or retraction"),
                Phrase("Retract it, or correct the entry that it amends."),
            )
        ]
    if not refusals and command.type == LevelOfCareStarted.__name__:
        was = next((entry for entry in history.counted if entry.event_id == command.target.hex), None)
        at = microseconds(command.occurred_at)
        refusals = corrected_start_refusals(history.journey, was, command.data, at, role)
    return [Draft(event, now)], refusals


def _retract(history: History, command: Retract, now: datetime) -> tuple[list[Draft], list[Refusal]]:
    event = EntryRetracted(target=command.target, reason=command.reason)
    CATALOGUE.parse("EntryRetracted", event.model_dump())
    return [Draft(event, now)], _target(history, command.target)


def _target(history: History, target: UUID) -> list[Refusal]:
    entry = next((entry for entry in history.entries if entry.event_id == target.hex), None)
    if entry is None:
        remedy = Phrase("Choose an entry of this client.")
        return [Refusal("target_is_on_this_chart", Phrase("no entry with this id is on the chart"), remedy)]
    is_removed = entry.event_id not in {e.event_id for e in history.counted} and not isinstance(
        entry.event, EntryCorrected | EntryRetracted
    )
    if is_removed:
        return [
            Refusal(
                "target_not_retracted",
                Phrase("the entry is retracted already"),
                Phrase("Retract the retraction instead."),
            )
        ]
    return []


def _brings_back(history: History, command: Command) -> bool:
    """Whether stays that overlap count again, as they did before it was decided which of them does, or an entry does
    that had been set aside.
    """
    if not isinstance(command, Retract):
        return isinstance(command, TakeUp)
    target = next((entry for entry in history.entries if entry.event_id == command.target.hex), None)
    return target is not None and isinstance(target.event, OverlapResolved)


def _newly_broken(history: History, drafts: Sequence[Draft]) -> list[Refusal]:
    before = broken_rules(history.journey, history.counted)
    after_history = history.with_drafts(drafts)
    after = broken_rules(after_history.journey, after_history.counted)
    return [refusal for key, refusal in after.items() if key not in before]
