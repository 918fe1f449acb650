"""What stands in which lane of the picture of a journey: marks at a time, spans of time, lines of scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from api.i18n.formats import day
from api.i18n.language import N_, _, ngettext, translated
from domain.phrases import Phrase
from projections.clinical.medication import Medications, Order, drug_key
from projections.timeline.fold import TimelineItem
from projections.timeline.words import instrument_title

LONGEST = 70  # letters of what a mark says beyond its title
MOST_SCALES = 4  # instruments with a lane of their own; the list has them all
MOST_DRUGS = 3  # drugs with a lane of their own; all others share one
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
    (N_("Medication"), ()),
    (N_("Use"), ("UseReported", "LapseRecorded", "RelapseRecorded")),
    (N_("Incidents"), ("IncidentRecorded", "ClientDied")),
    (N_("Leaves"), ()),
    (N_("Plans"), ("TreatmentPlanSet", "RelapsePreventionPlanSet", "GoalProgressed", "AssessmentCompleted")),
)
LEAVES = ("LeaveStarted", "LeaveEnded")
DRUGS = frozenset({"MedicationStarted", "MedicationStopped", "MedicationGiven"})
DRAWN = frozenset({"InstrumentScored", *DRUGS, *LEAVES, *(kind for _name, kinds in LANES for kind in kinds)})
Link = Callable[[TimelineItem], str]


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


def lanes_of(items: Sequence[TimelineItem], taken: Medications, link: Link) -> list[Lane]:
    """The lanes that hold anything, in their order; the lines of scores come last. ``taken`` is what the items say."""
    by_type: dict[str, list[TimelineItem]] = defaultdict(list)
    for item in items:
        if item.type in DRAWN and not item.retracted:
            by_type[item.type].append(item)
    lanes: list[Lane] = []
    for name, kinds in LANES:
        if name == "Medication":
            lanes += _drugs([item for kind in DRUGS for item in by_type[kind]], taken, link)
            continue
        marked = [item for kind in kinds for item in by_type[kind]]
        away = [item for kind in LEAVES for item in by_type[kind]] if name == "Leaves" else []
        lanes.append(Lane(_(name), _marks(marked, link), _away(away, link)))
    return [lane for lane in lanes if lane.marks or lane.spans] + list(_scores(by_type["InstrumentScored"], link))


def together(
    lane: Lane, bucket: Callable[[float], int], middle: Callable[[int], float], zoom: Callable[[int, int], str]
) -> Lane:
    """The lane with marks of one bucket drawn as one in its middle, which leads to a closer look at its days."""
    if lane.is_line:
        thinned = [list(bucketed)[-1] for _bucket, bucketed in groupby(lane.marks, lambda mark: bucket(mark.at))]
        return Lane(lane.name, thinned, lane.spans, lane.note, is_line=True)
    marks: list[Mark] = []
    for place, bucketed in groupby(lane.marks, lambda mark: bucket(mark.at)):
        near = list(bucketed)
        marks.append(near[0] if len(near) == 1 else _joint(near, middle(place), zoom))
    return Lane(lane.name, marks, lane.spans, lane.note)


def spoken(item: TimelineItem) -> str:
    """What a mark says: the day, the entry's title, and the beginning of its line."""
    line = translated(item.summary) if isinstance(item.summary, Phrase) else item.summary
    cut = line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()}…"
    return f"{day(date.fromordinal(int(_at(item))))} · {translated(item.title)}{' · ' if cut else ''}{cut}"


def _marks(items: Sequence[TimelineItem], link: Link) -> list[Mark]:
    return sorted((_mark(item, link) for item in items), key=lambda mark: mark.at)


def _mark(item: TimelineItem, link: Link) -> Mark:
    return Mark(_at(item), item.sign or SIGNS.get(item.type, "plan"), spoken(item), link(item))


def _at(item: TimelineItem) -> float:
    """When it happened, in days; a reported use stands at its own day, not at that of the report."""
    if item.type == "UseReported":
        return date.fromisoformat(item.data["on"]).toordinal() + 0.5
    return item.day + item.minute / 1440


def _joint(near: list[Mark], middle: float, zoom: Callable[[int, int], str]) -> Mark:
    first, last = int(near[0].at), int(near[-1].at)
    grave = sum(mark.sign in GRAVE for mark in near)
    count = ngettext("{count} entry", "{count} entries", len(near)).format(count=len(near))
    more = ngettext("{count} of concern", "{count} of concern", grave).format(count=grave) if grave else ""
    days = " – ".join(dict.fromkeys(day(date.fromordinal(each)) for each in (first, last)))
    text = " · ".join(part for part in (days, count, more) if part)
    return Mark(middle, "several-grave" if grave else "several", text, zoom(first, last), count=len(near))


def _away(items: Sequence[TimelineItem], link: Link) -> list[Span]:
    """Each leave, until the next one begins or it ends."""
    begun: TimelineItem | None = None
    spans: list[Span] = []
    for item in sorted(items, key=lambda item: (item.at, item.sequence)):
        if begun is not None:
            spans.append(Span(begun.day, item.day, spoken(begun), link(begun)))
        begun = item if item.type == LEAVES[0] else None
    return [*spans, Span(begun.day, None, spoken(begun), link(begun))] if begun else spans


def _drugs(items: list[TimelineItem], taken: Medications, link: Link) -> Iterator[Lane]:
    """A lane for each drug, in the order in which they were begun: when it was taken, and the doses that were given."""
    by_id = {item.event_id: item for item in items}
    by_drug: dict[str, list[TimelineItem]] = defaultdict(list)
    for item in sorted(items, key=lambda item: (item.at, item.sequence)):
        by_drug[drug_key(item.data["drug"])].append(item)
    named = [(entries[0].data["drug"], {drug}) for drug, entries in by_drug.items()]
    lanes, rest = named[:MOST_DRUGS], named[MOST_DRUGS:]
    if rest:
        lanes.append((_("others"), {key for _drug, keys in rest for key in keys}))
    for drug, keys in lanes:
        doses = [item for key in keys for item in by_drug[key] if item.type == "MedicationGiven"]
        ordered = [order for order in taken.orders if drug_key(order.event.drug) in keys]
        yield Lane(_("Medication"), _marks(doses, link), [_ordered(order, by_id, link) for order in ordered], drug)


def _ordered(order: Order, by_id: Mapping[str, TimelineItem], link: Link) -> Span:
    item = by_id[order.entry.event_id]
    return Span(item.day, order.ended_day, spoken(item), link(item))


def _scores(items: list[TimelineItem], link: Link) -> Iterator[Lane]:
    by_scale: dict[str, list[TimelineItem]] = defaultdict(list)
    for item in items:
        by_scale[item.data["instrument"]].append(item)
    most = sorted(by_scale, key=lambda scale: (-len(by_scale[scale]), scale))[:MOST_SCALES]
    for scale in sorted(most):
        scored = by_scale[scale]
        scores = [float(item.data["score"]) for item in scored]
        low, high = min(0.0, *scores), max(1.0, *scores)
        marks = [
            Mark(_at(item), "score", spoken(item), link(item), (score - low) / (high - low))
            for item, score in zip(scored, scores, strict=True)
        ]
        note = f"{scores[0]:g} → {scores[-1]:g}" if len(scores) > 1 else f"{scores[0]:g}"
        yield Lane(instrument_title(scale), marks, note=note, is_line=True)
