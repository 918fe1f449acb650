"""The fold of the timeline: what happened, when, who recorded it, and what was corrected since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.after_death import uncounted
from domain.days import DAY_US
from domain.entries import Entry, effective, known_at
from domain.events import DrugScreenResulted, EntryCorrected, EntryRetracted
from domain.journey import fold as journey
from domain.phrases import Phrase
from projections.clinical.medication import Medications
from projections.timeline.screens import Sign, said_of
from projections.timeline.summary import summary_of
from projections.timeline.words import kind_of, title_of

LATE_AFTER_DAYS = 2
AFTER_DEATH = Phrase("it is later than the recorded death")


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One entry as people read it. Times are ISO 8601; ``late`` = charted over two days after it happened.

    ``day`` and ``minute`` are its day and what the clock showed, both at its facility; ``sign`` is what a drug screen
    comes to.
    """

    event_id: str
    sequence: int
    type: str
    kind: str
    title: str
    summary: str
    occurred_at: str
    recorded_at: str
    actor: str
    role: str
    source: str
    site: str
    data: dict[str, Any]
    late: bool = False
    corrected: Amendment | None = None
    retracted: Amendment | None = None
    not_counted: Amendment | None = None
    sealed: bool = False
    at: int = field(default=0, repr=False)
    day: int = field(default=0, repr=False)
    minute: int = field(default=0, repr=False)
    sign: Sign | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Amendment:
    """Who corrected or retracted an entry, or decided that it does not count, when and why, and what it said before."""

    event_id: str
    reason: str
    actor: str
    recorded_at: str
    before: dict[str, Any] = field(default_factory=dict[str, Any])
    before_occurred_at: str = ""


def timeline(entries: Sequence[Entry], as_of: int | None = None, *, retracted: bool = False) -> list[TimelineItem]:
    """The timeline of recorded entries, personal fields opened, in clinical order.

    ``as_of`` (µs UTC) shows what was known then: entries recorded at or before it. With ``retracted``, entries
    made in error are listed too, marked.
    """
    known = list(entries) if as_of is None else known_at(entries, as_of)
    originals = {entry.event_id: entry for entry in known}
    counted = effective(known)
    lost, taken = _not_counted(counted), Medications.of(counted)
    items = [_item(entry, taken, originals, lost.get(entry.event_id)) for entry in counted]
    if retracted:
        items += _retracted(known, taken, {entry.event_id for entry in counted})
        items.sort(key=lambda item: (item.at, item.sequence))
    return items


def _item(entry: Entry, taken: Medications, originals: dict[str, Entry], lost: Amendment | None) -> TimelineItem:
    correction = _correction(entry, originals[entry.event_id]) if entry.amended_by else None
    return _shown(entry, taken, corrected=correction, not_counted=lost)


def _shown(
    entry: Entry,
    taken: Medications,
    corrected: Amendment | None = None,
    retracted: Amendment | None = None,
    not_counted: Amendment | None = None,
) -> TimelineItem:
    event = entry.event
    data = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    sealed = bool(event.personal_required) and bool(event.missing())
    screen = said_of(entry, event, taken) if isinstance(event, DrugScreenResulted) else None
    return TimelineItem(
        event_id=entry.event_id,
        sequence=entry.sequence,
        type=entry.type,
        kind=kind_of(event),
        title=screen.title if screen else title_of(event),
        summary=screen.summary if screen else summary_of(event),
        occurred_at=entry.occurred_at.isoformat(),
        recorded_at=entry.recorded_at.isoformat(),
        actor=entry.actor,
        role=entry.role,
        source=entry.source,
        site=entry.site,
        data=data,
        late=entry.recorded - entry.at > LATE_AFTER_DAYS * DAY_US,
        corrected=corrected,
        retracted=retracted,
        not_counted=not_counted,
        sealed=sealed,
        at=entry.at,
        day=entry.day,
        minute=entry.minute,
        sign=screen.sign if screen else None,
    )


def _correction(entry: Entry, original: Entry) -> Amendment:
    by = entry.amended_by
    assert by is not None
    assert isinstance(by.event, EntryCorrected)
    return Amendment(
        event_id=by.event_id,
        reason=by.event.reason or "",
        actor=by.actor,
        recorded_at=by.recorded_at.isoformat(),
        before=original.event.model_dump(mode="json", by_alias=True, exclude_none=True),
        before_occurred_at=original.occurred_at.isoformat(),
    )


def _not_counted(counted: Sequence[Entry]) -> dict[str, Amendment]:
    """Start and end of each stay that lost a decision about an overlap, with that decision, and what is later than the
    death, with the entry that says when the client died.
    """
    folded = journey(counted)
    decisions = {entry.position: entry for entry in counted} if folded.not_counted else {}
    lost: dict[str, Amendment] = {}
    late = dict.fromkeys(uncounted(folded, counted))
    decided = {name: folded.decided.get(stay.event_id) for name, stay in folded.lost_entries().items()}
    for event_id, position in (late | decided).items():
        by = folded.death if position is None else decisions[position]
        assert by is not None
        reason = AFTER_DEATH if position is None else ""
        lost[event_id] = Amendment(by.event_id, reason, by.actor, by.recorded_at.isoformat())
    return lost


def _retracted(known: Sequence[Entry], taken: Medications, counted: set[str]) -> list[TimelineItem]:
    by_target: dict[str, Entry] = {}
    for entry in known:
        if isinstance(entry.event, EntryRetracted):
            by_target[entry.event.target.hex] = entry
    items: list[TimelineItem] = []
    for entry in known:
        by = by_target.get(entry.event_id)
        if by is None or entry.event_id in counted or isinstance(entry.event, EntryCorrected | EntryRetracted):
            continue
        assert isinstance(by.event, EntryRetracted)
        why = Amendment(by.event_id, by.event.reason or "", by.actor, by.recorded_at.isoformat())
        items.append(_shown(entry, taken, retracted=why))
    return items
