"""The number on a pinned view's card: that of its report for all that the view asks, with its counts and interval."""

from __future__ import annotations

import re
from html import unescape

import pytest

from api.i18n.formats import percent
from api.i18n.language import translated
from api.web.dashboards.view_numbers import number_of
from api.web.frame.pages import Pages
from infra.reporting.question import FILTERS
from infra.reporting.reports import ReportParams, run_report
from infra.views.view import View
from tests.api.access.conftest import House
from tests.api.web.test_saved_view_pages import saved, send

NUMBERED = {
    "status": "Clients",
    "census": "Average daily census",
    "completion": "Completed of all ended stays",
    "retention": "Still in their stay after 90 days",
    "time-to-event": "Median days",
    "prevalence": "Abstinent 30 days after the last stay",
    "attendance": "Attendance rate",
}


def view(report: str, **question: str) -> View:
    return View("v", "o", "by", "name", report, question, shared=False, made=0)


@pytest.mark.parametrize("report", sorted(FILTERS))
def test_a_view_has_the_number_of_its_report(full_house: House, report: str) -> None:
    found = number_of(Pages(full_house.services), view(report))
    assert (translated(found.title) if found else "") == {**NUMBERED, "abstinence": "Three clean weeks in a row"}.get(
        report, ""
    )
    assert found is None or found.value != "–" or report == "time-to-event"


def test_it_is_what_the_report_says_of_all_that_is_asked(full_house: House) -> None:
    asked = ReportParams(by=("all",), where={"level": "residential"})
    [row] = run_report("completion", full_house.services, asked)
    found = number_of(Pages(full_house.services), view("completion", by="level", level="residential"))
    assert found is not None
    assert (found.point.value, found.point.above, found.point.below) == (
        row["completion_rate"],
        row["numerator"],
        row["denominator"],
    )
    assert found.value == percent(row["completion_rate"])
    assert f"{row['numerator']} of {row['denominator']}; 95 %: " in found.of


def test_a_measure_of_quality_has_its_share(full_house: House) -> None:
    [row] = run_report("quality", full_house.services, ReportParams(by=("all",), measure="iet_initiation"))
    found = number_of(Pages(full_house.services), view("quality", measure="iet_initiation"))
    assert found is not None
    assert (found.point.value, found.point.above) == (row["share"], row["numerator"])


def test_its_card_shows_it_on_the_overview_and_on_today(full_house: House) -> None:
    browser = full_house.browser("clinician", name="pins")
    kept = saved(browser)
    send(browser, "/views", f"/views/{kept}", do="pin", reports="yes", today="yes")
    cards = [
        re.search(r'<p class="number"><b>(.*?)</b> (.*?)<br><small>(.*?)</small>', browser.get(place).text)
        for place in ("/reports", "/today")
    ]
    assert cards[0] is not None
    assert cards[1] is not None
    assert cards[0].groups() == cards[1].groups()
    assert unescape(cards[0][2]) == "Completed of all ended stays"
    assert re.fullmatch(r"\d+ of \d+; 95\s%: \S+\s%? ?to \S+\s?%", cards[0][3])


def test_an_analysts_look_at_a_pinned_number_is_a_question_of_its_report(full_house: House) -> None:
    browser = full_house.browser("analyst", name="asks")
    kept = saved(browser)
    send(browser, "/views", f"/views/{kept}", do="pin", reports="yes")
    before = len(full_house.entries(kind="NumbersAsked"))
    browser.get("/reports")
    asked = full_house.entries(kind="NumbersAsked")
    assert len(asked) == before + 2
    assert {"overview", "completion"} <= {entry.asked["report"] for entry in asked}
