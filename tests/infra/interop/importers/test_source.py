"""What a source does not say of itself: the zone of its clock, offsets that are none, its facility; and the days.

The house is in Chicago, its site "East" in New York and its site "Guam" on Guam, a day ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from domain.days import Calendar
from domain.events import Event, TreatmentPlanSet, UseReported
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.events.run import import_file
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.source import Source
from infra.interop.importers.tables.mapping import read_mapping
from infra.interop.importers.tables.run import import_table
from tests.infra.interop.importers.conftest import MID_2026
from tests.infra.interop.importers.event_lines import Write, line
from tests.infra.interop.importers.fhir_parts import Resource, Store, about, patient, stay
from tests.spec import KEY

NEW_YORK = ZoneInfo("America/New_York")
HOUSE = Calendar("America/Chicago", {"East": "America/New_York", "Guam": "Pacific/Guam"})
MAPPING = """
client = "chart"
[[entry]]
type = "UseReported"
occurred_at = "at"
data = { substance = "alcohol", on = "2026-01-02" }
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[EventLog]:
    log = open_log(f"sqlite:///{tmp_path}/house.db", KEY, HOUSE, lambda: MID_2026)
    yield log
    log.close()


@pytest.fixture
def here(tmp_path: Path, house: EventLog) -> Store:
    return Store(house, tmp_path)


def days(log: EventLog, client: str) -> list[tuple[str, str]]:
    """(the entry's own time, its day) of a chart."""
    found = log.stream(log.client_id(client))
    return [(entry.occurred_at.isoformat(), date.fromordinal(entry.day).isoformat()) for entry in found]


def said_by_each(log: EventLog, write: Write, folder: Path, source: Source, at: str) -> list[list[tuple[str, str]]]:
    """The same time imported as a line, as a row of a table and as a resource."""
    import_file(log, str(write(line(client="E-1", occurred_at=at))), source=source)
    (folder / "m.toml").write_text(MAPPING)
    (folder / "t.csv").write_text(f"chart,at\nT-1,{at}\n")
    import_table(log, folder / "t.csv", read_mapping(folder / "m.toml"), source=source)
    one = about("MedicationAdministration", "g", status="completed", effectiveDateTime=at)
    one["medicationCodeableConcept"] = {"text": "methadone"}
    Store(log, folder).take(patient(number="F-1"), one, sending=Sending(source=source))
    return [days(log, "E-1"), days(log, "T-1"), days(log, "F-1")[-1:]]


EAST = Source(NEW_YORK, ignores_offsets=True)


@pytest.mark.parametrize(
    ("source", "at", "own", "day"),
    [
        # true moments: the facility's zone decides, on both sides of its midnight and of a change of clocks
        (Source(), "2026-01-06T05:59:59Z", "2026-01-06T05:59:59+00:00", "2026-01-05"),
        (Source(), "2026-01-06T06:00:00Z", "2026-01-06T06:00:00+00:00", "2026-01-06"),
        (Source(), "2026-03-09T04:59:59Z", "2026-03-09T04:59:59+00:00", "2026-03-08"),
        (Source(), "2026-03-09T05:00:00Z", "2026-03-09T05:00:00+00:00", "2026-03-09"),
        (Source(NEW_YORK), "2026-01-06T05:30:00Z", "2026-01-06T05:30:00+00:00", "2026-01-05"),
        # a clock in New York: half past midnight there is still the day before in Chicago
        (Source(NEW_YORK), "2026-01-06T00:30:00", "2026-01-06T00:30:00-05:00", "2026-01-05"),
        (Source(NEW_YORK), "2026-01-06T01:00:00", "2026-01-06T01:00:00-05:00", "2026-01-06"),
        # the same clock, with a Z or an offset behind it that is none
        (EAST, "2026-01-06T00:30:00Z", "2026-01-06T00:30:00-05:00", "2026-01-05"),
        (EAST, "2026-01-06T01:00:00Z", "2026-01-06T01:00:00-05:00", "2026-01-06"),
        (EAST, "2026-03-08T03:00:00+00:00", "2026-03-08T03:00:00-04:00", "2026-03-08"),
        # at a facility with a zone of its own that zone decides
        (Source(site="East"), "2026-01-06T04:59:59Z", "2026-01-06T04:59:59+00:00", "2026-01-05"),
        (Source(site="East"), "2026-01-06T05:00:00Z", "2026-01-06T05:00:00+00:00", "2026-01-06"),
        (Source(NEW_YORK, site="East"), "2026-01-06T00:30:00", "2026-01-06T00:30:00-05:00", "2026-01-06"),
        (Source(site="Guam"), "2026-01-06T14:00:00Z", "2026-01-06T14:00:00+00:00", "2026-01-07"),
    ],
)
def test_the_facility_decides_the_day_of_every_import(
    tmp_path: Path, house: EventLog, write: Write, source: Source, at: str, own: str, day: str
) -> None:
    assert said_by_each(house, write, tmp_path, source, at) == [[(own, day)]] * 3


