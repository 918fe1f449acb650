"""Medication in the real CTN-0094 tables: how long it was given, who was ever dosed, and no figure from an absence."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.entries import Entry, Meta, microseconds
from domain.events import CATALOGUE, MedicationStarted
from infra.interop.importers.ctn0094 import Line, lines, read_tables
from projections.chart import Chart
from projections.clinical.coverage import coverage
from projections.quality.fold import fold
from projections.quality.tables import QUALITY
from tests import real_tables
from tests.day import UTC_DAYS
from tests.depth import nightly

pytestmark = nightly  # test_ctn0094 reads the whole tables by day

DAY_ZERO = date(2012, 1, 2)
# Each day of a timeline follow-back says that the client told of it, and changes nothing here: they are most entries.
LEFT_OUT = {"UseReported", "ClientDetailsUpdated"}
METHADONE, BUPRENORPHINE = ("27", "Methadone"), ("27", "Outpatient BUP")
Arm = tuple[str, str]


@pytest.fixture(scope="module")
def directory() -> Path:
    return real_tables.needed()


@pytest.fixture(scope="module")
def charts(directory: Path) -> dict[str, Chart]:
    """The imported journey of each person, by their number in the tables."""
    return {
        chart[0]["client"].removeprefix("ctn0094-"): journey(chart) for chart in lines(read_tables(directory), DAY_ZERO)
    }


def journey(chart: list[Line]) -> Chart:
    told = [line for line in chart if line["type"] not in LEFT_OUT]
    found: list[Entry] = []
    for place, line in enumerate(told, start=1):
        at = microseconds(datetime.fromisoformat(line["occurred_at"]))
        meta: Meta = {"i": line["event_id"].replace("-", ""), "a": at, "r": at}
        found.append(Entry("", place, place, meta, CATALOGUE.parse(line["type"], line["data"]), UTC_DAYS))
    return Chart("", len(found), found)


def rows_of(directory: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(directory / f"{name}.csv.gz", "rt", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def arms(directory: Path) -> dict[str, Arm]:
    """(study, arm) of each person who was randomised."""
    study = {row["who"]: row["project"] for row in rows_of(directory, "everybody")}
    firsts = [
        row for row in rows_of(directory, "randomization") if row["which"] == "1" and row["when"] not in ("", "NA")
    ]
    return {row["who"]: (study[row["who"]], row["treatment"]) for row in firsts}


@pytest.fixture(scope="module")
def quality(charts: dict[str, Chart], arms: dict[str, Arm]) -> list[dict[str, Any]]:
    """The rows of quality of everybody who was randomised, with their arm."""
    names = [column.name for column in QUALITY.columns]
    return [
        dict(zip(names, row, strict=True)) | {"arm": arms[who]}
        for who, chart in charts.items()
        if who in arms
        for row in fold(chart)["quality"]
    ]


def states(quality: list[dict[str, Any]], measure: str, arm: Arm) -> Counter[str]:
    return Counter(row["state"] for row in quality if row["measure"] == measure and row["arm"] == arm)


def last_days(charts: dict[str, Chart], arms: dict[str, Arm], arm: Arm) -> Iterator[int]:
    """The last covered day of each person of an arm, from the day of randomisation; -1 for who has none."""
    for who, own in arms.items():
        if own == arm:
            chart = charts[who]
            [start] = [entry.day for entry, _ in chart.events(MedicationStarted)]
            doses = [span.end - 1 for span in coverage(chart) if span.entry.type == "MedicationGiven"]
            yield max(doses, default=start - 1) - start


def test_two_arms_of_ctn0027_by_the_last_day_with_a_dose(charts: dict[str, Chart], arms: dict[str, Arm]) -> None:
    """A trial of 24 weeks: doses up to week 22 or longer in 394 of 529 on methadone and 343 of 740 on buprenorphine."""
    for arm, people, late in ((METHADONE, 529, 394), (BUPRENORPHINE, 740, 343)):
        last = list(last_days(charts, arms, arm))
        assert (len(last), sum(day >= 154 for day in last)) == (people, late)


def dosed_days(directory: Path) -> dict[str, list[int]]:
    """The days with a dose of each person, straight from the table."""
    found: dict[str, list[int]] = {}
    for row in rows_of(directory, "treatment"):
        if row["when"] not in ("", "NA"):
            found.setdefault(row["who"], []).append(int(row["when"]))
    return {who: sorted(days) for who, days in found.items()}


def has_180_days(days: list[int]) -> bool:
    first = before = days[0]
    for day in days:
        first = day if day - before > 8 else first  # seven whole days without lie between two that are eight apart
        before = day
        if day - first >= 179:
            return True
    return False


def test_180_days_in_ctn0027_are_those_of_the_doses(
    quality: list[dict[str, Any]], arms: dict[str, Arm], directory: Path
) -> None:
    """CBE 3175: 180 days without a gap of more than seven. The trial lasted 168, so that few came so far; who has no dose
    is unknown, or rests on a prescription without a stop, which the row says.
    """
    plain = Counter(arms[who] for who, days in dosed_days(directory).items() if who in arms and has_180_days(days))
    for arm, people, long, by_order, unknown in ((METHADONE, 529, 59, 0, 9), (BUPRENORPHINE, 740, 39, 2, 11)):
        assert plain[arm] == long
        found = states(quality, "medication_180", arm)
        assert found == {"met": long + by_order, "unmet": people - long - by_order - unknown, "unknown": unknown}
        of_arm = [row for row in quality if (row["measure"], row["arm"]) == ("medication_180", arm)]
        resting = [row for row in of_arm if row["open_prescription"]]
        assert Counter(row["state"] for row in resting) == Counter({"met": by_order, "unknown": unknown})


def test_no_arm_of_any_trial_has_all_of_180_days(quality: list[dict[str, Any]], arms: dict[str, Arm]) -> None:
    """Nobody's stay was ended in two of the trials: a prescription that lasts with the stay would be 100 %."""
    for measure in ("medication_180", "pod_180"):
        for arm in set(arms.values()):
            found = states(quality, measure, arm)
            assert found["met"] < 0.25 * (found["met"] + found["unmet"]), (measure, arm)


def test_who_was_never_dosed_and_came_on_rests_on_an_open_prescription(quality: list[dict[str, Any]]) -> None:
    """CTN-0051, naltrexone: 7 have 180 days by injections; 49 more by their prescription alone, and the row says so."""
    own = [row for row in quality if row["measure"] == "medication_180" and row["arm"] == ("51", "Inpatient NR-NTX")]
    assert Counter(row["open_prescription"] for row in own if row["state"] == "met") == {0: 7, 1: 49}


def test_ever_dosed_in_each_arm_is_what_the_tables_say(
    quality: list[dict[str, Any]], arms: dict[str, Arm], directory: Path
) -> None:
    """CTN-0051 reports induction by arm: 204 of 283 on extended-release naltrexone, 270 of 287 on buprenorphine."""
    randomised = Counter(arms.values())
    dosed = Counter(arms[who] for who in dosed_days(directory) if who in arms)
    assert (dosed["51", "Inpatient NR-NTX"], randomised["51", "Inpatient NR-NTX"]) == (204, 283)
    assert (dosed["51", "Inpatient BUP"], randomised["51", "Inpatient BUP"]) == (270, 287)
    for arm, people in randomised.items():
        found = states(quality, "ever_dosed", arm)
        assert (found["met"], found.total(), found["unknown"]) == (dosed[arm], people, 0)
