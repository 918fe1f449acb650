"""Numbers of the dashboards opened: links where the role allows, who is in them, a link that gives the number again."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from api.i18n.formats import day
from api.web.dashboards.number_words import weeks_said
from api.web.dashboards.report_sections import SECTIONS
from tests.api.access.conftest import House
from tests.browser.places import numbers_in

SHOWN = re.compile(r"<h2>The number</h2>\s*<dl class=\"facts\">\s*<div><dt>[^<]*</dt><dd>([^<]+)</dd>")
AGAIN = re.compile(r'<a class="button plain" href="(\?[^"]+)">Link to this number</a>')
BACK = re.compile(r'<a href="([^"]+)">Back to the dashboard</a>')
RESIDENTS = "/dashboards/status/number?number=clients&by=level&at=level=residential"


def shown(page: str) -> str:
    found = SHOWN.search(page)
    assert found, page
    return found[1]


def opened_from(browser: TestClient, name: str) -> list[tuple[str, str]]:
    return numbers_in(browser.get(f"/dashboards/{name}").text)


@pytest.fixture
def small(house: House) -> House:
    for name in ("A-1", "A-2"):
        house.admit(name, "north")
    house.admit("A-3", "south")
    return house


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_each_table_of_a_page_leads_to_its_numbers_and_back(full_house: House, name: str) -> None:
    browser = full_house.browser("analyst")
    by_table = {re.sub(r"(number|at|whole)=[^&]*", "", address): address for address, _ in opened_from(browser, name)}
    backs = {BACK.findall(browser.get(address).text)[0] for address in by_table.values()}
    assert {to for to in backs if browser.get(unescape(to)).status_code != 200} == set()


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_a_count_of_a_table_opens_to_that_count(full_house: House, name: str) -> None:
    browser = full_house.browser("auditor")
    found = numbers_in(browser.get(f"/dashboards/{name}").text)
    assert found or name == "comparison"
    counts = [(address, text) for address, text in found if re.fullmatch(r"[\d,]+", text)]
    for address, text in counts[:: len(counts) // 4 + 1]:
        page = browser.get(address)
        assert page.status_code == 200, (address, page.text)
        if not re.search(r"number=(weeks|stays|discharges|episodes|denominator|clients|reported_use)\b", address):
            assert shown(page.text) == text, address


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_an_analyst_opens_what_is_shown_and_nobody_in_it(full_house: House, name: str) -> None:
    browser = full_house.browser("analyst")
    for address, _ in numbers_in(browser.get(f"/dashboards/{name}").text)[:4]:
        page = browser.get(address)
        assert page.status_code == 200, (address, page.text)
        assert "Who is in it" not in page.text
        assert 'href="/clients/' not in page.text


def test_a_number_of_nobody_records_no_look_at_anybody(small: House) -> None:
    browser = small.browser("clinician")
    recorded = "That you saw these clients is recorded"
    assert recorded in browser.get(RESIDENTS).text
    page = browser.get(RESIDENTS.replace("residential", "medical_detox")).text
    assert "Nobody is in it." in page and recorded not in page


def test_who_is_at_no_level_lacks_no_level(small: House) -> None:
    small.register("A-4")
    small.services.catch_up()
    page = small.browser("analyst").get("/dashboards/status?by=state,level").text
    assert re.search(r"Not admitted</td>\s*<td[^>]*>–<", page), page
    assert "Not recorded" not in page


def test_an_analyst_reads_a_small_number_and_not_who_is_in_it(small: House) -> None:
    browser = small.browser("analyst")
    assert numbers_in(browser.get("/dashboards/status?by=level").text)
    page = browser.get(RESIDENTS).text
    assert shown(page) == "3"
    assert "A-1" not in page
    assert browser.get(RESIDENTS.replace("/number", "/members.csv")).status_code == 403


def test_small_numbers_come_with_a_sentence(house: House) -> None:
    said = "Numbers of fewer than 11 people can point to single people and do not leave the house."
    browsers = [house.browser(role) for role in ("analyst", "auditor")]
    for number in range(12):
        for browser in browsers if number in {0, 1, 10, 11} else []:
            pages = [browser.get(address).text for address in ("/dashboards/status?by=level", RESIDENTS)]
            assert [said in page for page in pages] == [0 < number < 11] * 2
        house.admit(f"A-{number}", "north")


def test_others_open_no_number(small: House) -> None:
    for role in ("reporting", "intake", "admin"):
        assert small.browser(role).get(RESIDENTS).status_code == 403


def test_who_is_in_it_with_the_entries_behind_and_as_csv(small: House) -> None:
    browser = small.browser("auditor")
    page = browser.get(RESIDENTS).text
    assert shown(page) == "3"
    for name in ("A-1", "A-2", "A-3"):
        assert f'<a href="/clients/{name}">' in page
    behind = unescape(re.findall(r'<li><a href="(/clients/[^"]+from=[^"]+)">', page)[0])
    assert browser.get(behind).status_code == 200
    rows = list(csv.DictReader(io.StringIO(browser.get(RESIDENTS.replace("/number", "/members.csv")).text)))
    assert {row["client"] for row in rows} == {"A-1", "A-2", "A-3"}
    last = small.entries(kind="ChartsRead")[-1]
    assert (last.doing, len(last.clients)) == ("GET /dashboards/{name}/members.csv", 3)


def test_at_a_site_one_sees_its_clients_and_how_many_others_there_are(small: House) -> None:
    page = small.browser("clinician", frozenset({"north"})).get(RESIDENTS).text
    assert shown(page) == "3"
    assert "1 of it come from clients at sites where you do not work." in page
    assert "A-3" not in page


def test_its_link_gives_the_number_again(small: House) -> None:
    browser = small.browser("auditor")
    found = AGAIN.search(browser.get(RESIDENTS).text)
    assert found
    again = "/dashboards/status/number" + unescape(found[1])
    small.hands.move(hours=1)
    small.admit("A-4", "north")
    browser = small.browser("auditor")
    assert shown(browser.get(RESIDENTS).text) == "4"
    page = browser.get(again).text
    assert shown(page) == "3"
    assert "The definition has changed" not in page
    assert "The definition has changed" in browser.get(again.replace("version=", "version=0")).text
    assert "A-4" not in browser.get(again.replace("/number", "/members.csv")).text


def refused(browser: TestClient, query: str) -> bool:
    page = browser.get(f"/dashboards/status/number?{query}")
    return page.status_code == 400 and "This number cannot be opened" in page.text


def test_what_cannot_be_opened_says_so(small: House) -> None:
    browser = small.browser("auditor")
    for query in ("", "number=joy", "number=clients&position=2", "number=clients&as_of=2026-03-01&position=x"):
        assert refused(browser, query), query
    assert refused(browser, "number=clients&after=!")
    assert browser.get("/dashboards/none/number?number=clients").status_code == 400
    assert browser.get("/dashboards/status/members.csv").status_code == 400


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [
        (
            "comparison",
            "number=second_numerator&at=measure=step_down&compare=site=North,site=South",
            "Step down · South · everything up to {today}",
        ),
        (
            "flow",
            "number=count&show=steps&at=step=step_down&level=residential",
            "Step down · Residential · everything up to {today}",
        ),
        ("flow", "number=numerator&at=from=residential&at=to=left", "Residential · Left · everything up to {today}"),
        ("prevalence", "number=reached&at=milestone=90", "90 days · everything up to {today}"),
        ("census", "number=census&at=day=2026-01-31&from=2026-01-01", "31 Jan 2026"),
        (
            "completion",
            "number=died&at=level=residential&site=x&to=2026-01-31",
            "Residential · x · everything up to 31 Jan 2026",
        ),
    ],
)
def test_a_page_says_which_row_it_is_of_and_what_was_asked(house: House, name: str, query: str, says: str) -> None:
    page = house.browser("auditor").get(f"/dashboards/{name}/number?{query}")
    today = day(house.services.today())
    assert f'<p class="lede">{says.format(today=today)}</p>' in page.text, page.text


def test_a_picture_of_single_stays_is_not_for_an_analyst(full_house: House) -> None:
    shown = {role: full_house.browser(role).get("/dashboards/abstinence").text for role in ("auditor", "analyst")}
    assert [("<h2>Patterns" in page) for page in shown.values()] == [True, False]


def test_who_is_in_a_number_is_named_as_in_every_list(full_house: House) -> None:
    page = full_house.browser("clinician").get(RESIDENTS).text
    assert re.search(
        r'<a href="/clients/(SIM-\d+)">[^<]*<[^>]*>[^<]+</bdi></a> <small class="number">\1</small>', page
    ), page


def test_a_weekly_pattern_is_told_in_words(full_house: House) -> None:
    address = "/dashboards/abstinence/number?by=all&number=denominator&at=measure=three_consecutive_negative"
    page = full_house.browser("clinician").get(address).text
    told = re.findall(r"<div>Weeks in order: ([^<]+)</div>", page)
    assert told and all(re.fullmatch(r"(\d+ (clean|use|both|missing)(, )?)+", pattern) for pattern in told), told
    assert weeks_said("--o+*") == "2 clean, 1 missing, 1 use, 1 both"
