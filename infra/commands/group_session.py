"""Chart one group session once: an entry for each attendee under one correlation, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from domain.commands import Record
from domain.decisions import decide
from domain.entries import Entry, effective, microseconds
from domain.errors import ExpectedError
from domain.events import Event, NoteAdded, SessionAttended, SessionMissed
from domain.phrases import Phrase
from domain.refusals import CommandRefusedError, Refusal
from domain.vocabulary import MissedCause, Modality, SessionKind, Slot
from infra.commands.handle import answered_or, load
from infra.eventstore.client_chart import NoSuchChartError, OpenedChart
from infra.eventstore.digests import request_digest
from infra.eventstore.log import Append, Author, EventLog, NewEntry, Receipt

ALREADY_CHARTED = "already_charted"
_MINUTE = 60_000_000  # µs


@dataclass(frozen=True, slots=True)
class Attendee:
    """One client of the group. ``minutes`` differs from the session's for who came late or left early; ``note`` is
    recorded as an entry beside the session's.
    """

    reference: str
    attended: bool = True
    minutes: int | None = None
    excused: bool | None = None
    cause: MissedCause | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class GroupSession:
    """What was held: ``minutes`` long, for these clients. ``occurred_at`` is its start, aware."""

    occurred_at: datetime
    minutes: int
    attendees: Sequence[Attendee]
    kind: SessionKind = "group"
    topic: str | None = None
    modality: Modality | None = None
    slot: Slot | None = None
    clinician: str | None = None
    group_id: str | None = None


class GroupRefusedError(ExpectedError, kind="group-refused"):
    """An attendee's entry was refused, so none was written; refusals by place in the list (from 0)."""

    def __init__(self, refusals: Mapping[int, list[Refusal]]) -> None:
        """Keep the refusals. The message names places, never clients."""
        self.refusals = dict(refusals)
        places = ", ".join(str(place) for place in self.refusals)
        super().__init__(f"nothing was recorded: attendees at places {places} were refused")

    @property
    def asks_again(self) -> bool:
        """Whether somebody has this session already: it may be recorded again by who means it."""
        return any(refusal.criterion == ALREADY_CHARTED for refusals in self.refusals.values() for refusal in refusals)


def chart_group(
    log: EventLog,
    session: GroupSession,
    *,
    author: Author,
    now: datetime,
    key: str | None = None,
    again: bool = False,
) -> list[Receipt]:
    """Record attendance or a miss for each attendee; receipts in the order of the attendees.

    Who has a session of this kind in this minute already is refused as ``already_charted``, unless ``again`` says
    that it is meant. ``again`` is no part of the request that a ``key`` stands for.

    Raises:
        GroupRefusedError: who could not be charted and why; nothing was written.
        IdempotencyKeyReusedError: the key was used for another request.
    """
    shared = UUID(hex=request_digest(author.actor, key)[:32]) if key else uuid4()
    signed = replace(author, correlation_id=author.correlation_id or shared, causation_id=None)
    digest = log.fingerprint("group", session, author.actor)
    group_id = session.group_id or str(shared)

    def attempt() -> list[Receipt]:
        refusals: dict[int, list[Refusal]] = {}
        appends: list[Append] = []
        seen: set[str] = set()
        for place, attendee in enumerate(session.attendees):
            try:
                client_id = log.client_id(attendee.reference)
                if client_id in seen:
                    raise CommandRefusedError([Refusal("listed_once", "listed twice", "List each client once.")])
                seen.add(client_id)
                appends.append(_append(log, session, attendee, group_id, signed, now, again=again))
            except CommandRefusedError as error:
                refusals[place] = error.refusals
            except NoSuchChartError as error:
                refusals[place] = [Refusal("chart_exists", "no such chart", str(error))]
        if refusals:
            raise GroupRefusedError(refusals)
        return log.append_all(appends, key=key, digest=digest)

    return answered_or(log, attempt, key, digest, (GroupRefusedError,))


def _append(
    log: EventLog,
    session: GroupSession,
    attendee: Attendee,
    group_id: str,
    author: Author,
    now: datetime,
    *,
    again: bool,
) -> Append:
    chart = load(log, attendee.reference)
    if not again:
        # on the chart as this attempt read it: whoever comes first moves the chart, and the second looks anew
        _refuse_charted(session, chart)
    command = Record(_entry_for(session, attendee, group_id), session.occurred_at)
    drafts = decide(chart.history, command, now, author.role)
    if attendee.note:
        noted = Record(NoteAdded(text=attendee.note, kind="progress"), session.occurred_at)
        drafts += decide(chart.history.with_drafts(drafts), noted, now, author.role)
    return Append(attendee.reference, [NewEntry(draft, author) for draft in drafts], chart.sequence)


def _refuse_charted(session: GroupSession, chart: OpenedChart) -> None:
    """A client is in one session of a kind at a time: what is charted for this minute is not charted twice unasked.

    Raises:
        CommandRefusedError: such a session, kept or missed, is on the chart and was not taken back.
    """
    minute = microseconds(session.occurred_at) // _MINUTE
    sessions = [entry for entry in effective(chart.entries) if _is_it(entry, session, minute)]
    if sessions:
        when = sessions[-1].recorded_at.astimezone(session.occurred_at.tzinfo).isoformat(" ", "minutes")
        who = sessions[-1].actor or Phrase("unknown")
        value = Phrase("this session was charted at {when} by {who}", when=when, who=who)
        remedy = Phrase("Leave the client out, or say that it is to be recorded again all the same.")
        raise CommandRefusedError([Refusal(ALREADY_CHARTED, value, remedy)])


def _is_it(entry: Entry, session: GroupSession, minute: int) -> bool:
    event = entry.event
    same = isinstance(event, SessionAttended | SessionMissed) and event.kind == session.kind
    return same and entry.at // _MINUTE == minute


def _entry_for(session: GroupSession, attendee: Attendee, group_id: str) -> Event:
    if not attendee.attended:
        return SessionMissed(kind=session.kind, excused=attendee.excused, cause=attendee.cause, slot=session.slot)
    return SessionAttended(
        kind=session.kind,
        minutes=attendee.minutes or session.minutes,
        topic=session.topic,
        modality=session.modality,
        slot=session.slot,
        clinician=session.clinician,
        group_id=group_id,
    )
