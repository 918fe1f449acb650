"""Tables that show two rounded numbers and their difference say once that it is of the unrounded ones."""

from __future__ import annotations

from html import unescape

import pytest

from tests.api.access.conftest import House

NOTE = "Differences are of unrounded numbers."


@pytest.mark.parametrize(
    ("address", "times"),
    [
        ("/dashboards/outcomes", 1),
        ("/dashboards/comparison?compare=level=residential,level=medical_detox", 1),
        ("/dashboards/completion", 0),
    ],
)
def test_84_7_and_78_6_are_6_2_apart_without_a_mistake(full_house: House, address: str, times: int) -> None:
    answer = full_house.browser("analyst").get(address)
    assert answer.status_code == 200
    assert unescape(answer.text).count(NOTE) == times
