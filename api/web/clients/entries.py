"""The list of a client's page: its entries by day, what is new to the reader, what was corrected, what was assessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from api.i18n.asam import RISKS, dimensions_of
from api.i18n.formats import NOTHING, moment
from api.i18n.language import _, translated
from api.sessions import Identity
from api.web.frame.pages import Pages, recorded
from api.web.writing.fields import label_of
from domain.decisions import History
from domain.eligibility import findings
from domain.entries import Entry, effective, microseconds
from domain.events import EntryCorrected
from domain.people import may_be_same, person_of
from infra.eventstore.client_chart import OpenedChart
from infra.provider.names import Names, named, names_of
from projections.timeline.fold import Amendment, TimelineItem

SHOWN = 44  # with these a page weighs less than 100 KB
MOST_MOMENTS = 40
WHEN = "occurred_at"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the list: ``changes`` are (field, before, after) of a correction, ``rated`` an assessment's."""

    item: TimelineItem
    anchor: str
    is_new: bool
    changes: list[tuple[str, str, str]]
    rated: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list needs to know of the chart: anchors by entry, and what was recorded since the last visit."""

    pages: Pages
    history: History
    entries: Mapping[str, Entry]
    anchors: Mapping[str, str]
    news: frozenset[str]
    names: Names

    def days(self, items: Sequence[TimelineItem]) -> list[tuple[str, list[Row]]]:
        """Entries by day, in the order given."""
        return [
            (date.fromordinal(day).isoformat(), [self._row(item) for item in of_day])
            for day, of_day in groupby(items, lambda item: item.day)
        ]

    def _row(self, item: TimelineItem) -> Row:
        changes = changed(self.pages, item, self._before(item.corrected)) if item.corrected else []
        rated = self._rated(item) if item.type == "AssessmentCompleted" and not item.data.get("unrated") else {}
        return Row(item, self.anchors[item.event_id], item.event_id in self.news, changes, rated)

    def _before(self, amendment: Amendment) -> Amendment:
        return replace(amendment, before=named(self.names, amendment.before))

    def _rated(self, item: TimelineItem) -> dict[str, Any]:
        names = dimensions_of(item.data["edition"])
        asam: list[int | None] = item.data["asam"]
        ratings = [
            (name, NOTHING if rating is None else f"{rating} – {translated(RISKS[rating])}")
            for name, rating in zip(names, asam, strict=True)
        ]
        entry = self.entries.get(item.event_id)
        return {"ratings": ratings, "criteria": findings(self.history, entry) if entry else []}


def listing(pages: Pages, chart: OpenedChart, history: History, news: frozenset[str]) -> Listing:
    """The list of a chart; an entry keeps its anchor whatever else is recorded."""
    anchors = {
        entry.event_id: f"e{entry.sequence}" if entry.client_id == chart.client_id else f"m{entry.position}"
        for entry in chart.entries
    }
    counted = {entry.event_id: entry for entry in history.counted}
    return Listing(pages, history, counted, anchors, news, names_of(pages.services))


def news_of(entries: Sequence[Entry], who: Identity, since: datetime | None) -> frozenset[str]:
    """The entries that others recorded or corrected since a moment (aware); none without one."""
    if since is None:
        return frozenset()
    limit = microseconds(since)

    def is_own(entry: Entry) -> bool:
        return may_be_same(person_of(entry.meta), who.person)

    fresh = {entry.event_id for entry in entries if entry.recorded > limit and not is_own(entry)}
    corrected = {
        entry.event_id
        for entry in effective(entries)
        if entry.amended_by is not None and isinstance(entry.amended_by.event, EntryCorrected)
        if entry.amended_by.event_id in fresh
    }
    return frozenset(fresh | corrected)


def changed(pages: Pages, item: TimelineItem, amendment: Amendment) -> list[tuple[str, str, str]]:
    """(field, before, after) of every field that a correction changed, the time among them."""
    before = {WHEN: amendment.before_occurred_at, **amendment.before}
    after = {WHEN: item.occurred_at, **item.data}
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        (
            _("When it happened") if name == WHEN else translated(label_of(name)),
            _value(pages, item.type, name, before.get(name)),
            _value(pages, item.type, name, after.get(name)),
        )
        for name in names
    ]


def moments(pages: Pages, entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """(knowledge time as an address gives it, in words) from the first to the latest; thinned out where many.

    Each is the moment of a commit, the last of its day where there are more than ``MOST_MOMENTS`` of them.
    """
    of_day = sorted({entry.recorded_at for entry in entries})
    if len(of_day) > MOST_MOMENTS:
        of_day = [list(of_day)[-1] for _day, of_day in groupby(of_day, lambda at: at.astimezone(pages.zone).date())]
    every = -(-len(of_day) // MOST_MOMENTS) or 1
    kept = [at for place, at in enumerate(reversed(of_day)) if place % every == 0]
    return [(at.isoformat().replace("+00:00", "Z"), moment(at, pages.zone)) for at in reversed(kept)]


def _value(pages: Pages, type_name: str, name: str, value: Any) -> str:
    if value is None:
        return NOTHING
    return pages.when(value) if name == WHEN else recorded(value, type_name, name)  # a phrase is said where it is shown
