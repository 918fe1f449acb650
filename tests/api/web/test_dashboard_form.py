"""The form of a dashboard says what its page answers, whatever its address asks."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.api.access.conftest import House


def chosen(text: str, name: str) -> str:
    """The value that a field of a page holds."""
    found = re.search(rf'<select name="{name}">(.*?)</select>|<input[^>]* name="{name}" value="([^"]*)"', text)
    assert found, name
    if found[1] is None:
        return unescape(found[2])
    selected = re.search(r'<option value="([^"]*)" selected', found[1])
    return unescape(selected[1]) if selected else ""


@pytest.mark.parametrize(
    ("report", "name", "value"),
    [
        ("time-to-event", "substance", "heroin"),
        ("time-to-event", "substance", "unlisted:bath & salts"),
        ("time-to-event", "competing", "completed"),
        ("time-to-event", "by", "month"),
        ("time-to-event", "days", "7,154"),
        ("retention", "by", "payer"),
        ("completion", "by", "level,site,slot"),
        ("comparison", "compare", "level=residential,level=medical_detox"),
    ],
)
def test_what_is_asked_is_chosen_in_the_form(full_house: House, report: str, name: str, value: str) -> None:
    """A value that the form did not offer stood there as the first one, and was lost with the next question."""
    answer = full_house.browser("analyst").get(f"/dashboards/{report}", params={name: value})
    assert answer.status_code == 200
    assert chosen(answer.text, name) == value
