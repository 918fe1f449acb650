"""What is asked: every table of every report by every group, by every role, then and now; cells, publications, exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from infra.drilldown.cell import Cell
from infra.identity.people import ROLES
from infra.publications.plan import Plan
from infra.reporting.kinds import ALL, ReportParams
from infra.reporting.reports import REPORTS
from infra.reporting.tables import ReportTable, tables_of
from projections.columns import names
from projections.filters import FilterError
from tests.answers.asking import Asked, Query, address
from tests.answers.stores import MERGES
from tests.infra.drilldown.cells import cells_of

REPORT: Final = "/api/v1/reports/"
# The entries behind a change are told for so few days that not every client is looked into.
DAYS: Final = (("known_from", "2026-05-18T00:00:00Z"), ("known_to", "2026-05-21T00:00:00Z"))
LEARNED: Final = ("status", "completion", "abstinence")
# They have no rates of their own to compare.
SUMMED: Final = ("status", "census", "comparison", *(name for name, report in REPORTS.items() if report.of_clients))


@dataclass(frozen=True)
class Terms:
    """What a store is asked by: values that it has."""

    plan: Plan
    level: str
    site: str
    groups: str
    quarters: str
    period: tuple[str, str]
    moments: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()

    @property
    def at_one_site(self) -> str:
        """A clinician who works there alone."""
        return "clinician@" + self.site.replace(" ", "_")


TERMS: Final[Mapping[str, Terms]] = {
    "programme": Terms(
        Plan.model_validate({"periods": ["quarter", "year"]}),
        "intensive_outpatient",
        "Lakeside (simulated)",
        "site=North Campus (simulated),site=Lakeside (simulated)",
        "2026-01-01..2026-03-31,2025-10-01..2025-12-31",
        ("2025-09-15", "2026-03-31"),
        ("2025-12-31T23:59:59Z", "2026-05-10T12:00:00Z"),
        tuple(chart for merge in MERGES for chart in merge[:2]),
    ),
    # Of what was imported at one moment nothing was known before: no question is as of one.
    "trials": Terms(
        Plan.model_validate({"periods": ["quarter"], "groups": ["level"]}),
        "standard_outpatient",
        "10",
        "program=Methadone,program=Outpatient BUP",
        "2012-04-01..2012-06-30,2012-01-01..2012-03-31",
        ("2012-02-01", "2012-05-31"),
    ),
}


def _others(name: str, terms: Terms) -> Sequence[dict[str, str]]:
    """What a report takes beside groups, period and filter."""
    match name:
        case "status":
            return ({"per_client": "true", "where": f"level={terms.level}"},)
        case "worklist":
            return ({"limit": "7"},)
        case "census":
            return ({"show": "average", "where": "level=residential"},)
        case "completion":
            denominators = ("completed_or_transferred", "completed_not_transferred", "completed_at_risk")
            return [{"denominator": one, "unit": unit} for one in denominators for unit in ("stay", "episode")]
        case "abstinence":
            rates = ("end_of_treatment_ctn0094", "relapse_ctn0094", "three_consecutive_negative")
            patterns = ("weekly_pattern", "retention", "dropout_ctn0094")
            return (
                *({"measure": one, "by": "site,level"} for one in rates),
                *({"measure": one, "per_client": "true"} for one in patterns),
            )
        case "retention":
            return ({"censor": "today"}, {"competing": "died,incarcerated", "show": "curve"})
        case "quality":
            return ({"measure": "follow_up_7"},)
        case "outcomes":
            return ({"measure": "phq9"},)
        case "time-to-event":
            return (
                {"to": "discharge", "days": "30,60,154", "by": "level,site"},
                {"to": "readmission", "from": "discharge", "show": "curve"},
                {"to": "positive_screen", "substance": "alcohol", "censor": "today"},
                {"to": "level:standard_outpatient", "show": "compare", "by": "slot"},
                {"to": "last_dose", "from": "medication_started", "competing": "died"},
                {"to": "death", "from": "first_contact", "compare": terms.quarters},
            )
        case "comparison":
            by_groups = {"compare": terms.groups}
            return (by_groups, {**by_groups, "measure": "relapse_ctn0094"}, {"compare": terms.quarters})
        case _:
            return ()


def questions(asked: Asked, store: str) -> list[str]:
    """Every address that a store is asked, those of one moment beside each other."""
    found: list[str] = []
    for name in REPORTS:
        found += of_report(asked, name, TERMS[store])
    found += [*of_charts(asked, TERMS[store]), *published(asked), *(f"export {file}" for file in asked.exports())]
    return list(dict.fromkeys(found))


def of_report(asked: Asked, name: str, terms: Terms) -> Iterator[str]:
    """Every question to a report."""
    path, report = REPORT + name, REPORTS[name]
    for table in tables_of(name, asked.services.settings):
        yield from _of_table(asked, table, terms)
    for more in _others(name, terms):
        yield from (address("auditor", path, [*more.items(), ("format", form)]) for form in ("json", "csv"))
    for who in (*ROLES, terms.at_one_site):
        yield address(who, path, [] if report.of_clients else [("by", ALL)])
        if report.per_client:
            rows = [("per_client", "true")]
            yield from (address(who, path, [*rows, *where]) for where in ([], [("where", f"site={terms.site}")]))
    if name not in SUMMED:
        for compare in (terms.quarters, terms.groups):
            yield address("analyst", path, [("compare", compare), ("cohort", "admission")])
    if terms.moments:
        path = f"/api/v1/audit/reports/{name}/difference"
        yield address("analyst", path, zip(("known_from", "known_to"), terms.moments, strict=True))
        if name in LEARNED:
            yield address("auditor", path, DAYS)


def _of_table(asked: Asked, table: ReportTable, terms: Terms) -> Iterator[str]:
    path, fixed = REPORT + table.report, _fixed(table.params)
    groups = names(table.groups)
    for by in ("", ALL, *groups, *([",".join(groups[:2])] if len(groups) > 1 else [])):
        yield address("auditor", path, [*fixed, *([("by", by)] if by else []), ("format", "json")])
    yield address("auditor", path, [*fixed, ("format", "csv")])
    yield address("analyst", path + "/columns", fixed)
    first, last = terms.period
    for cohort in ("admission", "discharge"):
        yield address("auditor", path, [*fixed, ("from_day", first), ("to_day", last), ("cohort", cohort)])
    yield address("auditor", path, [*fixed, ("where", f"level={terms.level}"), ("format", "csv")])
    for moment in terms.moments:
        yield from (address("auditor", path, [*fixed, ("as_of", moment), ("format", form)]) for form in ("json", "csv"))
    if not table.params.per_client:
        yield from _cells(asked, table, terms)


def _fixed(asked: ReportParams) -> list[tuple[str, str]]:
    """What makes it this table and no other, as parameters of an address."""
    given = {"show": asked.show, "unit": asked.unit if asked.unit != "stay" else "", "compare": asked.compare}
    given |= {"per_client": "true" if asked.per_client else "", "measure": asked.measure or ""}
    return [(name, value) for name, value in given.items() if value]


def _cells(asked: Asked, table: ReportTable, terms: Terms) -> Iterator[str]:
    """The first, the middle and the last count of a table that is not nought, and who is in the middle one."""
    params = ReportParams(show=table.params.show, unit=table.params.unit, compare=table.params.compare)
    try:
        counts = [cell for cell, shown in cells_of(asked.services, table.report, params) if shown]
    except FilterError:  # a table without numbers to open
        return
    middle = len(counts) // 2
    for place in dict.fromkeys((0, middle, len(counts) - 1) if counts else ()):
        path, query = REPORT + table.report, [*_fixed(table.params), *_named(counts[place])]
        yield address("analyst", path + "/number", query)
        if place == middle:
            yield from (address(who, path + "/members", query) for who in ("auditor", terms.at_one_site))
            yield from (address("auditor", path + "/number", [*query, ("as_of", at)]) for at in terms.moments)


def _named(cell: Cell) -> Query:
    return [("number", cell.number), *(("at", f"{name}={value}") for name, value in cell.at.items())]


def of_charts(asked: Asked, terms: Terms) -> Iterator[str]:
    """What is known of single clients: those whose charts were merged, then and now."""
    for chart in terms.charts:
        path = f"/api/v1/clients/{chart}"
        yield from (address("auditor", path + part) for part in ("", "/timeline", "/history", "/rows"))
        yield from (address("auditor", path, [("as_of", at)]) for at in terms.moments)
        known = zip(("known_from", "known_to"), terms.moments, strict=True)
        yield address("auditor", f"/api/v1/audit/clients/{chart}/difference", known)
        everything = f"/fhir/Patient/{asked.services.log.client_id(chart)}/$everything"
        yield address("auditor", everything, [("_recipient", "within-programme")])


def published(asked: Asked) -> Iterator[str]:
    """The plan, the publication, and each of its tables."""
    root = "/api/v1/publications"
    yield from (address(who, f"{root}/plan") for who in ("admin", "reporting"))
    yield address("reporting", f"{root}/1")
    for table in asked.get("reporting", f"{root}/1")["tables"]:
        yield from (address("reporting", f"{root}/1/{table['table']}", [("format", form)]) for form in ("json", "csv"))
