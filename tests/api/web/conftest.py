"""The app over forty simulated clients, and the chart among them that holds the most kinds of entries."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.api.access.conftest import House, house as house, make_house
from tests.day import DAY
from tests.prepared import filled_store


@pytest.fixture(scope="module")
def full_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Simulated clients behind API and pages."""
    found = make_house(filled_store(tmp_path_factory.mktemp("language"), 40, 7))
    found.hands.now = DAY
    yield found
    for client in found.open:
        client.close()
    found.services.close()


@pytest.fixture(scope="module")
def fullest(full_house: House) -> str:
    """The chart with the most kinds of entries."""
    page = full_house.browser("clinician").get("/clients").text
    api = full_house.api("clinician")

    def kinds(reference: str) -> int:
        return len({item["type"] for item in api.get(f"/api/v1/clients/{reference}/timeline").json()["items"]})

    return max(sorted(set(re.findall(r"/clients/(SIM-\d+)", page))), key=kinds)
