"""Merges and erasures are no clinical entries: no correction touches one or makes one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.commands import RECORDING, Command, Correct, Record, Retract
from domain.entries import Entry
from domain.events import (
    ChartClosed,
    ChartsMerged,
    EntryRetracted,
    EntrySetAside,
    EntryTakenUp,
    MergedChartContinued,
)
from domain.phrases import Phrase
from domain.refusals import Refusal
from domain.same_event import may_become


def bookkeeping_refusals(entries: Sequence[Entry], command: Command) -> list[Refusal]:
    """What a command may not do to the keeping of charts, given the chart's recorded entries."""
    match command:
        case Correct():
            target = event_of(entries, command.target)
            if command.type not in RECORDING.values() or isinstance(target, _KEEPING):
                return [_NO_CARE]
            if type(target).__name__ in RECORDING.values() and not may_become(type(target).__name__, command.type):
                return [ANOTHER_HAPPENING]
        case Retract():
            target = event_of(entries, command.target)
            if isinstance(target, EntryRetracted) and isinstance(event_of(entries, target.target), ChartsMerged):
                return [_UNDONE]
            if isinstance(target, MergedChartContinued):
                return [_NO_CARE]
            if isinstance(target, EntrySetAside | EntryTakenUp):
                return [DECIDED_ANEW]
        case Record() if isinstance(command.event, EntrySetAside):
            if event_of(entries, command.event.target) is not None:
                return [READABLE]
        case Record() if isinstance(command.event, ChartsMerged) and command.event.other_client_id is not None:
            if any(entry.client_id == command.event.other_client_id.hex for entry in entries[:1]):
                return [SAME_CHART]
        case _:
            pass
    return []


_KEEPING = (ChartsMerged, ChartClosed, MergedChartContinued, EntrySetAside, EntryTakenUp)
READABLE = Refusal(
    "target_is_unreadable",
    Phrase("the entry can be read"),
    Phrase("Retract it if it was made in error, or correct it: only what cannot be read is set aside."),
)
SAME_CHART = Refusal("another_chart", Phrase("it is the same chart"), Phrase("Give the duplicate's number."))
_NO_CARE = Refusal(
    "target_is_a_clinical_entry",
    Phrase("a correction concerns entries about care, not the keeping of charts"),
    Phrase("Retract a merge that was made in error; an erasure stays."),
)
ANOTHER_HAPPENING = Refusal(
    "correction_keeps_the_type",
    Phrase("a correction does not make the entry one of another kind"),
    Phrase("Retract the entry, and record what happened as an entry of its own."),
)
DECIDED_ANEW = Refusal(
    "target_is_a_clinical_entry",
    Phrase("whether an entry counts is decided anew, not taken back"),
    Phrase("Take the entry up again, or set it aside again."),
)
_UNDONE = Refusal("merge_not_undone", Phrase("the merge was undone"), Phrase("Merge the charts again instead."))


def event_of(entries: Sequence[Entry], event_id: UUID) -> object:
    """What the entry of this id says as it was recorded; None where it is none of them."""
    return next((entry.event for entry in entries if entry.event_id == event_id.hex), None)
