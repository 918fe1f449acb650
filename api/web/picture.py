"""The journey as a picture: an SVG made on the server, so that it shows and prints without JavaScript.

Every place in it is a number of days after the first day shown (``data-d``, ``data-a``, ``data-b``), from which
``picture.js`` lays it out anew when somebody zooms, or when the screen is narrower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import escape

from markupsafe import Markup

from api.web.formats import day, month_of
from api.web.language import N_, _
from api.web.picture_lanes import Lane, Mark, Span, lanes_of, together
from domain.vocabulary import LEVELS, Level
from projections.timeline.fold import TimelineItem

WIDTH = 1100
LEFT = 104
PLOT = WIDTH - LEFT - 8
TOP = 26
ROW = 20
LANE = 28
LINE = 42
MOST_MARKS = 160  # more of them are drawn together: a page stays small, and marks can be told apart
STEPS = (8, 12, 18, 26, 40, 60, 90)
GAP_DAYS = 14
NAMES: dict[Level, str] = {
    "medical_detox": N_("Detox"),
    "residential": N_("Residential"),
    "partial_hospitalization": N_("PHP"),
    "intensive_outpatient": N_("IOP"),
    "standard_outpatient": N_("Standard OP"),
    "alumni": N_("Alumni"),
}
SHAPES = {
    "attended": '<path class="j-s3" d="M0-9V9"/>',
    "missed": '<path class="j-sb" d="M-4-4 4 4M4-4-4 4"/>',
    "positive": '<circle class="j-fb" r="5"/>',
    "negative": '<circle class="j-sg" r="4.5"/>',
    "dose": '<circle class="j-f5" r="3"/>',
    "use": '<path class="j-fb" d="M0-6 6 5H-6z"/>',
    "lapse": '<path class="j-fb" d="M0-8 8 6H-8z"/>',
    "score": '<circle class="j-f4" r="3.5"/>',
    "incident": '<path class="j-f7" d="M0-7 7 0 0 7-7 0z"/>',
    "plan": '<path class="j-fp" d="M-4-6H5V6H-4z"/>',
    "several": '<rect class="j-sv" x="-9" y="-9" width="18" height="18" rx="5"/>',
    "several-grave": '<rect class="j-sv j-sb" x="-9" y="-9" width="18" height="18" rx="5"/>',
}


@dataclass(frozen=True, slots=True)
class Band:
    """A stay as a band: ``end_day`` is None while it is open."""

    level: str
    start_day: int
    end_day: int | None
    note: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are shown, from ``first`` to before ``last`` (ordinals)."""

    first: int
    last: int

    def x(self, at: float) -> float:
        """The place of a moment, in pixels from the left edge of what is drawn."""
        return (at - self.first) / max(1, self.last - self.first) * PLOT

    def holds(self, at: float) -> bool:
        """Whether a moment is shown."""
        return self.first <= at < self.last


@dataclass(frozen=True, slots=True)
class Links:
    """Where marks lead: to an entry, or to a closer look at a stretch of days (both included)."""

    entry: Callable[[TimelineItem], str]
    period: Callable[[int, int], str]


def whole(bands: Sequence[Band], items: Sequence[TimelineItem], today: int) -> Window:
    """All days of a journey; up to ``today`` while a level is open."""
    days = [item.day for item in items if item.kind != "admin"] + [band.start_day for band in bands]
    ends = [band.end_day or today for band in bands]
    return Window(min(days, default=today), max([*days, *ends], default=today) + 1)


def picture(
    bands: Sequence[Band], items: Sequence[TimelineItem], window: Window, today: int, links: Links
) -> Markup | None:
    """The picture of the days of a window; None before the first level of care. ``today`` is an ordinal."""
    if not bands:
        return None
    lanes = _fitting(lanes_of(items, links.entry), window, links)
    tops = [TOP + ROW * len(LEVELS) + 6]
    for lane in lanes:
        tops.append(tops[-1] + (LINE if lane.is_line else LANE))
    height = tops[-1] + 6
    parts = [
        f'<svg id="picture" viewBox="0 0 {WIDTH} {height}" role="group" aria-labelledby="picture-title picture-desc"',
        f' data-first="{window.first}" data-days="{window.last - window.first}"',
        f' data-day="{escape(_("d MMM y"))}" data-month="{escape(_("MMM y"))}">',
        f'<title id="picture-title">{escape(_("The journey over time"))}</title>',
        f'<desc id="picture-desc">{escape(_("Levels of care as bands, entries as marks. The list says the same."))}',
        f'</desc><defs><clipPath id="plot"><rect x="-8" y="0" width="{PLOT + 16}" height="{height}"/></clipPath>',
        *(f'<g id="m-{name}"><path class="j-hit" d="M-6-12H6V12H-6z"/>{shape}</g>' for name, shape in SHAPES.items()),
        "</defs>",
        *_labels(lanes, tops),
        f'<g transform="translate({LEFT})" clip-path="url(#plot)">',
        *_ticks(window, height),
        *_levels(bands, window, today, height),
        *(part for lane, top in zip(lanes, tops, strict=False) for part in _lane(lane, top, window)),
        "</g></svg>",
    ]
    return Markup("".join(parts))  # noqa: S704 - every text in it is escaped


