"""The groups of a chart: from when until when the client takes part, and the entries that fit nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from domain.entries import Entry
from domain.events import GroupJoined, GroupLeft
from domain.journey import Journey, Stay
from domain.phrases import Phrase
from domain.refusals import Refusal

_OF_GROUPS = frozenset({GroupJoined, GroupLeft})


@dataclass(frozen=True, slots=True)
class Membership:
    """One time in a group. ``until`` (µs UTC) and ``until_day`` are None while it lasts.

    ``stay`` is the one in which the client joined: its end leaves the group, and so does the death.
    """

    group_id: str
    joined: Entry
    stay: Stay | None
    until: int | None = None
    until_day: int | None = None


@dataclass(frozen=True, slots=True)
class Memberships:
    """Those of a chart, in the order in which they began, and the entries that a live command is refused."""

    all: list[Membership] = field(default_factory=list[Membership])
    refused: list[tuple[Entry, Refusal]] = field(default_factory=list[tuple[Entry, Refusal]])


def memberships(entries: Sequence[Entry], journey: Journey) -> Memberships:
    """What effective entries in clinical order say of groups, in the light of the stays that they add up to."""
    state = Memberships()
    last: dict[str, int] = {}  # by group, the place of the latest membership
    for entry in entries:
        event = entry.event
        if type(event) not in _OF_GROUPS:
            continue
        assert isinstance(event, GroupJoined | GroupLeft)
        place = last.get(event.group_id)
        before = state.all[place] if place is not None else None
        if isinstance(event, GroupJoined):
            if before is not None and (before.until is None or before.until > entry.at):
                state.refused.append((entry, _IN))
                continue
            last[event.group_id] = len(state.all)
            state.all.append(_joined(entry, event, journey))
        elif place is None or before is None or (before.until is not None and before.until < entry.at):
            state.refused.append((entry, _OUT))
        else:
            state.all[place] = replace(before, until=entry.at, until_day=entry.day)
            del last[event.group_id]
    return state


def _joined(entry: Entry, event: GroupJoined, journey: Journey) -> Membership:
    """A membership that lasts as long as its stay: the exclusive one that is open then, else the latest to begin."""
    here = [stay for stay in journey.stays if stay.covers(entry.at)]
    stay = max(here, key=lambda stay: (stay.exclusive, stay.start), default=None)
    if stay is not None and stay.end is not None:
        return Membership(event.group_id, entry, stay, stay.end, stay.end_day)
    death = journey.death
    if death is not None and death.at >= entry.at:
        return Membership(event.group_id, entry, stay, death.at, death.day)
    return Membership(event.group_id, entry, stay)


_IN = Refusal(
    "not_in_this_group",
    Phrase("group_id: the client is in this group already"),
    Phrase("Leave it first, or name another group."),
)
_OUT = Refusal(
    "in_this_group",
    Phrase("group_id: the client is not in this group then"),
    Phrase("Name a group that the client has joined; the end of a stay leaves its groups by itself."),
)