@pytest.mark.parametrize(
    ("at", "said"), [("2026-03-08T02:30:00Z", "02:30 does not exist"), ("2025-11-02T01:30:00Z", "01:30 on 2025-11-02")]
)
def test_a_clock_never_showed_it_or_showed_it_twice(here: Store, write: Write, at: str, said: str) -> None:
    result = import_file(here.log, str(write(line(occurred_at=at))), source=EAST)
    assert [reason.partition(":")[0] for reason in result.reasons] == ["occurred_at"]
    given = stay(period={"start": at, "end": "2026-04-20T09:00:00Z"})
    here.take(patient(), given, sending=Sending(source=EAST))
    assert said in here.left["Encounter/e1"]


def test_a_line_says_its_own_facility(house: EventLog, write: Write) -> None:
    given = [line("a", site="Guam"), line("b", site=""), line("c")]
    import_file(house, str(write(*given)), source=Source(site="East"))
    assert [entry.meta.get("f") for entry in house.stream(house.client_id("A-1"))] == ["Guam", "East", "East"]


class TestDaysOfResources:
    """Days that FHIR writes as moments are those of the facility, and a bare day is itself."""

    @pytest.mark.parametrize(
        ("written", "day"),
        [("2026-03-01T05:59:00Z", "2026-02-28"), ("2026-03-01T12:00:00Z", "2026-03-01"), ("2026-03-01", "2026-03-01")],
    )
    def test_a_planned_end(self, here: Store, written: str, day: str) -> None:
        plan = about("CarePlan", "c", status="active", intent="plan", created="2026-01-06T10:00:00-05:00")
        here.take(patient(), plan | {"period": {"end": written}})
        assert _only(here, TreatmentPlanSet).planned_end_on == date.fromisoformat(day)

    @pytest.mark.parametrize(("written", "day"), [("2026-01-06T05:59:00Z", "2026-01-05"), ("2026-01-06", "2026-01-06")])
    def test_a_day_of_use(self, here: Store, written: str, day: str) -> None:
        here.take(patient(), _use(written))
        assert _only(here, UseReported).on == date.fromisoformat(day)

    @pytest.mark.parametrize("site", ["East", "Guam"])
    def test_a_bare_day_is_that_day_at_its_facility(self, here: Store, site: str) -> None:
        given = stay(period={"start": "2026-01-05", "end": "2026-01-20"}, serviceProvider={"display": site})
        here.take(patient(), given)
        [one] = here.chart.journey.stays
        days_of_it = [date.fromordinal(day).isoformat() for day in (one.start_day, one.end_day or 0)]
        assert days_of_it == ["2026-01-05", "2026-01-20"]


E = TypeVar("E", bound=Event)


def _only(here: Store, kind: type[E]) -> E:
    [event] = [entry.event for entry in here.chart.entries if isinstance(entry.event, kind)]
    return event


def _use(at: str) -> Resource:
    kind = {"coding": [{"system": "urn:carejourney:observation", "code": "use_reported"}]}
    return about("Observation", "u", status="final", code=kind, effectiveDateTime=at) | {
        "valueCodeableConcept": {"text": "alcohol"}
    }
