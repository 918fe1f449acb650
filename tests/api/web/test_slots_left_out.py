"""The page of attendance says what the rates of its slots leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.api.access.conftest import House, house as house

LEFT_OUT = "have none: the rates of the slots leave them out."


def attendance(house: House, sessions: Sequence[tuple[str, dict[str, Any]]]) -> str:
    house.admit("A-1", "north", "medical_detox")
    for name, data in sessions:
        house.hands.move(minutes=1)
        house.record("A-1", name, **data)
    house.services.catch_up()
    return house.browser("analyst").get("/dashboards/attendance").text


CAME: dict[str, Any] = {"kind": "group", "slot": "evening", "group_id": None, "minutes": 60}
MISSED = {"kind": "group", "slot": None}


@pytest.mark.parametrize(
    ("sessions", "says"),
    [
        ([("attend-session", CAME), ("miss-session", MISSED), ("miss-session", MISSED)], "2 missed and 0 attended"),
        ([("attend-session", CAME), ("miss-session", MISSED | {"slot": "evening"})], ""),
        ([("attend-session", CAME), ("miss-session", MISSED | {"kind": "individual"})], ""),
    ],
)
def test_sessions_without_a_slot_beside_those_that_have_one(
    house: House, sessions: Sequence[tuple[str, dict[str, Any]]], says: str
) -> None:
    """A row of missed sessions alone, and slots that everybody seemed to come to, went without a word."""
    page = attendance(house, sessions)
    assert (LEFT_OUT in page) == bool(says)
    assert says in page
