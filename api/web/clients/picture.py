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
from itertools import product

from markupsafe import Markup

from api.i18n.formats import day, month_of
from api.i18n.language import _, translated
from api.web.clients.picture_lanes import Lane, Mark, Span, lanes_of, together
from api.web.clients.picture_signs import SHAPES, SIGNS
from domain.levels import LEVELS, LEVELS_OF_CARE
from domain.phrases import Phrase, lasting
from projections.clinical.medication import Medications
from projections.timeline.fold import TimelineItem

WIDTH = 1100
LEFT = 104
PLOT = WIDTH - LEFT - 8
TOP = 26
ROW = 20
LANE = 28
LINE = 42
MOST_MARKS = 160  # more of them are drawn together: a page stays small, and marks can be told apart
STEPS = (22, 30, 44, 60, 90)  # pixels; what is drawn together is 18 wide, and so keeps apart
GAP_DAYS = 14
NAMES = {level: care.short for level, care in LEVELS_OF_CARE.items()}
NOTE = 16  # letters that have room under a lane's name


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, and the signs that are in it with what they mean."""

    drawing: Markup
    legend: list[tuple[str, str]]


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
    bands: Sequence[Band],
    items: Sequence[TimelineItem],
    taken: Medications,
    window: Window,
    today: int,
    links: Links,
) -> Picture | None:
    """The picture of the days of a window; None where nothing can be drawn. ``today`` is an ordinal."""
    lanes = _fitting(lanes_of(items, taken, links.entry), window, links)
    if not bands and not lanes:
        return None
    signs = {mark.sign for lane in lanes for mark in lane.marks}
    legend = [(sign, text) for sign, text in SIGNS.items() if sign in signs]
    return Picture(_drawn(bands, lanes, window, today), legend)


def _drawn(bands: Sequence[Band], lanes: Sequence[Lane], window: Window, today: int) -> Markup:
    tops = [TOP + ROW * len(LEVELS) + 6]
    for lane in lanes:
        tops.append(tops[-1] + _height(lane))
    height = tops[-1] + 6
    parts = [
        f'<svg id="picture" height="{height}" viewBox="0 0 {WIDTH} {height}" role="group"',
        ' aria-labelledby="picture-title picture-desc"',
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
        *_now(window, today, height),
        *_levels(bands, window),
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
    joined = list(shown)
    fullest = sorted(range(len(shown)), key=lambda place: -len(shown[place].marks))
    for step, place in product(STEPS, fullest):
        if sum(len(lane.marks) for lane in joined) <= MOST_MARKS:
            break
        near, middle = partial(_bucket, window, step), partial(_middle, window, step)
        joined[place] = together(shown[place], near, middle, links.period)
    return joined


def _bucket(window: Window, step: int, at: float) -> int:
    """Marks of one bucket stand less than ``step`` pixels apart."""
    return int(window.x(at) // step)


def _middle(window: Window, step: int, bucket: int) -> float:
    """The middle of a bucket, in days."""
    return window.first + min((bucket + 0.5) * step / PLOT, 1) * (window.last - window.first)


def _labels(lanes: Sequence[Lane], tops: Sequence[int]) -> Iterator[str]:
    for number, level in enumerate(LEVELS):
        yield f'<text class="strong" y="{TOP + ROW * number + 14}">{escape(_(NAMES[level]))}</text>'
    for lane, top in zip(lanes, tops, strict=False):
        yield f'<path class="lane" d="M0 {top}H{WIDTH}"/><text class="strong" y="{top + 18}">{escape(lane.name)}</text>'
        if lane.note:
            cut = lane.note if len(lane.note) <= NOTE else f"{lane.note[: NOTE - 1]}…"
            yield f'<text y="{top + 33}">{escape(cut)}<title>{escape(lane.note)}</title></text>'


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


def _now(window: Window, today: int, height: int) -> Iterator[str]:
    if window.holds(today):
        x = window.x(today + 0.5)
        yield f'<g data-d="{today + 0.5 - window.first}" transform="translate({x:.1f})">'
        yield f'<path class="now" d="M0 18V{height}"/><title>{escape(_("Today"))}</title></g>'


def _levels(bands: Sequence[Band], window: Window) -> Iterator[str]:
    yield '<g class="row">'
    for before, after in _gaps(bands):
        text = translated(Phrase("No level of care for {time}", time=lasting(after - before)))
        yield from _bar(Span(before, after, text, ""), window, TOP, ROW * len(LEVELS), "gap")
    for band in sorted(bands, key=lambda band: band.start_day):
        number = LEVELS.index(band.level) + 1  # type: ignore[arg-type]
        is_open = " open" if band.end_day is None else ""
        end = None if band.end_day is None else max(band.end_day, band.start_day + 1)
        span = Span(band.start_day, end, band.note, band.link)
        yield from _bar(span, window, TOP + ROW * (number - 1) + 3, ROW - 6, f"band f{number}{is_open}")
    yield "</g>"


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
    middle = top + _height(lane) / 2
    yield '<g class="row">'
    for span in lane.spans:
        yield from _bar(
            span, window, int(middle) - 3 if lane.marks else int(middle) - 6, 6 if lane.marks else 12, "span"
        )
    yield f'<g transform="translate(0 {middle:g})">'
    if lane.is_line:
        days = " ".join(f"{mark.at - window.first:.2f},{_rise(mark)}" for mark in lane.marks)
        points = " ".join(f"{window.x(mark.at):.1f},{_rise(mark)}" for mark in lane.marks)
        yield f'<polyline class="line" data-p="{days}" points="{points}"/>'
    for mark in lane.marks:
        yield _mark(mark, window, f" {_rise(mark)}" if lane.is_line else "")
    yield "</g></g>"


def _height(lane: Lane) -> int:
    return LINE if lane.is_line or lane.note else LANE


def _rise(mark: Mark) -> str:
    return f"{13 - 26 * mark.rise:.0f}"


def _mark(mark: Mark, window: Window, y: str) -> str:
    count = f'<text class="n" y="4">{mark.count}</text>' if mark.count > 1 else ""
    return (
        f'<a href="{escape(mark.link)}" tabindex="-1" data-d="{mark.at - window.first:.2f}" '
        f'transform="translate({window.x(mark.at):.1f}{y})"><use href="#m-{mark.sign}"/>{count}'
        f"<title>{escape(mark.text)}</title></a>"
    )


def _bar(span: Span, window: Window, y: int, height: int, name: str) -> Iterator[str]:
    """What lasts, cut to the days that are shown; nothing of what lies outside of them."""
    first = max(span.start, window.first)
    end = min(window.last if span.end is None else span.end, window.last)
    if first >= window.last or end <= window.first:
        return
    x, width = window.x(first), max(3.0, window.x(end) - window.x(first))
    bar = (
        f'<rect class="{name}" data-a="{first - window.first}" data-b="{end - window.first}" x="{x:.1f}" y="{y}" '
        f'width="{width:.1f}" height="{height}" rx="3"><title>{escape(span.text)}</title></rect>'
    )
    yield f'<a href="{escape(span.link)}" tabindex="-1">{bar}</a>' if span.link else bar
