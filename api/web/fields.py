"""The filters of each dashboard, as form fields and as report parameters: their state is the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import cast

from sqlalchemy import select

from api.web.rendering import Pages
from domain.vocabulary import LEVELS, title
from infra.reports import ReportParams
from projections.abstinence.queries import all_measures
from projections.completion.definition import denominators
from projections.filters import Cohort, FilterError
from projections.outcomes.scales import SCALES
from projections.quality.definition import MEASURES as QUALITY
from projections.status.tables import STATUS_COUNT

Options = Sequence[tuple[str, str]]
CENSUS_DAYS = 90
MOST_SITES = 8
OWN_MEASURES: dict[str, Options] = {
    "quality": [(item.id, item.title) for item in QUALITY.values()],
    "outcomes": [(item.id, item.title) for item in SCALES.values()],
}


@dataclass(frozen=True, slots=True)
class Field:
    """One form field with its current value."""

    name: str
    title: str
    type: str
    options: Options
    value: str


_BY_PLACE: Options = (
    ("level", "Level"),
    ("all", "All stays"),
    ("program", "Program"),
    ("site", "Site"),
    ("level,program", "Level and program"),
    ("level,site", "Level and site"),
    ("month,level", "Month and level"),
)
_ALL_FIRST: Options = (("", "All"), *(option for option in _BY_PLACE if option[0] != "all"))

BY: dict[str, Options] = {
    "flow": (("", "Levels only"), ("program", "Program"), ("site", "Site"), ("month", "Month")),
    "attendance": _BY_PLACE,
    "quality": _ALL_FIRST,
    "prevalence": _ALL_FIRST,
    "outcomes": _ALL_FIRST,
    "status": (
        ("state,level", "State and level"),
        ("level", "Level"),
        ("level,site", "Level and site"),
        ("level,program", "Level and program"),
    ),
    "census": (("level", "Level"), ("site", "Site"), ("level,site", "Level and site")),
    "completion": (
        ("level", "Level"),
        ("level,program", "Level and program"),
        ("level,site", "Level and site"),
        ("level,payer", "Level and payer"),
        ("level,slot", "Level and slot"),
        ("level,dual_diagnosis", "Level and dual diagnosis"),
        ("month,level", "Month and level"),
    ),
    "retention": (
        ("level", "Level"),
        ("level,program", "Level and program"),
        ("level,site", "Level and site"),
        ("level,dual_diagnosis", "Level and dual diagnosis"),
    ),
    "abstinence": (
        ("", "By measure"),
        ("all", "All stays"),
        ("level", "Level"),
        ("program", "Program"),
        ("level,program", "Level and program"),
        ("site", "Site"),
    ),
}

FIELDS: dict[str, tuple[str, ...]] = {
    "status": ("by", "level", "site"),
    "census": ("by", "level", "site", "from", "to"),
    "completion": ("by", "level", "site", "denominator", "cohort", "from", "to"),
    "retention": ("by", "level", "site", "from", "to"),
    "abstinence": ("by", "level", "site", "measure", "cohort", "from", "to"),
    "flow": ("by", "level", "site", "cohort", "from", "to"),
    "attendance": ("by", "level", "site", "cohort", "from", "to"),
    "quality": ("by", "level", "site", "measure", "cohort", "from", "to"),
    "prevalence": ("by", "level", "site", "cohort", "from", "to"),
    "outcomes": ("by", "level", "site", "measure", "cohort", "from", "to"),
    "comparison": ("compare", "level", "cohort", "denominator"),
}

COHORTS: Options = (("discharge", "Discharged in the period"), ("admission", "Admitted in the period"))


def fields_of(pages: Pages, report: str, query: Mapping[str, str]) -> list[Field]:
    """The form of a dashboard."""
    return [_field(pages, report, name, query) for name in FIELDS[report]]


def params_of(report: str, query: Mapping[str, str], *, suppress: bool, today: date) -> ReportParams:
    """What the address asks of a report.

    Raises:
        FilterError: a date that is none, an unknown cohort.
    """
    start, end = _day(query, "from"), _day(query, "to")
    if report == "census" and start is None:
        start = (end or today) - timedelta(days=CENSUS_DAYS)
    cohort = query.get("cohort") or "discharge"
    if cohort not in {"admission", "discharge"}:
        msg = "the cohort is admission or discharge"
        raise FilterError(msg)
    return ReportParams(
        by=tuple(part for part in query.get("by", "").split(",") if part),
        start=start,
        end=end,
        cohort=cast("Cohort", cohort),
        where={name: query[name] for name in ("level", "site") if query.get(name)},
        measure=query.get("measure") or None,
        denominator=query.get("denominator") or "completed",
        show=query.get("show", ""),
        compare=query.get("compare", ""),
        suppress=suppress,
    )


def _field(pages: Pages, report: str, name: str, query: Mapping[str, str]) -> Field:
    value = query.get(name, "")
    if name in {"from", "to"}:
        return Field(name, {"from": "From", "to": "To"}[name], "date", (), value)
    titles = {
        "by": "Groups",
        "level": "Level",
        "site": "Site",
        "measure": "Measure",
        "cohort": "Period means",
        "denominator": "Completion rate" if report == "comparison" else "Rate",
        "compare": "Compare",
    }
    return Field(name, titles[name], "select", _options(pages, report, name, value), value)


def _comparisons(pages: Pages, value: str) -> Options:
    """The last quarters and years, each two sites, and what the address asks for."""
    today = pages.services.today()
    years = [f"{year}-01-01..{year}-12-31" for year in (today.year - 1, today.year - 2)]
    found = [("", "The last two quarters"), (",".join(years), f"{today.year - 1} and {today.year - 2}")]
    names = [name for name, _ in _sites(pages) if name]
    found += [(f"site={one},site={other}", f"{one} and {other}") for one, other in combinations(names[:MOST_SITES], 2)]
    return found if any(value == known for known, _ in found) else [*found, (value, value)]


def _options(pages: Pages, report: str, name: str, value: str) -> Options:
    if name == "by":
        return BY[report]
    if name == "cohort":
        return COHORTS
    if name == "denominator":
        return [(item.id, item.title) for item in denominators(pages.services.settings.measures_file).values()]
    if name == "compare":
        return _comparisons(pages, value)
    if name == "measure" and report in OWN_MEASURES:
        return [("", "All"), *OWN_MEASURES[report]]
    if name == "measure":
        measures = all_measures(pages.services.settings.measures_file)
        return [("", "All yes/no and event measures"), *((m.id, m.title) for m in measures.values())]
    if name == "level":
        return [("", "All"), *((level, title(level)) for level in LEVELS)]
    return _sites(pages)


def _sites(pages: Pages) -> Options:
    query = select(STATUS_COUNT.c.site).distinct().where(STATUS_COUNT.c.site != "").order_by(STATUS_COUNT.c.site)
    with pages.services.reads.reading() as connection:
        return [("", "All"), *((row[0], row[0]) for row in connection.execute(query))]


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{name}: {text!r} is not a date: write it as 2026-01-31"
        raise FilterError(msg) from None
