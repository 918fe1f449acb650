"""The filters of each dashboard, as form fields and as report parameters: their state is the address."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from api.i18n.language import N_
from api.web.dashboards import time_fields
from api.web.frame.form_field import Field, Options
from api.web.frame.pages import Pages
from domain.levels import LEVELS, title
from domain.phrases import Phrase
from infra.reporting.question import FILTERS, PERIOD, TREND
from infra.reporting.reports import TIME_TO_EVENT
from projections.abstinence.queries import all_measures
from projections.completion.definition import denominators
from projections.outcomes.scales import SCALES
from projections.quality.definition import MEASURES as QUALITY
from projections.status.queries import known_places

MOST_SITES = 8
OWN_MEASURES: dict[str, Options] = {
    "quality": [(item.id, item.title) for item in QUALITY.values()],
    "outcomes": [(item.id, item.title) for item in SCALES.values()],
}

BY_PLACE: Options = (
    ("level", N_("Level")),
    ("all", N_("All stays")),
    ("program", N_("Program")),
    ("site", N_("Site")),
    ("level,program", N_("Level and program")),
    ("level,site", N_("Level and site")),
    ("month,level", N_("Month and level")),
)
_ALL_FIRST: Options = (("", N_("All")), *(option for option in BY_PLACE if option[0] != "all"))

BY: dict[str, Options] = {
    "flow": (("", N_("Levels only")), ("program", N_("Program")), ("site", N_("Site")), ("month", N_("Month"))),
    "quality": _ALL_FIRST,
    "prevalence": _ALL_FIRST,
    "outcomes": _ALL_FIRST,
    "status": (
        ("state,level", N_("State and level")),
        ("level", N_("Level")),
        ("level,site", N_("Level and site")),
        ("level,program", N_("Level and program")),
    ),
    "census": (
        ("level", N_("Level")),
        ("site", N_("Site")),
        ("level,site", N_("Level and site")),
        ("all", N_("All stays")),
    ),
    "completion": (
        ("level", N_("Level")),
        ("level,program", N_("Level and program")),
        ("level,site", N_("Level and site")),
        ("level,payer", N_("Level and payer")),
        ("level,slot", N_("Level and slot")),
        ("level,dual_diagnosis", N_("Level and dual diagnosis")),
        ("month,level", N_("Month and level")),
        ("month", N_("Month")),
        ("all", N_("All stays")),
    ),
    "retention": (
        ("level", N_("Level")),
        ("level,program", N_("Level and program")),
        ("level,site", N_("Level and site")),
        ("level,dual_diagnosis", N_("Level and dual diagnosis")),
        ("all", N_("All stays")),
    ),
    TIME_TO_EVENT: (*BY_PLACE, ("level,dual_diagnosis", N_("Level and dual diagnosis"))),
    "abstinence": (
        ("", N_("By measure")),
        ("all", N_("All stays")),
        ("level", N_("Level")),
        ("program", N_("Program")),
        ("level,program", N_("Level and program")),
        ("site", N_("Site")),
    ),
}


def groups_of(report: str) -> frozenset[str]:
    """The columns by which a report's page can be grouped, alone or together; the empty one where it need not be."""
    return frozenset(column for by, _ in BY.get(report, BY_PLACE) for column in by.split(","))


KNOWN = frozenset({"show", *(name for names in FILTERS.values() for name in names)})

PERIOD_NAMES: Options = (
    ("", N_("By the dates given")),
    ("last_7_days", N_("Last 7 days")),
    ("last_30_days", N_("Last 30 days")),
    ("last_90_days", N_("Last 90 days")),
    ("this_month", N_("This month")),
    ("last_month", N_("Last month")),
    ("this_quarter", N_("This quarter")),
    ("last_quarter", N_("Last quarter")),
    ("last_12_months", N_("Last 12 months")),
    ("this_year", N_("This year")),
    ("last_year", N_("Last year")),
)
COHORTS: Options = (("discharge", N_("Discharged in the period")), ("admission", N_("Admitted in the period")))
TREND_KINDS: Options = (("", N_("By month")), ("quarter", N_("By quarter")))


def fields_of(pages: Pages, report: str, query: Mapping[str, str]) -> list[Field]:
    """The form of a dashboard."""
    return [_field(pages, report, name, query) for name in FILTERS[report]]


def _field(pages: Pages, report: str, name: str, query: Mapping[str, str]) -> Field:
    value = query.get(name, "")
    if name in {"from", "to"}:
        return Field(name, {"from": N_("From"), "to": N_("To")}[name], "date", (), value)
    if name == "days":
        return Field(name, N_("At days, as 30,90"), "text", (), value)
    titles = {
        "by": N_("Groups"),
        "level": N_("Level"),
        "site": N_("Site"),
        "measure": N_("Measure"),
        PERIOD: N_("Period"),
        "cohort": N_("Period means"),
        "denominator": N_("Completion rate") if report == "comparison" else N_("Rate"),
        "compare": N_("Compare"),
        TREND: N_("Trend"),
        **time_fields.TITLES,
    }
    return Field(name, titles[name], "select", _offered(_options(pages, report, name), value), value)


def _offered(options: Options, value: str) -> Options:
    """The choices of a field, and what the address asks where it is none of them: a form says what its page answers."""
    return options if not value or any(value == known for known, _ in options) else [*options, (value, value)]


def _comparisons(pages: Pages) -> Options:
    """The last quarters and years, and each two sites."""
    today = pages.services.today()
    years = [f"{year}-01-01..{year}-12-31" for year in (today.year - 1, today.year - 2)]
    options = [
        ("", N_("The last two quarters")),
        (",".join(years), Phrase("{first} and {second}", first=today.year - 1, second=today.year - 2)),
    ]
    names = [name for name, _ in _sites(pages) if name]
    options += [
        (f"site={site},site={other}", Phrase("{first} and {second}", first=site, second=other))
        for site, other in combinations(names[:MOST_SITES], 2)
    ]
    return options


def _options(pages: Pages, report: str, name: str) -> Options:
    if name == "by":
        return BY.get(report, BY_PLACE)
    if name in time_fields.OPTIONS:
        return time_fields.OPTIONS[name]
    if name == "cohort":
        return COHORTS
    if name == PERIOD:
        return PERIOD_NAMES
    if name == TREND:
        return TREND_KINDS
    if name == "denominator":
        return [(item.id, item.title) for item in denominators(pages.services.settings.measures_file).values()]
    if name == "compare":
        return _comparisons(pages)
    if name == "measure" and report in OWN_MEASURES:
        return [("", N_("All")), *OWN_MEASURES[report]]
    if name == "measure":
        measures = all_measures(pages.services.settings.measures_file)
        return [("", N_("All yes/no and event measures")), *((m.id, m.title) for m in measures.values())]
    if name == "level":
        return [("", N_("All")), *((level, title(level)) for level in LEVELS)]
    return _sites(pages)


def _sites(pages: Pages) -> Options:
    with pages.services.reads.reading() as connection:
        return [("", N_("All")), *((site, site) for site in known_places(connection)["site"])]
