"""Entries that may be set aside: unreadable ones, where that hides no revocation and doubles no person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from domain.bookkeeping import READABLE
from domain.commands import SetAside, TakeUp
from domain.entries import Entry, set_aside
from domain.events import ChartClosed, ChartsMerged, ClientErased, ConsentRevoked, MergedChartContinued
from domain.phrases import Phrase
from domain.refusals import Refusal

# Without one of these a person would count twice or not at all, or an erased one again.
_KEEPING = frozenset(cls.__name__ for cls in (ChartClosed, ChartsMerged, MergedChartContinued, ClientErased))
_ALREADY = Refusal(
    "target_counts", Phrase("the entry is set aside already"), Phrase("Take it up again to have it count.")
)
_ELSEWHERE = Refusal(
    "target_is_on_this_chart",
    Phrase("no entry with this id is on the chart"),
    Phrase("Choose an entry of this client."),
)
_OF_CHARTS = Refusal(
    "target_is_no_keeping_of_charts",
    Phrase("the entry merges, closes or erases a chart"),
    Phrase("Put it back from a backup, or install the release that knows it."),
)
_REVOKES = Refusal(
    "no_consent_in_force",
    Phrase("the entry revokes a consent, and nobody can read which"),
    Phrase("Revoke what is in force first; give again afterwards what still holds."),
)
_COUNTS = Refusal(
    "target_is_set_aside", Phrase("the entry is not set aside"), Phrase("Choose an entry that was set aside.")
)


def aside_refusals(
    entries: Sequence[Entry], unread: Mapping[str, str], consents: Collection[str], command: SetAside | TakeUp
) -> list[Refusal]:
    """What keeps an entry from being set aside or taken up.

    ``entries`` are those that can be read; ``unread`` has the stored type of each of the others by its id; ``consents``
    are the ids of those in force.
    """
    target = command.target.hex
    aside = set_aside(entries)
    if isinstance(command, TakeUp):
        return [] if target in aside else [_COUNTS]
    if target in aside:
        return [_ALREADY]
    if any(entry.event_id == target for entry in entries):
        return [READABLE]
    if target not in unread:
        return [_ELSEWHERE]
    if unread[target] in _KEEPING:
        return [_OF_CHARTS]
    return [_REVOKES] if unread[target] == ConsentRevoked.__name__ and consents else []
