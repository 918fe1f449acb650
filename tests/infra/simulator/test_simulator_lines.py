"""Each line is a valid import line that says it is simulated, in its place in time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st
from summary import UNTIL

from domain.days import Calendar
from domain.events import CATALOGUE
from infra.simulator import SITES, Line, Site, simulate
from infra.simulator.clock import local_minute, moment_text, utc_minute, utc_text

ENVELOPE = {
    "event_id",
    "client",
    "type",
    "occurred_at",
    "recorded_at",
    "actor",
    "role",
    "source",
    "site",
    "data",
}


def text(clients: int, seed: int) -> str:
    """The simulation as NDJSON."""
    return "\n".join(json.dumps(line) for lines in simulate(clients, seed, until=UNTIL) for line in lines)


def lines_of(clients: int, seed: int = 3) -> list[Line]:
    """All lines of a small simulation."""
    return [line for lines in simulate(clients, seed, until=UNTIL) for line in lines]


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Another seed gives other ones."""
    assert text(20, 5) == text(20, 5)
    assert text(20, 5) != text(20, 6)


def test_a_client_does_not_depend_on_how_many_there_are() -> None:
    """Client i has random numbers of its own."""
    few, many = list(simulate(5, 5, until=UNTIL)), list(simulate(9, 5, until=UNTIL))
    assert many[:5] == few


def test_every_line_is_a_valid_import_line() -> None:
    """As the importer takes it: known type, valid data, nothing but the envelope's fields."""
    for line in lines_of(150):
        assert set(line) == ENVELOPE
        CATALOGUE.parse(line["type"], line["data"])
        json.dumps(line, allow_nan=False)


def test_event_ids_are_unique_version_4() -> None:
    """Across clients and seeds."""
    ids = [line["event_id"] for seed in (1, 2) for line in lines_of(40, seed)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", i) for i in ids)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    until=st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    months=st.integers(1, 36),
    name=st.sampled_from(("Pacific/Honolulu", "America/St_Johns", "UTC", "Asia/Kathmandu", "America/New_York")),
)
def test_nothing_happens_or_is_known_after_today(seed: int, until: datetime, months: int, name: str) -> None:
    """And a client's lines come in the order of recording, never before they happened; offsets are the zone's."""
    site = Site("Anywhere (simulated)", "any")
    for lines in simulate(4, seed, until=until, calendar=Calendar(name), months=months, sites=(site,)):
        known = [datetime.fromisoformat(line["recorded_at"]) for line in lines]
        assert known == sorted(known)
        assert all(moment <= until for moment in known)
        for line, moment in zip(lines, known, strict=True):
            happened = datetime.fromisoformat(line["occurred_at"])
            assert happened <= moment
            assert happened.utcoffset() == happened.astimezone(ZoneInfo(name)).utcoffset()


@pytest.mark.parametrize(
    ("wall", "text", "utc"),
    [
        ("2026-03-08T01:59", "2026-03-08T01:59:00-05:00", "2026-03-08T06:59:00+00:00"),
        ("2026-03-08T02:30", "2026-03-08T03:30:00-04:00", "2026-03-08T07:30:00+00:00"),
        ("2026-03-08T03:00", "2026-03-08T03:00:00-04:00", "2026-03-08T07:00:00+00:00"),
        ("2026-11-01T01:30", "2026-11-01T01:30:00-04:00", "2026-11-01T05:30:00+00:00"),
        ("2026-11-01T02:00", "2026-11-01T02:00:00-05:00", "2026-11-01T07:00:00+00:00"),
        ("2026-07-01T09:00", "2026-07-01T09:00:00-04:00", "2026-07-01T13:00:00+00:00"),
        ("2026-12-31T23:59", "2026-12-31T23:59:00-05:00", "2027-01-01T04:59:00+00:00"),
    ],
)
def test_a_wall_time_has_the_offset_of_its_zone_then(wall: str, text: str, utc: str) -> None:
    """The hour that is skipped moves on by an hour; of the hour that comes twice it is the first."""
    zone = ZoneInfo("America/New_York")
    at = local_minute(datetime.fromisoformat(wall + "+00:00"), ZoneInfo("UTC"))
    assert moment_text(at, zone) == text
    assert utc_text(utc_minute(at, zone)) == utc


