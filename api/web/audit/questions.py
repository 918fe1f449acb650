"""What was asked of a report, as the access log keeps it, in words."""

from __future__ import annotations

from collections.abc import Mapping

from api.i18n.formats import day
from api.i18n.language import _, translated
from api.web.dashboards.number_words import name_of_number, row_names
from api.web.dashboards.overview_cards import ANSWERS
from api.web.dashboards.saved_views import asks
from api.web.frame.pages import Pages
from infra.drilldown.cell import Cell
from infra.reporting.kinds import ReportParams
from infra.reporting.question import FILTERS
from infra.reporting.reports import REPORTS
from projections.filters import FilterError
from projections.params import known_day, pairs_of
from projections.timeline.words import words


def question(pages: Pages, state: Mapping[str, str]) -> str:
    """The report with its filters, the number and the row that were opened, the time as of which; empty of no question.

    What has no words of its own is told by its name.
    """
    if not state:
        return ""
    left = dict(state)
    report = left.pop("report", "")
    parts = [translated(_title(report)), *_number(report, left)]
    parts[1:1] = _filters(pages, report, left)
    if moment := left.pop("as_of", ""):
        parts.append(_("As known on {when}").format(when=pages.when(moment)))
    if position := left.pop("position", ""):
        parts.append(_("up to entry {number}").format(number=position))
    parts += [f"{translated(words(name) or name)}: {_day(value)}" for name, value in left.items()]
    return "; ".join(part for part in parts if part)


def _title(report: str) -> str:
    return ANSWERS[report][0] if report in ANSWERS else REPORTS[report].title if report in REPORTS else report


def _filters(pages: Pages, report: str, left: dict[str, str]) -> list[str]:
    """Every filter that the report's form has, by its name; they are taken from what is left."""
    if report not in FILTERS:
        return []
    try:
        where = pairs_of(left["where"].split(","), "where") if left.get("where") else {}
    except FilterError:  # a site whose name holds a comma
        where = {}
    known = {name: value for name, value in {**left, **where}.items() if name in FILTERS[report]}
    if where and set(where) <= set(known):
        del left["where"]
    for name in known:
        left.pop(name, None)
    return asks(pages, report, known)


def _number(report: str, left: dict[str, str]) -> list[str]:
    try:
        at = pairs_of(left["at"].split(","), "at") if left.get("at") else {}
        measured = {name: at.pop(name) for name in ("measure", "instrument") if name in at}
        cell = Cell(report, ReportParams(), left.get("number", ""), at)
        parts = [name_of_number(cell)] if cell.number else []
        parts += row_names(cell)
    except (FilterError, KeyError):
        return []
    left.pop("number", None)
    left.pop("at", None)
    left |= {name: value for name, value in measured.items() if name not in left}
    return parts


def _day(value: str) -> str:
    return day(value) if known_day(value) else value
