"""Stays of one person that overlap: which they are, and what may be decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from domain.events import OverlapResolved
from domain.journey import Journey, Stay
from domain.levels import title
from domain.phrases import Phrase
from domain.refusals import Refusal

Pair = tuple[Stay, Stay]


def overlaps(journey: Journey) -> list[Pair]:
    """Each two stays that count and overlap, the one that began first in front."""
    stays = sorted(journey.stays, key=lambda stay: stay.start)
    return [(before, after) for before, after in combinations(stays, 2) if before.overlaps(after)]


def overlaps_between(ours: Journey, theirs: Journey) -> list[Pair]:
    """Each stay of one chart with each of another that it would overlap, were they one person's."""
    return [(stay, other) for stay in ours.stays for other in theirs.stays if stay.overlaps(other)]


def undecided(pairs: Sequence[Pair], decisions: Sequence[OverlapResolved]) -> list[Pair]:
    """The pairs that both would count after these decisions."""
    lost = {stay.hex for event in decisions for stay in event.stays if stay != event.counts}
    return [pair for pair in pairs if not any(stay.event_id in lost for stay in pair)]


def not_decided(pair: Pair) -> Refusal:
    """Why a merge has to wait: nobody said which of two stays counts."""
    first, second = pair
    return Refusal(
        "overlap_decided",
        Phrase("{one} and {other} overlap", one=named(first), other=named(second)),
        Phrase("Say which of the two counts."),
    )


def named(stay: Stay) -> Phrase:
    """A stay in words, with the id of the entry that started it."""
    return Phrase(
        "{level} from {start} to {end} ({id})",
        level=title(stay.level),
        start=date.fromordinal(stay.start_day).isoformat(),
        end=date.fromordinal(stay.end_day).isoformat() if stay.end_day else Phrase("now"),
        id=stay.event_id,
    )


def unresolvable(journey: Journey, event: OverlapResolved) -> list[Refusal]:
    """What keeps a decision from being taken: a stay that does not count here, or two that do not overlap."""
    counting = {stay.event_id: stay for stay in journey.stays}
    named_here = [counting.get(stay.hex) for stay in event.stays]
    chosen = counting.get(event.counts.hex)
    if chosen is None or None in named_here:
        return [
            Refusal(
                "stays_count_on_this_chart",
                Phrase("a stay that is named is not on this chart, or does not count"),
                Phrase("Name stays of this chart by the entries that started them."),
            )
        ]
    return [
        Refusal(
            "stays_overlap",
            Phrase("{one} and {other} do not overlap", one=named(stay), other=named(chosen)),
            Phrase("Name only stays that overlap the one that counts."),
        )
        for stay in named_here
        if stay is not None and stay is not chosen and not stay.overlaps(chosen)
    ]
