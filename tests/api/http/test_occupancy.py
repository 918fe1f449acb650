"""Occupancy in the census: a share of the places of sites as they are defined, or of the setting where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.access.conftest import House, make_house
from tests.prepared import empty_store

SITE = {"site": "north", "name": "North House", "zone": "UTC", "capacity": {"residential": 4, "medical_detox": 2}}


@pytest.fixture(params=[{}, {"residential": 8}], ids=["defined", "set"])
def lodging(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A client at one site of two, which is defined since the day before; without and with a setting."""
    house = make_house(empty_store(tmp_path), site_capacity=request.param)
    house.admit("A-1", "north")
    body = {"occurred_at": "2026-03-01T12:00:00Z", "data": SITE}
    assert house.api("admin").post("/api/v1/provider/commands/define-site", json=body).status_code == 201
    house.services.catch_up()
    yield house
    for client in house.open:
        client.close()
    house.services.close()


def rows(house: House, **asked: str) -> list[dict[str, Any]]:
    answer = house.api("analyst").get("/api/v1/reports/census", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["rows"])


def places(house: House, **asked: str) -> list[tuple[int, float | None]]:
    return [(row["capacity"], row["occupancy"]) for row in rows(house, **asked)]


def test_the_setting_decides_where_there_is_one(lodging: House) -> None:
    is_set = bool(lodging.services.settings.site_capacity)
    assert places(lodging, by="level") == [(8, 0.125) if is_set else (4, 0.25)]
    assert places(lodging, by="site") == [(0, None) if is_set else (6, 1 / 6)]
    assert places(lodging, by="all", where="site=north") == [(0, None) if is_set else (6, 1 / 6)]
    assert places(lodging, by="program") == [(0, None)]


def test_each_day_has_the_places_of_its_end(lodging: House) -> None:
    if lodging.services.settings.site_capacity:
        assert {one for one, _ in places(lodging, by="level", **{"from": "2026-02-28", "to": "2026-03-02"})} == {8}
        return
    assert [one for one, _ in places(lodging, by="level", **{"from": "2026-02-28", "to": "2026-03-02"})] == [0, 4, 4]


def test_as_known_before_the_definition_there_were_none(lodging: House) -> None:
    moment = lodging.hands.now.isoformat()
    lodging.hands.move(days=1)
    body = {"occurred_at": "2026-03-01T12:00:00Z", "data": {**SITE, "capacity": {"residential": 1}}}
    assert lodging.api("admin").post("/api/v1/provider/commands/define-site", json=body).status_code == 201
    lodging.services.catch_up()
    is_set = bool(lodging.services.settings.site_capacity)
    then, now = places(lodging, by="level", as_of=moment), places(lodging, by="level")
    assert [then[0][0], now[0][0]] == ([8, 8] if is_set else [4, 1])
