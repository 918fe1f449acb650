"""A filter that no dashboard has is refused by its name, on the page and in its CSV."""

from __future__ import annotations

import pytest

from tests.api.access.conftest import House


@pytest.mark.parametrize("path", ["/dashboards/completion", "/dashboards/completion.csv", "/dashboards/agreement.csv"])
def test_by_its_name(house: House, path: str) -> None:
    answer = house.browser("auditor").get(f"{path}?levels=residential")
    assert answer.status_code == 400
    assert "levels" in answer.text


@pytest.mark.parametrize("path", ["/dashboards/completion", "/dashboards/completion.csv"])
def test_known_ones_are_answered(house: House, path: str) -> None:
    assert (
        house.browser("auditor").get(f"{path}?by=level&level=residential&cohort=admission&from=&to=&as_of=").status_code
        == 200
    )