def _fitting(lanes: list[Lane], window: Window, links: Links) -> list[Lane]:
    """The lanes with what is shown of them, drawn together as far as it takes."""
    shown = [
        Lane(
            lane.name,
            [mark for mark in lane.marks if window.holds(mark.at)],
            [span for span in lane.spans if span.start < window.last and (span.end or window.last) > window.first],
            lane.note,
            lane.is_line,
        )
        for lane in lanes
    ]
    shown = [lane for lane in shown if lane.marks or lane.spans]
    joined, steps = shown, iter(STEPS)
    while sum(len(lane.marks) for lane in joined) > MOST_MARKS and (step := next(steps, 0)):
        joined = [together(lane, partial(_bucket, window, step), links.period) for lane in shown]
    return joined


def _bucket(window: Window, step: int, at: float) -> int:
    """Marks of one bucket stand less than ``step`` pixels apart."""
    return int(window.x(at) // step)


def _labels(lanes: Sequence[Lane], tops: Sequence[int]) -> Iterator[str]:
    for number, level in enumerate(LEVELS):
        yield f'<text class="strong" y="{TOP + ROW * number + 14}">{escape(_(NAMES[level]))}</text>'
    for lane, top in zip(lanes, tops, strict=False):
        yield f'<path class="lane" d="M0 {top}H{WIDTH}"/><text class="strong" y="{top + 18}">{escape(lane.name)}</text>'
        if lane.note:
            yield f'<text y="{top + 33}">{escape(lane.note)}</text>'


def _ticks(window: Window, height: int) -> Iterator[str]:
    """Lines at the start of months, weeks or days, labelled so that labels keep apart."""
    span, last_x = window.last - window.first, -100.0
    yield '<g id="ticks">'
    for each in range(window.first, window.last):
        at = date.fromordinal(each)
        if (span > 120 and at.day != 1) or (35 < span <= 120 and at.weekday()):
            continue
        x = window.x(each)
        if x - last_x > 84:
            label = month_of(at) if span > 120 else day(at)
            yield f'<path class="lane" d="M{x:.1f} 18V{height - 4}"/><text x="{x:.1f}" y="12">{escape(label)}</text>'
            last_x = x
    yield "</g>"


def _levels(bands: Sequence[Band], window: Window, today: int, height: int) -> Iterator[str]:
    for band in bands:
        end = window.last if band.end_day is None else max(band.end_day, band.start_day + 1)
        if band.start_day >= window.last or end <= window.first:
            continue
        number = LEVELS.index(band.level) + 1  # type: ignore[arg-type]
        is_open = " open" if band.end_day is None else ""
        span = Span(band.start_day, end, band.note, band.link)
        yield _bar(span, window, TOP + ROW * (number - 1) + 3, ROW - 6, f"band f{number}{is_open}")
    for before, after in _gaps(bands):
        text = _("No level of care for {days} days").format(days=after - before)
        yield _bar(Span(before, after, text, ""), window, TOP, ROW * len(LEVELS), "gap")
    if window.holds(today):
        x = window.x(today + 0.5)
        yield f'<g data-d="{today + 0.5 - window.first}" transform="translate({x:.1f})">'
        yield f'<path class="now" d="M0 18V{height}"/><title>{escape(_("Today"))}</title></g>'


def _gaps(bands: Sequence[Band]) -> Iterator[tuple[int, int]]:
    """Stretches of more than ``GAP_DAYS`` between levels of care (aftercare is none)."""
    reach: int | None = None
    for band in sorted((band for band in bands if band.level != "alumni"), key=lambda band: band.start_day):
        if reach is not None and band.start_day - reach > GAP_DAYS:
            yield reach, band.start_day
        if band.end_day is None:
            return
        reach = max(reach or 0, band.end_day)


def _lane(lane: Lane, top: int, window: Window) -> Iterator[str]:
    middle = top + (LINE if lane.is_line else LANE) / 2
    for span in lane.spans:
        yield _bar(span, window, int(middle) - 3 if lane.marks else int(middle) - 6, 6 if lane.marks else 12, "span")
    yield f'<g transform="translate(0 {middle:g})">'
    if lane.is_line:
        days = " ".join(f"{mark.at - window.first:.2f},{_rise(mark)}" for mark in lane.marks)
        points = " ".join(f"{window.x(mark.at):.1f},{_rise(mark)}" for mark in lane.marks)
        yield f'<polyline class="line" data-p="{days}" points="{points}"/>'
    for mark in lane.marks:
        yield _mark(mark, window, f" {_rise(mark)}" if lane.is_line else "")
    yield "</g>"


def _rise(mark: Mark) -> str:
    return f"{13 - 26 * mark.rise:.0f}"


def _mark(mark: Mark, window: Window, y: str) -> str:
    count = f'<text class="n" y="4">{mark.count}</text>' if mark.count > 1 else ""
    return (
        f'<a href="{escape(mark.link)}" tabindex="-1" data-d="{mark.at - window.first:.2f}" '
        f'transform="translate({window.x(mark.at):.1f}{y})"><use href="#m-{mark.sign}"/>{count}'
        f"<title>{escape(mark.text)}</title></a>"
    )


def _bar(span: Span, window: Window, y: int, height: int, name: str) -> str:
    first = max(span.start, window.first)
    end = min(window.last if span.end is None else span.end, window.last)
    x, width = window.x(first), max(3.0, window.x(end) - window.x(first))
    bar = (
        f'<rect class="{name}" data-a="{first - window.first}" data-b="{end - window.first}" x="{x:.1f}" y="{y}" '
        f'width="{width:.1f}" height="{height}" rx="3"><title>{escape(span.text)}</title></rect>'
    )
    return f'<a href="{escape(span.link)}" tabindex="-1">{bar}</a>' if span.link else bar
