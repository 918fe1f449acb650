"""What stands in which lane of the picture of a journey: marks at a time, spans of time, lines of scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from api.web.formats import day
from api.web.language import N_, _, ngettext, said
from domain.phrases import Phrase
from projections.timeline.fold import TimelineItem
from projections.timeline.words import INSTRUMENTS

LONGEST = 70  # letters of what a mark says beyond its title
MOST_SCALES = 4  # instruments with a lane of their own; the list has them all
# Signs by type of entry. Those of GRAVE stay visible where marks are drawn together.
SIGNS = {
    "SessionAttended": "attended",
    "SessionMissed": "missed",
    "DrugScreenMissed": "missed",
    "MedicationGiven": "dose",
    "UseReported": "use",
    "LapseRecorded": "lapse",
    "RelapseRecorded": "lapse",
    "InstrumentScored": "score",
    "IncidentRecorded": "incident",
    "ClientDied": "incident",
}
GRAVE = frozenset({"missed", "positive", "use", "lapse", "incident"})
LANES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Sessions"), ("SessionAttended", "SessionMissed")),
    (N_("Screens"), ("DrugScreenResulted", "DrugScreenMissed")),
    (N_("Medication"), ("MedicationGiven",)),
    (N_("Use"), ("UseReported", "LapseRecorded", "RelapseRecorded")),
    (N_("Incidents"), ("IncidentRecorded", "ClientDied")),
    (N_("Leaves"), ()),
    (N_("Plans"), ("TreatmentPlanSet", "RelapsePreventionPlanSet", "GoalProgressed", "AssessmentCompleted")),
)
# What begins and what ends a span, the field that says which of them belong together, and the lane.
SPANS: dict[str, tuple[str, str, str]] = {
    "Medication": ("MedicationStarted", "MedicationStopped", "drug"),
    "Leaves": ("LeaveStarted", "LeaveEnded", ""),
}
DRAWN = frozenset(
    {"InstrumentScored", *(kind for _name, kinds in LANES for kind in kinds)}
    | {kind for begins, ends, _key in SPANS.values() for kind in (begins, ends)}
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign at ``at`` (days, as ordinals with their fraction): what it says, and the address of what it stands for.

    ``rise`` is 0–1 in a lane of scores. ``count`` is how many entries are drawn together as one.
    """

    at: float
    sign: str
    text: str
    link: str
    rise: float = 0.0
    count: int = 1


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts from the day ``start`` to the day ``end`` (half-open; None: it has not ended)."""

    start: int
    end: int | None
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One labelled lane; ``note`` stands under its name; ``is_line`` joins its marks."""

    name: str
    marks: list[Mark] = field(default_factory=list[Mark])
    spans: list[Span] = field(default_factory=list[Span])
    note: str = ""
    is_line: bool = False


def lanes_of(items: Sequence[TimelineItem], link: Callable[[TimelineItem], str]) -> list[Lane]:
    """The lanes that hold anything, in their order; the lines of scores come last."""
    by_type: dict[str, list[TimelineItem]] = defaultdict(list)
    for item in items:
        if item.type in DRAWN and not item.retracted:
            by_type[item.type].append(item)
    found = [
        Lane(
            _(name),
            sorted((_mark(item, link) for kind in kinds for item in by_type[kind]), key=lambda mark: mark.at),
            _spans(by_type, name, link),
        )
        for name, kinds in LANES
    ]
    return [lane for lane in found if lane.marks or lane.spans] + list(_scores(by_type["InstrumentScored"], link))


def together(lane: Lane, bucket: Callable[[float], int], zoom: Callable[[int, int], str]) -> Lane:
    """The lane with marks of one bucket drawn as one, which leads to a closer look at its days."""
    if lane.is_line:
        thinned = [list(own)[-1] for _bucket, own in groupby(lane.marks, lambda mark: bucket(mark.at))]
        return Lane(lane.name, thinned, lane.spans, lane.note, is_line=True)
    marks: list[Mark] = []
    for _bucket, own in groupby(lane.marks, lambda mark: bucket(mark.at)):
        near = list(own)
        marks.append(near[0] if len(near) == 1 else _joint(near, zoom))
    return Lane(lane.name, marks, lane.spans, lane.note)


def spoken(item: TimelineItem) -> str:
    """What a mark says: the day, the entry's title, and the beginning of its line."""
    line = said(item.summary) if isinstance(item.summary, Phrase) else item.summary
    cut = line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()}…"
    return f"{day(date.fromordinal(int(_at(item))))} · {said(item.title)}{' · ' if cut else ''}{cut}"


def _mark(item: TimelineItem, link: Callable[[TimelineItem], str]) -> Mark:
    sign = SIGNS.get(item.type, "plan")
    if item.type == "DrugScreenResulted":
        sign = "positive" if item.data.get("positive") else "negative"
    return Mark(_at(item), sign, spoken(item), link(item))


def _at(item: TimelineItem) -> float:
    """When it happened, in days; a reported use stands at its own day, not at that of the report."""
    if item.type == "UseReported":
        return date.fromisoformat(item.data["on"]).toordinal() + 0.5
    local = datetime.fromisoformat(item.occurred_at)
    return item.day + (local.hour * 60 + local.minute) / 1440


def _joint(near: list[Mark], zoom: Callable[[int, int], str]) -> Mark:
    first, last = int(near[0].at), int(near[-1].at)
    grave = sum(mark.sign in GRAVE for mark in near)
    count = ngettext("{count} entry", "{count} entries", len(near)).format(count=len(near))
    more = ngettext("{count} of concern", "{count} of concern", grave).format(count=grave) if grave else ""
    days = " – ".join(dict.fromkeys(day(date.fromordinal(each)) for each in (first, last)))
    text = " · ".join(part for part in (days, count, more) if part)
    middle = (near[0].at + near[-1].at) / 2
    return Mark(middle, "several-grave" if grave else "several", text, zoom(first, last), count=len(near))


def _spans(by_type: dict[str, list[TimelineItem]], name: str, link: Callable[[TimelineItem], str]) -> list[Span]:
    if name not in SPANS:
        return []
    begins, ends, key = SPANS[name]
    open_: dict[Any, TimelineItem] = {}
    found: list[Span] = []
    for item in sorted((*by_type[begins], *by_type[ends]), key=lambda item: (item.at, item.sequence)):
        begun = open_.pop(item.data.get(key), None)
        if begun is not None:
            found.append(Span(begun.day, item.day, spoken(begun), link(begun)))
        if item.type == begins:
            open_[item.data.get(key)] = item
    return found + [Span(item.day, None, spoken(item), link(item)) for item in open_.values()]


def _scores(items: list[TimelineItem], link: Callable[[TimelineItem], str]) -> Iterator[Lane]:
    by_scale: dict[str, list[TimelineItem]] = defaultdict(list)
    for item in items:
        by_scale[item.data["instrument"]].append(item)
    most = sorted(by_scale, key=lambda scale: (-len(by_scale[scale]), scale))[:MOST_SCALES]
    for scale in sorted(most):
        own = by_scale[scale]
        scores = [float(item.data["score"]) for item in own]
        low, high = min(0.0, *scores), max(1.0, *scores)
        marks = [
            Mark(_at(item), "score", spoken(item), link(item), (score - low) / (high - low))
            for item, score in zip(own, scores, strict=True)
        ]
        note = f"{scores[0]:g} → {scores[-1]:g}" if len(scores) > 1 else f"{scores[0]:g}"
        yield Lane(INSTRUMENTS.get(scale, scale), marks, note=note, is_line=True)
