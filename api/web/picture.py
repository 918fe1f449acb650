"""The journey as a picture: an SVG made on the server, so that it shows and prints without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from markupsafe import Markup

from api.web.formats import day, month_of
from api.web.language import N_, _, said
from domain.phrases import Phrase
from domain.vocabulary import LEVELS, title
from projections.timeline.fold import TimelineItem

WIDTH = 1100
LEFT = 170
LANE = 26
TOP = 30


@dataclass(frozen=True, slots=True)
class Band:
    """A stay as a band: ``end_day`` is None while it is open."""

    level: str
    start_day: int
    end_day: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Days to pixels."""

    first: int
    last: int

    def x(self, day: float) -> float:
        """The place of a day (its start)."""
        return LEFT + (day - self.first) / max(1, self.last - self.first) * (WIDTH - LEFT - 20)


ROWS = (
    (N_("Sessions"), ("SessionAttended", "SessionMissed")),
    (N_("Drug screens"), ("DrugScreenResulted", "DrugScreenMissed")),
    (N_("Medication"), ("MedicationStarted", "MedicationStopped", "MedicationGiven")),
    (N_("Use"), ("UseReported", "LapseRecorded", "RelapseRecorded")),
    (N_("Scores"), ("InstrumentScored",)),
    (N_("Incidents, leaves"), ("IncidentRecorded", "LeaveStarted", "LeaveEnded", "ClientDied")),
)


def picture(bands: Sequence[Band], items: Sequence[TimelineItem], today: int) -> Markup | None:
    """The picture of a journey up to ``today`` (ordinal day); None before the first level of care."""
    if not bands:
        return None
    drawn = [item for item in items if any(item.type in types for _, types in ROWS) and not item.retracted]
    days = [item.day for item in drawn] + [band.start_day for band in bands]
    scale = Scale(
        min(days) - 1,
        max(
            today if any(b.end_day is None for b in bands) else 0, max(days) + 1, *(band.end_day or 0 for band in bands)
        )
        + 1,
    )
    rows = [(name, [item for item in drawn if item.type in types]) for name, types in ROWS]
    rows = [(name, own) for name, own in rows if own]
    height = TOP + LANE * (len(LEVELS) + len(rows)) + 14
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="picture-title">',
        '<title id="picture-title">'
        + escape(_("The journey over time; the list below holds every entry in words"))
        + "</title>",
        *_months(scale, height),
        *_levels(bands, scale),
    ]
    for number, (name, own) in enumerate(rows):
        y = TOP + LANE * (len(LEVELS) + number)
        parts.append(_lane(y, name))
        parts += [_mark(item, scale.x(item.day + 0.5), y + LANE / 2) for item in own]
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every text in it is escaped


def _months(scale: Scale, height: int) -> Iterator[str]:
    """A line at the start of each month, labelled so that labels keep apart."""
    first = date.fromordinal(scale.first)
    year, month, last_x = first.year, first.month, -100.0
    while True:
        month += 1
        if month > 12:
            year, month = year + 1, 1
        day = date(year, month, 1).toordinal()
        if day > scale.last:
            return
        x = scale.x(day)
        yield f'<line class="lane" x1="{x:.1f}" x2="{x:.1f}" y1="20" y2="{height - 8}"/>'
        if x - last_x > 62:
            yield f'<text x="{x + 3:.1f}" y="16">{escape(month_of(date(year, month, 1)))}</text>'
            last_x = x


def _levels(bands: Sequence[Band], scale: Scale) -> Iterator[str]:
    for number, level in enumerate(LEVELS):
        y = TOP + LANE * number
        yield _lane(y, said(title(level)).partition(" (")[0])
        for band in bands:
            if band.level == level:
                x = scale.x(band.start_day)
                end = band.end_day if band.end_day is not None else scale.last
                width = max(3.0, scale.x(end) - x)
                faded = "" if band.end_day is not None else ' fill-opacity="0.75"'
                yield (
                    f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="{LANE - 8}" rx="4" '
                    f'fill="var(--l{number + 1})"{faded}><title>{escape(band.note)}</title></rect>'
                )


def _lane(y: float, name: str) -> str:
    line = y + LANE
    return (
        f'<line class="lane" x1="0" x2="{WIDTH}" y1="{line}" y2="{line}"/>'
        f'<text class="strong" x="4" y="{y + LANE / 2 + 4}">{escape(said(name))}</text>'
    )


def _summary(text: str) -> str:
    """Phrases are said; what somebody recorded stays as it is."""
    return said(text) if isinstance(text, Phrase) else text


def _mark(item: TimelineItem, x: float, y: float) -> str:
    tip = f"<title>{escape(f'{day(item.occurred_at)} {said(item.title)} {_summary(item.summary)}')}</title>"
    data: dict[str, Any] = item.data
    match item.type:
        case "SessionAttended":
            place = f'x1="{x:.1f}" x2="{x:.1f}" y1="{y - 8}" y2="{y + 8}"'
            return f'<line {place} stroke="var(--l3)" stroke-width="2">{tip}</line>'
        case "SessionMissed" | "DrugScreenMissed":
            path = f"M{x - 4:.1f} {y - 4}l8 8m0 -8l-8 8"
            return f'<path d="{path}" stroke="var(--bad)" stroke-width="2" fill="none">{tip}</path>'
        case "DrugScreenResulted":
            fill = "var(--bad)" if data.get("positive") else "var(--surface)"
            stroke = "var(--bad)" if data.get("positive") else "var(--good)"
            place = f'cx="{x:.1f}" cy="{y}" r="4.5"'
            return f'<circle {place} fill="{fill}" stroke="{stroke}" stroke-width="2">{tip}</circle>'
        case "UseReported" | "LapseRecorded" | "RelapseRecorded":
            return f'<path d="M{x:.1f} {y - 6}l5.5 10h-11z" fill="var(--bad)">{tip}</path>'
        case "InstrumentScored":
            return f'<path d="M{x:.1f} {y - 6}l5 6l-5 6l-5 -6z" fill="var(--l4)">{tip}</path>'
        case "MedicationGiven":
            return f'<circle cx="{x:.1f}" cy="{y}" r="2.5" fill="var(--l5)">{tip}</circle>'
        case _:
            return f'<rect x="{x - 4:.1f}" y="{y - 5}" width="8" height="10" rx="2" fill="var(--l2)">{tip}</rect>'
