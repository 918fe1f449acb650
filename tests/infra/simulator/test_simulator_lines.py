"""Each line is a valid import line that says it is simulated, in its place in time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
from summary import UNTIL

from domain.events import CATALOGUE
from infra.simulator import SITES, Line, Site, simulate

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
    offset=st.sampled_from((-600, -210, 0, 345, 720)),
)
def test_nothing_happens_or_is_known_after_today(seed: int, until: datetime, months: int, offset: int) -> None:
    """And a client's lines come in the order of recording, never before they happened."""
    site = Site("Anywhere (simulated)", "any", offset)
    for lines in simulate(4, seed, until=until, months=months, sites=(site,)):
        known = [datetime.fromisoformat(line["recorded_at"]) for line in lines]
        assert known == sorted(known)
        assert all(moment <= until for moment in known)
        for line, moment in zip(lines, known, strict=True):
            happened = datetime.fromisoformat(line["occurred_at"])
            assert happened <= moment
            assert happened.utcoffset() == timedelta(minutes=offset)


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


def test_every_site_is_used() -> None:
    """Clients are dealt out evenly."""
    assert {line["site"] for line in lines_of(6)} == {site.name for site in SITES}