def test_another_zone_moves_no_wall_time() -> None:
    """At the hours that people keep; what is cut off at the end is another matter."""
    here, there = (
        [line for lines in simulate(20, 3, until=UNTIL, calendar=Calendar(name)) for line in lines]
        for name in ("UTC", "America/New_York")
    )
    walls = {line["event_id"]: line["occurred_at"][:19] for line in here}
    moved = [
        line for line in there if walls.get(line["event_id"], line["occurred_at"][:19]) != line["occurred_at"][:19]
    ]
    assert len(there) > 1_000
    assert moved == []


def test_a_chart_begins_with_its_registration() -> None:
    """Nothing is known of a client before the first contact, and only use is told of the days before it."""
    for lines in simulate(200, 4, until=UNTIL):
        assert lines[0]["type"] == "ClientRegistered"
        assert all(line["occurred_at"] >= lines[0]["occurred_at"] for line in lines)


def test_everything_says_that_it_is_simulated() -> None:
    """Names, numbers and addresses reach nobody; source and site say what they are."""
    for line in lines_of(200):
        assert line["client"].startswith("SIM-")
        assert line["source"] == "simulator"
        assert "(simulated)" in line["site"]
        assert line["actor"].startswith("sim-")
        data: dict[str, Any] = line["data"]
        if line["type"] in ("ClientRegistered", "ClientDetailsUpdated"):
            assert re.fullmatch(r"\d{3}-555-01\d\d", data["phone"])
            assert data.get("email", "x@example.org").endswith("@example.org")
            assert "Simulated" in data.get("address", "Simulated")


def test_names_come_in_many_scripts() -> None:
    """Right-to-left, accented, CJK and emoji: what a screen has to take."""
    names = "".join(line["data"]["name"] for line in lines_of(900) if line["type"] == "ClientRegistered")
    for sample in ("ë", "ד", "ع", "晨", "🌱", "Simulated", "Sample"):
        assert sample in names


def test_members_of_a_group_share_its_id_and_its_charting() -> None:
    """One meeting, one topic, one length, one clinician, and at least now and then several members."""
    seen: dict[str, tuple[object, ...]] = {}
    members: dict[str, set[str]] = {}
    for line in lines_of(150):
        data = line["data"]
        if line["type"] != "SessionAttended" or data["kind"] != "group":
            continue
        told = (
            line["occurred_at"],
            line["site"],
            data["minutes"],
            data["topic"],
            data["slot"],
            data["clinician"],
        )
        assert seen.setdefault(data["group_id"], told) == told
        members.setdefault(data["group_id"], set()).add(line["client"])
    assert max(map(len, members.values())) >= 5


def test_intensive_outpatient_groups_are_three_to_four_hours() -> None:
    """Three to five a week, by slot."""
    groups = [line["data"] for line in lines_of(120) if "intensive_outpatient-" in line["data"].get("group_id", "")]
    assert {data["slot"] for data in groups} == {"morning", "afternoon", "evening"}
    assert {data["minutes"] for data in groups} <= {180, 210, 240}


def test_a_missed_session_says_its_slot_as_an_attended_one_does() -> None:
    """Else rates by slot know only who came."""
    groups = [line for line in lines_of(120) if line["data"].get("kind") == "group"]
    by_type = {line["type"] for line in groups}
    assert {"SessionAttended", "SessionMissed"} <= by_type
    assert all(line["data"]["slot"] for line in groups)


def test_every_site_is_used() -> None:
    """Clients are dealt out evenly."""
    assert {line["site"] for line in lines_of(6)} == {site.name for site in SITES}
