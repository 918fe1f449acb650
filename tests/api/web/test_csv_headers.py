"""Every address that gives CSV heads it by its columns: over an empty store as over a full one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.web.dashboards.page import CSV_REPORTS
from api.web.dashboards.report_sections import SECTIONS
from domain.events.provider import KINDS
from infra.reporting.reports import REPORTS
from tests.api.access.conftest import House, make_house
from tests.browser.places import ROUTES
from tests.day import DAY

DASHBOARDS = [(name, show) for name in sorted(CSV_REPORTS) for show in ("", *REPORTS[name].shows)]
TESTED = {
    "GET /dashboards/{name}.csv",
    "GET /dashboards/{name}/members.csv",
    "GET /clients/{reference}/disclosures.csv",
    "GET /audit/access-log.csv",
    "GET /administration/{kind}.csv",
    "GET /administration/import/{upload}/left.csv",  # tests/api/web/test_import_page.py
    "GET /publications/{number}/{table}.csv",  # tests/api/web/test_publication_pages.py
}


# Rows of clients are for those who see clients.
ASKED = [
    (name, role)
    for name, report in REPORTS.items()
    for role in ("clinician", "analyst")
    if role == "clinician" or not report.of_clients
]


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """API and pages over an empty store."""
    found = make_house(f"sqlite:///{tmp_path_factory.mktemp('nothing')}/log.db")
    found.hands.now = DAY
    yield found
    for client in found.open:
        client.close()
    found.services.close()


def lines(client: TestClient, address: str) -> list[list[str]]:
    """The lines of a CSV, its header first."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.text)
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text)))


def same_header(empty: TestClient, full: TestClient, address: str) -> None:
    """Both stores answer with the same names; the empty one with nothing that is anybody's."""
    [header, *_] = lines(empty, address)
    assert all(header)
    assert header == lines(full, address)[0]


def test_these_are_the_addresses_of_csv() -> None:
    assert {route for route in ROUTES if route.endswith(".csv")} == TESTED


@pytest.mark.parametrize(("name", "role"), ASKED)
def test_reports_of_the_api(empty_house: House, full_house: House, name: str, role: str) -> None:
    for show in ("", *REPORTS[name].shows):
        address = f"/api/v1/reports/{name}?format=csv&show={show}"
        same_header(empty_house.api(role), full_house.api(role), address)


@pytest.mark.parametrize("asked", ["status?", "abstinence?", "abstinence?measure=first_use&", "followback?"])
def test_rows_of_clients_of_the_api(empty_house: House, full_house: House, asked: str) -> None:
    address = f"/api/v1/reports/{asked}format=csv&per_client=true"
    same_header(empty_house.api("clinician"), full_house.api("clinician"), address)


@pytest.mark.parametrize("role", ["auditor", "analyst"])
@pytest.mark.parametrize(("name", "show"), DASHBOARDS)
def test_dashboards(empty_house: House, full_house: House, name: str, show: str, role: str) -> None:
    same_header(empty_house.browser(role), full_house.browser(role), f"/dashboards/{name}.csv?show={show}")


@pytest.mark.parametrize(("name", "show"), [(name, show) for name, show in DASHBOARDS if show and name in SECTIONS])
def test_the_page_at_the_address_of_a_table_has_every_table(full_house: House, name: str, show: str) -> None:
    for role in ("auditor", "analyst"):
        browser = full_house.browser(role)
        asked, plain = browser.get(f"/dashboards/{name}?show={show}"), browser.get(f"/dashboards/{name}")
        assert (asked.status_code, asked.text.count("<table")) == (200, plain.text.count("<table"))


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_of_the_provider(empty_house: House, full_house: House, kind: str) -> None:
    same_header(empty_house.browser("admin"), full_house.browser("admin"), f"/administration/{kind}.csv")


def test_nobody_in_a_number(house: House) -> None:
    """At another site than one's own: the number is opened, and nobody who is in it is named."""
    house.admit("A-3", "south")
    address = "/dashboards/status/members.csv?number=clients&by=level&at=level=residential"
    assert len(lines(house.browser("auditor"), address)) == 2
    [header] = lines(house.browser("clinician", frozenset({"north"})), address)
    assert header == lines(house.browser("auditor"), address)[0]


def test_the_access_log(empty_house: House, full_house: House) -> None:
    address = "/audit/access-log.csv?to=2001-01-01"
    same_header(empty_house.browser("auditor"), full_house.browser("auditor"), address)
    assert len(lines(full_house.browser("auditor"), address)) == 1


def test_what_left_of_a_chart(house: House) -> None:
    house.admit("A-1", "north")
    [header] = lines(house.browser("auditor"), "/clients/A-1/disclosures.csv")
    assert header[:3] == ["at", "recipient", "what"]
    assert lines(house.browser("auditor"), "/clients/A-1/disclosures.csv?reads=1")[0][:2] == ["position", "at"]
