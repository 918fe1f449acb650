"""Tables and charts of dashboards say groups, quartiles, means and p-values as people write them."""

from __future__ import annotations

import re
from html import unescape

from api.i18n.formats import decimals, p_value
from api.web.dashboards import figures
from tests.api.access.conftest import House


def told(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())


def cells(page: str, title: str) -> list[str]:
    """What stands in the column of that title, in the first table that has it."""
    for table in re.findall(r"<table.*?</table>", page, re.S):
        heads = [told(head) for head in re.findall(r"<th[ >].*?</th>", table.partition("</thead>")[0], re.S)]
        if title in heads:
            rows = re.findall(r"<tr.*?</tr>", table.partition("<tbody")[2], re.S)
            return [told(re.findall(r"<t[dh][ >].*?</t[dh]>", row, re.S)[heads.index(title)]) for row in rows]
    raise AssertionError(f"no column {title}")


def test_a_group_is_named_without_what_it_lacks_and_without_saying_a_word_twice() -> None:
    by = ("state", "level")
    assert figures.label({"state": "discharged", "level": None}, by) == "Discharged"
    assert figures.label({"state": "alumni", "level": "alumni"}, by) == "Aftercare and alumni"
    assert figures.label({"state": "in_treatment", "level": "residential"}, by) == "In treatment · Residential"
    assert figures.label({"level": None}, ("level",)) == "–"
    assert figures.label({}, ()) == "All"


def test_a_mean_has_two_decimals_and_a_p_value_no_power_of_ten() -> None:
    assert [decimals(value) for value in (5.7, 3.0, 1234.5, -0.1, None)] == ["5.70", "3.00", "1,234.50", "−0.10", "–"]
    assert [p_value(value) for value in (8.06e-06, 0.0934, 1.0, None)] == ["< 0.001", "0.093", "1.000", "–"]


def test_the_means_of_a_table_are_written_alike(full_house: House) -> None:
    browser = full_house.browser("analyst")
    for address, title in (
        ("/dashboards/census", "Average daily census"),
        ("/dashboards/outcomes", "Change"),
        ("/dashboards/attendance", "Hours a week"),
        ("/dashboards/abstinence", "Mean"),
    ):
        shown = [text for text in cells(browser.get(address).text, title) if text != "–"]
        assert shown and all(re.fullmatch(r"−?[\d,]+\.\d\d", text) for text in shown), (address, shown)


def test_the_test_between_groups_says_its_p_value_in_decimals(full_house: House) -> None:
    shown = cells(full_house.browser("analyst").get("/dashboards/time-to-event").text, "p-value")
    assert shown and all(re.fullmatch(r"< 0\.001|[01]\.\d{3}|–", text) for text in shown), shown


def test_quartiles_are_named_in_words(full_house: House) -> None:
    page = told(full_house.browser("analyst").get("/dashboards/prevalence").text)
    assert "Days since use, first quartile" in page
    assert not re.search(r"\bq[13]\b", page)
