"""The work list over HTTP: the most pressing first, in pages, at one's own sites, without erased charts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from infra.reporting.reports import ReportParams, run_report
from infra.simulator.demo import fill
from projections.worklist.places import WorkQuery, query_of
from tests.api.access.conftest import House, house as house, make_house
from tests.api.web.conftest import full_house as full_house
from tests.day import DAY

BASE = "/api/v1/worklist"
EVERYTHING = ReportParams(limit=100_000)


def walked(house: House, query: str = "", limit: int = 2) -> list[dict[str, Any]]:
    """Every row, page by page."""
    api, found, cursor = house.api("clinician"), [], ""
    while cursor is not None:
        answer = api.get(f"{BASE}?limit={limit}&cursor={cursor}{query}")
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        assert len(page["clients"]) <= limit
        found += page["clients"]
        cursor = page["next_cursor"]
    return found


def test_pages_are_the_report_in_parts(full_house: House) -> None:
    rows = run_report("worklist", full_house.services, EVERYTHING)
    assert len(rows) > 2  # more than a page has
    shown = walked(full_house)
    assert sorted(row["client"] for row in shown) == sorted(row["client"] for row in rows)
    # of equals the page has its own order
    assert [row["flags"][0]["id"] for row in shown] == [row["flags"][0]["id"] for row in rows]


def test_what_it_counts_is_what_it_lists(full_house: House) -> None:
    page = full_house.api("clinician").get(BASE).json()
    assert page["flagged"] == len(walked(full_house))
    for flag, count in page["counts"].items():
        rows = walked(full_house, f"&flag={flag}")
        assert len(rows) == count == len({row["client"] for row in rows})
        assert all(flag in {one["id"] for one in row["flags"]} for row in rows)


def test_a_site_s_list_and_counts_are_of_that_site(full_house: House) -> None:
    every = walked(full_house)
    sites = {row["site"] for row in every}
    assert len(sites) > 1
    for site in sites:
        of_site = [row for row in every if row["site"] == site]
        assert walked(full_house, f"&site={site}") == of_site
        assert full_house.api("clinician").get(BASE, params={"site": site}).json()["flagged"] == len(of_site)
    for name in ("level", "program", "clinician"):
        one = every[0][name]
        assert walked(full_house, f"&{name}={one}") == [row for row in every if row[name] == one]


def test_who_works_at_a_site_is_told_of_its_clients_alone(house: House) -> None:
    for reference, site in (("A-1", "north"), ("A-2", "south")):
        house.admit(reference, site, "standard_outpatient")
    house.register("A-3")
    house.hands.move(days=40)
    bound = house.browser("clinician", frozenset({"north"})).get("/today").text
    assert "A-1" in bound and "A-2" not in bound and "A-3" not in bound
    assert "/clients/A-2" not in house.browser("clinician", frozenset({"north"})).get("/today?site=south").text


def test_an_erased_chart_is_neither_listed_nor_counted_nor_takes_a_place(house: House) -> None:
    for number in (1, 2, 3):
        house.admit(f"A-{number}", "north", "standard_outpatient")
    house.hands.move(days=40)
    api = house.api("clinician")
    assert api.get(BASE).json()["flagged"] == 3
    house.erase("A-2")
    page = api.get(f"{BASE}?limit=2").json()
    assert {row["client"] for row in page["clients"]} == {"A-1", "A-3"}
    assert (page["flagged"], page["next_cursor"]) == (2, None)
    assert page["counts"] == {flag["id"]: 2 for flag in page["clients"][0]["flags"]}
    rows = api.get("/api/v1/reports/worklist?limit=2").json()["rows"]
    assert {row["client"] for row in rows} == {"A-1", "A-3"}
    assert len(house.api("auditor").get(BASE).json()["clients"]) == 3


def test_a_look_is_recorded(house: House) -> None:
    house.admit("A-1", "north", "standard_outpatient")
    house.hands.move(days=40)
    before = len(house.entries("A-1"))
    house.api("clinician").get(BASE)
    assert len(house.entries("A-1")) == before + 1


@pytest.mark.parametrize("cursor", ["x", "MXwyfDM", "MXwyfHg", "fHw"])
def test_a_cursor_of_another_list_is_refused(house: House, cursor: str) -> None:
    answer = house.api("clinician").get(f"{BASE}?cursor={cursor}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize("query", ["flag=sadness", "level=nowhere", "limit=0"])
def test_a_filter_that_is_none_is_refused(house: House, query: str) -> None:
    assert house.api("clinician").get(f"{BASE}?{query}").status_code == 422


@pytest.mark.parametrize("role", ["intake", "analyst", "reporting", "admin"])
def test_roles_without_rows_of_clients(house: House, role: str) -> None:
    assert house.api(role).get(BASE).status_code == 403


class TestPage:
    """The list on the page of today."""

    def test_a_page_leads_to_the_next_and_a_flag_to_its_clients(self, full_house: House) -> None:
        browser = full_house.browser("clinician")
        page = browser.get("/today").text
        total = full_house.api("clinician").get(BASE).json()["flagged"]
        assert f"{total} clients with a flag, the most pressing first" in page
        assert "/today?flag=" in page
        assert browser.get("/today?flag=sadness&level=nowhere&after=x").status_code == 200

    def test_nothing_is_found_by_filters_of_nobody(self, house: House) -> None:
        assert "Nobody with these filters" in house.browser("clinician").get("/today?clinician=nobody").text


@pytest.mark.parametrize("snoozed", [False, True])
@pytest.mark.parametrize(
    "where", [{}, {"site": "North"}, {"level": "residential"}, {"clinician": "c-1"}, {"assigned_to": "c-1"}]
)
def test_the_list_is_read_from_an_index(full_house: House, where: dict[str, str], *, snoozed: bool) -> None:
    """Each query finds its rows by an index, and in their order: what it costs is what it shows."""
    seen: list[str] = []
    with full_house.services.reads.reading() as connection:
        for urgency in (0, 1, 13):
            query = query_of(WorkQuery(738_000, 50, where, snoozed=snoozed), urgency, of_clients=True)
            sql = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
            seen += [str(row[3]) for row in connection.execute(text("EXPLAIN QUERY PLAN " + sql))]
    assert not [step for step in seen if step.startswith("SCAN")], seen
    assert not [step for step in seen if step == "USE TEMP B-TREE FOR ORDER BY"], seen
    beside = [after for step, after in pairwise(seen) if step.startswith("CORRELATED")]
    assert beside and all("client_id=?" in step for step in beside), seen


def test_postgresql_pages_and_counts_alike(migrated_postgres_url: str) -> None:
    house = make_house(migrated_postgres_url, master_key=SecretStr("ab" * 32))
    try:
        house.hands.now = DAY
        fill(house.services.log, 40, 7)
        house.services.catch_up()
        test_pages_are_the_report_in_parts(house)
        test_what_it_counts_is_what_it_lists(house)
        test_a_site_s_list_and_counts_are_of_that_site(house)
    finally:
        for client in house.open:
            client.close()
        house.services.close()
