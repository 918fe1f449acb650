"""Who is in a number: pages without a gap, the entries behind each case, sites, the access log, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from infra.bootstrap import Services
from infra.drilldown.cell import Cell
from infra.drilldown.members import Member
from infra.drilldown.number import Listing, read_number
from infra.identity.people import Principal
from infra.reporting.reports import ReportParams
from projections.base import Row
from projections.drilldown.cases import START, CaseCursor, Keep
from projections.filters import FilterError
from tests.infra.drilldown.cells import cells_of, members, open_number, opens, tables

AUDITOR = Principal("auditor", "auditor")
IOP = {"level": "intensive_outpatient"}
COMPLETED = Cell("completion", ReportParams(), "numerator", IOP)


def everybody(services: Services, cell: Cell, limit: int, who: Principal = AUDITOR) -> list[Member]:
    """All pages, one after the other."""
    found: list[Member] = []
    after = START
    while True:
        page = members(services, who, cell, after, limit)
        found += page.members
        if page.following is None:
            return found
        assert page.following > after
        after = page.following


@pytest.mark.parametrize(("report", "show"), [table for table in tables() if opens(*table)])
def test_behind_every_case_are_entries_of_its_client(programme: Services, report: str, show: str) -> None:
    start = date(2026, 3, 1) if report == "census" else None
    cells = [cell for cell, shown in cells_of(programme, report, ReportParams(show=show, start=start)) if shown]
    assert cells
    for cell in cells[:: len(cells) // 6 + 1]:
        page = members(programme, AUDITOR, cell, limit=5)
        for member in page.members:
            stream = {entry.event_id: entry for entry in programme.log.stream(member.client_id)}
            assert programme.log.client_id(member.client) == member.client_id
            assert member.events, (cell, member)
            assert {event.event_id for event in member.events} <= set(stream)
            assert all(stream[event.event_id].type == event.type for event in member.events)


@pytest.mark.parametrize("number", ["offered", "attended", "missed", "excused", "no_shows"])
def test_as_many_sessions_as_the_case_adds(programme: Services, number: str) -> None:
    for show in ("", "sessions"):
        at = IOP if not show else {"kind": "group"}
        page = members(programme, AUDITOR, Cell("attendance", ReportParams(show=show), number, at), limit=40)
        assert page.members
        assert all(len(member.events) == member.adds for member in page.members)


@pytest.mark.parametrize("number", ["both", "screen_only", "report_only", "neither"])
def test_as_many_screens_as_the_case_adds(programme: Services, number: str) -> None:
    cell = Cell("agreement", ReportParams(by=("all",)), number, {"target": "any_illicit"})
    page = members(programme, AUDITOR, cell, limit=40)
    assert page.members
    assert all(len(member.events) == member.adds for member in page.members)


@pytest.mark.parametrize("limit", [3, 7, 1000])
def test_pages_neither_repeat_nor_skip(programme: Services, limit: int) -> None:
    for cell in (
        COMPLETED,
        replace(COMPLETED, number="discharges", at={}),
        Cell("quality", ReportParams(), "denominator", {"measure": "readmission_30"}),
    ):
        found = everybody(programme, cell, limit)
        expected = open_number(programme, cell)
        assert [member.client_id for member in found] == [row[0] for row in expected.rows]
        assert sum(member.adds for member in found) == expected.number


@pytest.mark.parametrize(("report", "show"), [table for table in tables() if opens(*table)])
def test_pages_of_every_table_are_its_cases_in_order(programme: Services, report: str, show: str) -> None:
    start = date(2026, 3, 1) if report == "census" else None
    cells = [cell for cell, shown in cells_of(programme, report, ReportParams(show=show, start=start)) if shown > 3]
    for cell in cells[:: len(cells) // 4 + 1]:
        every = open_number(programme, cell)
        own = {row[0] for row in every.rows[::2]}
        for keep in (None, own.__contains__):
            expected = [row for row in every.rows if keep is None or keep(row[0])]
            assert paged(programme, cell, len(expected) // 3 + 1, keep) == expected


def paged(services: Services, cell: Cell, limit: int, keep: Keep | None) -> list[Row]:
    """All pages of cases, one after the other."""
    found: list[Row] = []
    after: CaseCursor | None = START
    while after is not None:
        listed = read_number(services, cell, listing=Listing(after, limit, keep)).listed
        assert listed is not None
        assert len(listed.page.rows) <= limit
        found += listed.page.rows
        after = listed.page.following
    return found


def test_a_clinician_sees_the_clients_of_their_sites_and_how_many_others(programme: Services) -> None:
    everywhere = members(programme, AUDITOR, COMPLETED, limit=1000)
    sites = sorted({member.site for member in everywhere.members})
    assert len(sites) > 1
    clinician = Principal("clinician", "clinician", frozenset(sites[:1]))
    own = members(programme, clinician, COMPLETED, limit=1000)
    assert own.number == everywhere.number
    assert 0 < sum(member.adds for member in own.members) == own.number - own.elsewhere < own.number
    status = Cell("status", ReportParams(), "clients", {})
    assert {member.site for member in members(programme, clinician, status, limit=1000).members} <= {sites[0], ""}


def test_each_page_is_in_the_access_log_with_its_clients_and_nobody_else(programme: Services) -> None:
    log = programme.people.log
    before = log.page(limit=10**6)
    who = Principal("who-opens", "auditor", doing="GET /api/v1/reports/{report}/members")
    page = members(programme, who, COMPLETED, limit=5)
    (entry,) = log.page(before[-1].position if before else 0)
    assert (entry.kind, entry.name, entry.doing) == ("ChartsRead", "who-opens", who.doing)
    assert set(entry.clients) == {member.client_id for member in page.members}
    nobody = members(programme, who, replace(COMPLETED, at={"level": "nowhere"}))
    assert (nobody.number, nobody.members, nobody.following) == (0, [], None)
    assert log.page(entry.position) == []


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (replace(COMPLETED, number="completion_rate"), "open discharges"),
        (replace(COMPLETED, at={"colour": "blue"}), "cannot group"),
        (replace(COMPLETED, params=ReportParams(denominator="wishes")), "no denominator"),
        (Cell("retention", ReportParams(), "retained_90"), "Kaplan–Meier"),
        (Cell("retention", ReportParams(show="compare"), "stays"), "either group"),
        (Cell("retention", ReportParams(show="curve"), "ended", {"day": "soon"}), "whole number"),
        (Cell("census", ReportParams(), "census"), "day is missing"),
        (Cell("census", ReportParams(), "census", {"day": "never"}), "is a date"),
        (Cell("census", ReportParams(show="average"), "average_daily_census"), "A mean"),
        (Cell("flow", ReportParams(), "count", {"from": "residential"}), "to is missing"),
        (Cell("abstinence", ReportParams(), "numerator", {"measure": "never"}), "no measure"),
        (Cell("comparison", ReportParams(), "difference", {"measure": "completed"}), "first_numerator"),
        (Cell("comparison", ReportParams(), "first_numerator"), "measure is missing"),
        (Cell("worklist", ReportParams(), "clients"), "clients already"),
        (Cell("status", ReportParams(per_client=True), "clients"), "clients already"),
        (Cell("happiness", ReportParams(), "clients"), "no report"),
        (Cell("completion", ReportParams(show="curve"), "ended"), "no table"),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_says_what_can(programme: Services, cell: Cell, says: str) -> None:
    with pytest.raises(FilterError, match=says):
        open_number(programme, cell)


def test_a_row_beside_the_filters_has_nobody_in_it(programme: Services) -> None:
    asked = replace(COMPLETED, params=ReportParams(where={"level": "residential"}))
    assert open_number(programme, asked).number == 0
