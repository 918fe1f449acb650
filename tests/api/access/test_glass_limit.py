"""Glass is broken a few times an hour by one person, not a hundred times a second; who tries is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from pydantic import SecretStr

from tests.api.access.conftest import House, make_house
from tests.api.access.test_one_answer import HEADERS, NORTH, REASON, token_of

KEY = {"master_key": SecretStr("ab" * 32)}


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Two uses an hour, and three clients of another site."""
    url = (
        request.getfixturevalue("migrated_postgres_url")
        if request.param == "postgres"
        else f"sqlite:///{tmp_path}/log.db"
    )
    found = make_house(url, break_glass_hourly=2, **KEY)
    for number in (1, 2, 3):
        found.admit(f"SOUTH-{number}", "south")
    yield found
    for client in found.open:
        client.close()
    found.services.close()


def test_one_person_is_stopped_and_goes_on_when_the_hour_is_over(house: House) -> None:
    browser = house.browser("clinician", NORTH, "nurse")

    def breaks(reference: str) -> tuple[int, str | None]:
        path = f"/api/v1/clients/{reference}/break-glass"
        answer = browser.post(path, json={"reason": REASON}, headers=HEADERS)
        return answer.status_code, answer.headers.get("retry-after")

    assert breaks("SOUTH-1") == (201, None)
    house.hands.move(minutes=20)
    assert breaks("NOBODY-1") == (404, None)  # what is nobody's counts as well
    house.hands.move(minutes=10)
    assert breaks("SOUTH-2") == (429, "1800")
    assert breaks("NOBODY-1") == (429, "1800")
    assert browser.get("/api/v1/clients/SOUTH-2").status_code == 404
    house.hands.move(minutes=29, seconds=59)
    assert breaks("SOUTH-2") == (429, "1")
    house.hands.move(seconds=1)
    browser = house.browser("clinician", NORTH, "nurse")
    assert breaks("SOUTH-2")[0] == 201


def test_the_limit_is_one_persons_own(house: House) -> None:
    for name in ("first", "second"):
        browser = house.browser("clinician", NORTH, name)
        for number in (1, 2):
            path = f"/api/v1/clients/SOUTH-{number}/break-glass"
            assert browser.post(path, json={"reason": REASON}, headers=HEADERS).status_code == 201


def test_the_page_says_so_the_auditor_sees_it_and_the_counter_names_nobody(house: House) -> None:
    browser = house.browser("clinician", NORTH, "nurse")
    data = {"reason": REASON, "csrf": token_of(browser)}
    codes: list[int] = []
    for number in (1, 2, 3):
        browser.get("/clients")
        page = browser.post(f"/clients/SOUTH-{number}/break-glass", data={**data, "csrf": token_of(browser)})
        codes.append(page.status_code)
    assert codes == [303, 303, 429]
    assert (page.headers["retry-after"], "as often as one may in an hour" in page.text) == (
        "3600",
        True,
    )
    assert [entry.refused for entry in house.entries("SOUTH-3")] == ["glass broken too often"]
    assert "was stopped at the limit of broken glass" in house.browser("auditor").get("/audit/access").text
    counted = generate_latest(house.app.state.metrics.registry).decode()
    for outcome, count in (("opened", 2.0), ("limited", 1.0), ("nobody", 0.0)):
        assert f'carejourney_glass_broken_total{{outcome="{outcome}"}} {count}' in counted
    assert "nurse" not in counted
