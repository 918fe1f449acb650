"""The overview of reports: headline numbers that are those of the reports, a card a report, nothing live for reporting."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from api.i18n.formats import percent
from api.web.dashboards.national import NATIONAL
from api.web.dashboards.overview_cards import ANSWERS, cards_of
from api.web.dashboards.report_sections import SECTIONS
from api.web.dashboards.sparkline import HEIGHT, WIDTH, spark
from api.web.frame.places import PLACES
from infra.reporting.headlines import Headline, Point, headlines, whole_months
from infra.reporting.reports import ReportParams, run_report
from projections.completion.definition import denominators
from tests.api.access.conftest import House

COLUMNS = {
    "admissions": ("admissions", "", ""),
    "discharges": ("discharges", "", ""),
    "completion": ("completion_rate", "numerator", "denominator"),
    "retention": ("retained_90", "", "stays"),
    "abstinent": ("share", "numerator", "denominator"),
    "reached": ("", "reached", "denominator"),
}


def found(house: House) -> dict[str, Headline]:
    return {one.name: one for one in headlines(house.services)}


def test_every_dashboard_has_a_card_with_its_question() -> None:
    pages = {to.removeprefix("/dashboards/"): name for place in PLACES for to, name, _ in place.pages}
    assert set(ANSWERS) == set(SECTIONS)
    assert all(ANSWERS[name][0] == pages[name] and ANSWERS[name][1].endswith("?") for name in ANSWERS)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_a_headline_is_the_number_of_its_report(full_house: House, name: str) -> None:
    one = found(full_house)[name]
    asked = one.params
    [row] = [row for row in run_report(one.report, full_house.services, _summed(one)) if row.get("milestone", 30) == 30]
    share, above, below = COLUMNS[name]
    shown = (one.now.value if share else None, one.now.above, one.now.below)
    assert shown == tuple(row[column] if column else None for column in (share, above, below))
    assert asked.start == one.now.month
    if name == "reached":
        assert one.now.value == row["reached"] / row["denominator"]


def _summed(one: Headline) -> ReportParams:
    return replace(one.params, show="average") if one.report == "census" else one.params


def test_the_census_is_that_of_today(full_house: House) -> None:
    one = found(full_house)["census"]
    [row] = run_report("census", full_house.services, one.params)
    assert one.now.value == row["census"] > 0
    assert one.before == one.points[-1]


def test_a_line_has_twelve_months_that_were_whole_and_settled(full_house: House) -> None:
    today = full_house.services.today()
    for one in found(full_house).values():
        assert len(one.points) == 12
        waits = {"retention": 90, "abstinent": 44, "reached": 44}.get(one.name, 0)
        last = one.points[-1].last_day
        assert (today - last).days > waits
        assert (today - last).days <= waits + 31


def test_months_end_before_today_by_the_days_that_are_asked() -> None:
    assert whole_months(date(2026, 3, 1))[-1] == date(2026, 2, 1)
    assert whole_months(date(2026, 3, 31))[-1] == date(2026, 2, 1)
    assert whole_months(date(2026, 3, 1), 1)[-1] == date(2026, 1, 1)
    assert whole_months(date(2026, 1, 15))[0] == date(2025, 1, 1)


@pytest.mark.parametrize("role", ["clinician", "auditor", "analyst"])
def test_each_number_leads_to_the_report_that_says_it(full_house: House, role: str) -> None:
    browser = full_house.browser(role)
    page = browser.get("/reports").text
    cards = re.findall(r'<article class="card"><h3><a href="([^"]+)">(.*?)</a></h3>\n<p><b>(.*?)</b>', page)
    assert len(cards) == (7 if role == "analyst" else 8)
    for address, title, shown in cards:
        report = browser.get(unescape(address))
        assert report.status_code == 200, address
        if title not in {"Reached 30 days after the last stay", "Open hand-offs"}:
            assert f">{shown}<" in report.text, (title, shown)
    assert page.count("<polyline") >= 7
    assert page.count("<caption>") == 7


def test_the_nations_line_stands_where_the_denominator_is_the_same(full_house: House) -> None:
    assert set(NATIONAL) == {"completion"}
    same = denominators(None)["completed"]
    assert (same.counted, same.left_out) == (("completed",), ())
    one = found(full_house)["completion"]
    [card] = [card for card in cards_of([one]) if card.national]
    assert card.national == f"Nation 2019: {percent(0.421)} of all discharges from a service (SAMHSA, TEDS-D 2019)"
    assert card.line is not None
    assert card.line.level is not None
    assert 4 <= card.line.level <= HEIGHT - 4
    page = full_house.browser("analyst").get("/reports").text
    assert page.count('class="nation"') == 2  # the line and its key
    assert card.national in page


@pytest.mark.parametrize("role", ["reporting", "intake", "admin"])
def test_who_may_see_no_live_number_sees_publications_only(full_house: House, role: str) -> None:
    page = full_house.browser(role).get("/reports").text
    assert "Nothing was published yet." in page
    assert not re.search(r"<article|/dashboards/|Projected up to", page)


def test_what_is_recorded_is_in_the_next_look_and_a_new_day_is_another(house: House) -> None:
    browser = house.browser("clinician")

    def census() -> str:
        shown = re.search(r"Census now</a></h3>\n<p><b>(\d+)</b>", browser.get("/reports").text)
        return shown[1] if shown else ""

    house.admit("A-1", "north")
    assert [census(), census()] == ["1", "1"]
    house.admit("A-2", "north")
    assert census() == "2"
    house.hands.move(days=1)
    assert "day 3 Mar 2026" in house.browser("clinician").get("/reports").text


def test_an_analysts_look_is_a_recorded_question(house: House) -> None:
    house.admit("A-1", "north")
    for role in ("analyst", "clinician"):
        assert house.browser(role).get("/reports").status_code == 200
    assert [entry.asked for entry in house.entries(kind="NumbersAsked")] == [{"report": "overview"}]


def test_hand_offs_are_those_that_wait_within_reach(full_house: House) -> None:
    rows = run_report("handoffs", full_house.services, ReportParams())
    for sites in (None, frozenset({str(rows[0]["site"])}), frozenset({"nowhere"})):
        page = full_house.browser("clinician", sites).get("/reports").text
        shown = re.search(r">Open hand-offs</a></h3>\n<p><b>(\d+)</b>", page)
        assert shown
        assert sites is not None or int(shown[1]) == len(rows) > 0
        assert sites != frozenset({"nowhere"}) or int(shown[1]) == 0


def test_an_empty_store_says_when_numbers_come(house: House) -> None:
    assert "they come with the first stay" in house.browser("analyst").get("/reports").text


def test_few_people_are_warned_of(house: House) -> None:
    house.admit("A-1", "north")
    assert "Numbers of fewer than 11 people" in house.browser("analyst").get("/reports").text


def test_a_line_leaves_a_gap_and_stays_in_its_box() -> None:
    month = date(2026, 1, 1)
    values = [0.0, 0.5, None, 1.0]
    drawn = spark([Point(month, v, low=v and v / 2, high=v) for v in values])
    assert [len(line.split()) for line in drawn.lines] == [2, 1]
    assert drawn.last == (WIDTH - 4, 4.0)
    places = [float(n) for text in (*drawn.lines, *drawn.bands) for pair in text.split() for n in pair.split(",")]
    assert min(places) >= 0
    assert max(places) <= max(WIDTH, HEIGHT)
