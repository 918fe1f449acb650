"""No page weighs more than 100 KB, at a store that fills it: what is left over is on the next page, or in the CSV."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.http.access import ROLES
from infra.simulator.demo import fill
from tests.api.access.conftest import House, make_house
from tests.browser.places import CHART, pages_of
from tests.day import DAY
from tests.depth import cases

MOST = 100_000
CLIENTS = cases(150, 400)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """So many simulated clients that every list is longer than its page."""
    found = make_house(f"sqlite:///{tmp_path_factory.mktemp('crowded')}/log.db")
    found.hands.now = DAY
    fill(found.services.log, CLIENTS, 7)
    found.services.catch_up()
    yield found
    for client in found.open:
        client.close()
    found.services.close()


@pytest.mark.parametrize("role", ROLES)
def test_each_page_of_a_role_is_at_most_so_heavy(crowded: House, role: str) -> None:
    entries = crowded.api("clinician").get(f"/api/v1/clients/{CHART}/timeline").json()["items"]
    browser = crowded.browser(role)
    weights = {
        path: len(browser.get(path).content)
        for path in pages_of(role, entries[0]["event_id"], lambda path: browser.get(path).text)
    }
    assert {path: weight for path, weight in weights.items() if weight > MOST} == {}
