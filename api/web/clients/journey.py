"""The journey on a client's page: the picture and the list of the same days, and the links between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from api.i18n.language import _, translated
from api.web.clients.entries import SHOWN, Listing
from api.web.clients.period import Choice, address, choices, closer, episode_of, iso, ordinal, window_of
from api.web.clients.picture import Band, Links, picture, whole
from api.web.frame.pages import day
from domain.levels import title
from infra.eventstore.client_chart import OpenedChart
from infra.provider.names import named_items
from projections.clinical.medication import Medications
from projections.timeline.fold import TimelineItem, timeline
from projections.timeline.words import KINDS, words

Query = Mapping[str, str]
Source = Callable[[str], Choice | None]


def journey(query: Query, rows: Listing, chart: OpenedChart, today: int) -> dict[str, Any]:
    """What the page needs of them; ``today`` is an ordinal.

    ``from`` and ``to`` of an address are the days of both. ``until`` is the day with which the list begins, newest
    first: the picture stays as it is while somebody leafs through the list, or opens an entry of the picture.
    """
    everything = named_items(rows.names, timeline(chart.entries, retracted=query.get("retracted") == "1"))
    wanted = _filtered(everything, query, rows.news)
    newest = _newest(_until(wanted, query))
    link = _links(query, rows, newest)
    bands = _bands(rows, _source(everything, link))
    taken = Medications.of(rows.history.care)
    shown = whole(bands, everything, today)
    window = window_of(query, shown)
    return {
        "picture": picture(bands, everything, taken, window, today, Links(link, closer(query))),
        "periods": choices(query, shown, episode_of(rows.history.journey.stays, today), window),
        "source": _source(everything, link),
        "kept": {name: query.get(name, "") for name in ("kind", "from", "to", "retracted", "new")},
        "kinds": KINDS,
        "count": len(wanted),
        "taken_back": sum(item.retracted is not None for item in wanted),
        "shown": len(newest),
        **_leaves(query, wanted, newest),
        "only_new": address(query, new="1", kind="", from_="", to="", until=""),
        "days": rows.days(newest),
    }


def _links(query: Query, rows: Listing, listed: Sequence[TimelineItem]) -> Callable[[TimelineItem], str]:
    """Where an entry stands: on this page, or on the one whose list begins with its day."""
    here = {item.event_id for item in listed}

    def link(item: TimelineItem) -> str:
        anchor = rows.anchors[item.event_id]
        if item.event_id in here:
            return f"#{anchor}"
        return f"{address(query, until=iso(item.day), kind='', new='')}#{anchor}"

    return link


def _source(items: Sequence[TimelineItem], link: Callable[[TimelineItem], str]) -> Source:
    """An entry by its id as a link to it; None where the list has none."""
    by_id = {item.event_id: item for item in items}

    def source(event_id: str) -> Choice | None:
        item = by_id.get(event_id)
        return Choice(f"{translated(item.title)}, {day(date.fromordinal(item.day))}", link(item)) if item else None

    return source


def _bands(rows: Listing, source: Source) -> list[Band]:
    bands: list[Band] = []
    for stay in rows.history.journey.stays:
        entry = source(stay.event_id)
        start = day(date.fromordinal(stay.start_day))
        end = day(date.fromordinal(stay.end_day)) if stay.end_day else _("open")
        note = f"{translated(title(stay.level))} {start} – {end} {translated(words(stay.reason) or '')}"
        bands.append(Band(stay.level, stay.start_day, stay.end_day, note.rstrip(), entry.address if entry else ""))
    return bands


def _filtered(items: Sequence[TimelineItem], query: Query, news: frozenset[str]) -> list[TimelineItem]:
    kind = query.get("kind", "")
    first, last = ordinal(query.get("from", "")), ordinal(query.get("to", ""))
    return [
        item
        for item in items
        if (not kind or item.kind == kind)
        and (first is None or item.day >= first)
        and (last is None or item.day <= last)
        and (query.get("new") != "1" or item.event_id in news)
    ]


def _until(items: Sequence[TimelineItem], query: Query) -> list[TimelineItem]:
    until = ordinal(query.get("until", ""))
    return [item for item in items if until is None or item.day <= until]


def _newest(items: Sequence[TimelineItem]) -> list[TimelineItem]:
    """The latest entries, newest first, and the rest of the day of the last of them."""
    newest = list(reversed(items))
    return newest[:SHOWN] + [item for item in newest[SHOWN:] if item.day == newest[SHOWN - 1].day]


def _leaves(query: Query, wanted: Sequence[TimelineItem], listed: Sequence[TimelineItem]) -> dict[str, str]:
    """The way to entries that are older than those listed, and back to the newest."""
    before = [item for item in wanted if listed and item.day < listed[-1].day]
    after = listed and wanted[-1].day > listed[0].day
    return {
        "older": f"{address(query, until=iso(before[-1].day))}#list" if before else "",
        "newer": f"{address(query, until='')}#list" if after else "",
    }
