"""The moments at which something became known of a chart: the stops of the slider, and a list of links without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from domain.entries import Entry

MOST = 60  # stops: more cannot be told apart on a slider, and would weigh on the page


@dataclass(frozen=True, slots=True)
class Moment:
    """A stop: when, how many entries became known at it, the chart as known then, and what it changed."""

    at: str
    count: int
    then: str
    changed: str


def moments_of(entries: Sequence[Entry], zone: ZoneInfo) -> list[Moment]:
    """The knowledge times of a chart, oldest first; a chart with very many has the last of each day, month or year.

    A stop's changes are those since the stop before it.
    """
    times = sorted({entry.recorded_at for entry in entries})
    stops = _thinned(times, zone)
    marks: list[Moment] = []
    for number, stop in enumerate(stops):
        before = stops[number - 1] if number else None
        count = sum((before is None or entry.recorded_at > before) and entry.recorded_at <= stop for entry in entries)
        at = stop.isoformat()
        between = urlencode({"known_from": before.isoformat(), "known_to": at}) if before else ""
        marks.append(Moment(at, count, urlencode({"as_of": at}), between))
    return marks


def _thinned(times: list[datetime], zone: ZoneInfo) -> list[datetime]:
    spans: tuple[Callable[[datetime], object], ...] = (
        lambda at: at,
        lambda at: at.astimezone(zone).date(),
        lambda at: at.astimezone(zone).strftime("%Y-%m"),
        lambda at: at.astimezone(zone).year,
    )
    for span in spans:
        last = {span(at): at for at in times}
        if len(last) <= MOST:
            return list(last.values())
    return times[-MOST:]
