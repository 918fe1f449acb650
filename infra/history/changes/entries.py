"""Changes by entry: recorded, corrected, retracted, merged; with the values before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.days import DAY_US
from domain.entries import Entry, effective, set_aside
from domain.events import (
    ChartClosed,
    ChartsMerged,
    EntryCorrected,
    EntryRetracted,
    EntrySetAside,
    EntryTakenUp,
    MergedChartContinued,
)

EventData = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One recorded entry. Times are ISO 8601; ``late_days`` are whole days from what happened to its recording.

    ``effect``: learned, corrected, retracted, restored (a retraction taken back), merged, unmerged, set_aside or
    taken_up (another entry), or left_out (set aside itself). ``before`` and ``after`` are the fields in which a
    correction or retraction changed what counts; None where nothing counts.
    """

    client_id: str
    sequence: int
    position: int
    event_id: str
    type: str
    effect: str
    occurred_at: str
    recorded_at: str
    actor: str
    role: str
    source: str
    late_days: int
    before: EventData | None = None
    after: EventData | None = None


def learned(entry: Entry, recorded: Sequence[Entry]) -> Change:
    """An entry of a chart, all of whose entries are ``recorded``."""
    before, after = before_and_after(entry, recorded)
    return Change(
        client_id=entry.client_id,
        sequence=entry.sequence,
        position=entry.position,
        event_id=entry.event_id,
        type=entry.type,
        effect=_effect(entry, recorded, before, after),
        occurred_at=entry.occurred_at.isoformat(),
        recorded_at=entry.recorded_at.isoformat(),
        actor=entry.actor,
        role=entry.role,
        source=entry.source,
        late_days=late_days(entry),
        before=before,
        after=after,
    )


def late_days(entry: Entry) -> int:
    """Whole days between what happened and its recording."""
    return max(0, (entry.recorded - entry.at) // DAY_US)


def before_and_after(entry: Entry, recorded: Sequence[Entry]) -> tuple[EventData | None, EventData | None]:
    """What the entry that is amended said until this amendment, and says since: the fields that differ.

    (None, None) for other entries; None on one side where the amended entry does not count then.
    """
    root = amended(entry, {entry.event_id: entry for entry in recorded})
    if root is None or root is entry:
        return None, None
    until = [other for other in recorded if other.position < entry.position]
    before, after = _said(root, until), _said(root, [*until, entry])
    if before is None or after is None:
        return before, after
    changed = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in changed}, {name: after.get(name) for name in changed}


def amended(entry: Entry, by_id: Mapping[str, Entry]) -> Entry | None:
    """The entry that a correction or retraction is about in the end, through any chain; itself for other entries."""
    seen: set[str] = set()
    while isinstance(entry.event, EntryCorrected | EntryRetracted):
        target = by_id.get(entry.event.target.hex)
        if target is None or target.event_id in seen:
            return None
        seen.add(target.event_id)
        entry = target
    return entry


def _said(root: Entry, recorded: Sequence[Entry]) -> EventData | None:
    """What counts of an entry, with its type and clinical time beside its fields."""
    for entry in effective(recorded):
        if entry.event_id == root.event_id:
            data = entry.event.model_dump(mode="json", by_alias=True, exclude_none=True)
            return {"type": entry.type, "occurred_at": entry.occurred_at.isoformat(), **data}
    return None


def _effect(entry: Entry, recorded: Sequence[Entry], before: EventData | None, after: EventData | None) -> str:
    event = entry.event
    if entry.event_id in set_aside(recorded):
        return "left_out"
    if isinstance(event, ChartsMerged | ChartClosed | MergedChartContinued):
        return "merged"
    if isinstance(event, EntrySetAside | EntryTakenUp):
        return "set_aside" if isinstance(event, EntrySetAside) else "taken_up"
    if not isinstance(event, EntryCorrected | EntryRetracted):
        return "learned"
    root = amended(entry, {entry.event_id: entry for entry in recorded})
    if root is not None and isinstance(root.event, ChartsMerged | ChartClosed):
        return "unmerged" if after is None else "merged"
    if isinstance(event, EntryCorrected):
        return "corrected"
    return "restored" if before is None and after is not None else "retracted"
