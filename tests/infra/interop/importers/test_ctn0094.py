"""The real CTN-0094 tables: every row accounted for, every pattern and endpoint as the investigators have it."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

import orjson
import pytest

from domain.entries import Entry, Meta, microseconds
from domain.events import CATALOGUE
from infra.interop.importers.ctn0094 import Account, Line, Tables, lines, read_tables
from projections.abstinence.fold import fold
from projections.abstinence.measures import BUILT_IN, evaluate_all
from projections.chart import Chart
from tests import real_tables
from tests.day import UTC_DAYS

DAY_ZERO = date(2012, 1, 2)
FOLDS_NEED = {
    "LevelOfCareStarted",
    "LevelOfCareEnded",
    "MedicationStarted",
    "TreatmentPlanSet",
    "DrugScreenResulted",
}

# table: (rows in, rows used, rows merged into an event that other rows made, rows left over)
ROWS = {
    "everybody": (3560, 3560, 3560, 0),
    "site_masked": (3560, 3560, 3560, 0),
    "demographics": (3560, 3560, 0, 0),
    "screening_date": (3430, 3207, 0, 223),
    "randomization": (4691, 2852, 0, 1839),
    "detox": (1316, 1310, 0, 6),
    "visit": (53899, 41160, 0, 12739),
    "uds": (42906, 42906, 17438, 0),
    "uds_temp": (36680, 35876, 35876, 804),
    "treatment": (216242, 216238, 0, 4),
    "tlfb": (237778, 237778, 0, 0),
    "withdrawal": (14983, 14978, 0, 5),
    "first_survey": (3453, 0, 0, 3453),
    "meta_study_length": (16, 0, 0, 16),
    "meta_substance_groups_uds": (13, 0, 0, 13),
}
EVENTS = {
    "ClientDetailsUpdated": 3560,
    "AssessmentCompleted": 3207,
    "LevelOfCareStarted": 2492 + 657,
    "LevelOfCareEnded": 653 + 32,
    "MedicationStarted": 2492,
    "TreatmentPlanSet": 360,
    "SessionAttended": 41002,
    "SessionMissed": 158,
    "DrugScreenResulted": 25468 + 17578,
    "MedicationGiven": 216238,
    "UseReported": 237778,
    "InstrumentScored": 14978,
}
# SHA-256 over "who:pattern" lines by rising number, of the 2,492 patterns that the investigators publish
# (derived_weeklyOpioidPattern of the R package public.ctn0094extra, phases joined).
PUBLISHED_PATTERNS = "ec18269c9a91906d054726db967b52b69cc45cc76c9ef2c45b1720791ae59820"
# Sum over the 2,492 people of each endpoint's value and, for (week, event), of its events, by the rules of
# the investigators' package CTNote applied to the published patterns.
ENDPOINT_SUMS = {
    "negative_weeks": (21106, 0),
    "percent_negative": (873.9481525453083, 0),
    "three_consecutive_negative": (1405, 0),
    "four_consecutive_negative": (1152, 0),
    "longest_abstinence": (11566, 0),
    "longest_abstinence_observed": (16556, 0),
    "abstinent_from_week_5": (120, 0),
    "negative_weeks_from_week_5": (9859, 0),
    "end_of_treatment_ctn0094": (648, 0),
    "end_of_treatment_ctn0030": (253, 0),
    "first_use": (6863, 2477),
    "first_use_observed": (22340, 1779),
    "relapse_ctn0094": (23756, 1836),
    "relapse_ctn0051": (26535, 1805),
    "relapse_three_weeks": (20551, 2015),
    "relapse_two_of_four": (14655, 2362),
    "relapse_from_week_4": (2174, 0),
    "relapse_three_consecutive": (2015, 0),
    "dropout_ctn0094": (36162, 1286),
    "retention": (40257, 0),
}


@pytest.fixture(scope="module")
def directory() -> Path:
    return real_tables.needed()


@pytest.fixture(scope="module")
def tables(directory: Path) -> Tables:
    return read_tables(directory)


class Digest:
    """The SHA-256 of lines as JSON, and how many event ids they have."""

    def __init__(self) -> None:
        self._found = hashlib.sha256()
        self._ids: set[str] = set()

    def add(self, chart: list[Line]) -> None:
        self._found.update(orjson.dumps(chart))
        self._ids.update(line["event_id"] for line in chart)

    def end(self) -> tuple[str, int]:
        return self._found.hexdigest(), len(self._ids)


@dataclass
class Run:
    """What one run over the tables made."""

    account: Account = field(default_factory=Account)
    made: Counter[str] = field(default_factory=Counter[str])
    people: list[str] = field(default_factory=list[str])
    disordered: list[str] = field(default_factory=list[str])
    patterns: dict[int, str] = field(default_factory=dict[int, str])
    digest: Digest = field(default_factory=Digest)


@pytest.fixture(scope="module")
def run(tables: Tables) -> Run:
    """One run, each chart looked at as it is made; the pattern of a person is by the read model's fold."""
    found = Run()
    for chart in lines(tables, DAY_ZERO, found.account):
        client, times = chart[0]["client"], [line["occurred_at"] for line in chart]
        found.people.append(client)
        found.made.update(line["type"] for line in chart)
        found.disordered += [client] if times != sorted(times) else []
        for line in chart:
            CATALOGUE.parse(line["type"], line["data"])  # each is an event of the catalogue
        found.digest.add(chart)
        rows = fold(Chart("", len(chart), entries(chart))).get("pattern", [])
        assert len(rows) <= 1
        found.patterns |= {int(client.removeprefix("ctn0094-")): str(row[8]) for row in rows}
    return found


@pytest.fixture(scope="module")
def patterns(run: Run) -> dict[int, str]:
    return run.patterns


def entries(chart: list[Line]) -> list[Entry]:
    """The recorded entries that lines of the types that patterns need would become."""
    needed = [line for line in chart if line["type"] in FOLDS_NEED]
    return [entry(place, line) for place, line in enumerate(needed, start=1)]


def entry(place: int, line: Line) -> Entry:
    at = microseconds(datetime.fromisoformat(line["occurred_at"]))
    meta: Meta = {"i": line["event_id"].replace("-", ""), "a": at, "r": at}
    return Entry("", place, place, meta, CATALOGUE.parse(line["type"], line["data"]), UTC_DAYS)


def test_every_row_of_every_table_is_used_or_left_over(run: Run) -> None:
    account = run.account
    assert {one.table: (one.rows, one.used, one.merged, one.left_over) for one in account.tables()} == ROWS
    assert run.made == account.events() == EVENTS
    for one in account.tables():
        assert one.rows == one.used + one.left_over
        assert one.left_over == sum(one.reasons.values())
    reasons = {(one.table, reason): n for one in account.tables() for reason, n in one.reasons.items()}
    assert reasons["visit", "no day"] == 10818
    assert reasons["visit", "visit without an outcome"] == 1921
    assert reasons["treatment", "not randomised: which drug is not known"] == 4
    assert reasons["uds_temp", "temperature of a day without a screen"] == 798


def test_the_rows_counted_are_the_lines_of_the_files(tables: Tables, directory: Path) -> None:
    for table in tables.all():
        with gzip.open(directory / f"{table.name}.csv.gz", "rb") as file:
            assert sum(1 for _ in file) - 1 == table.count == ROWS[table.name][0]


def test_a_second_run_makes_the_same_lines_each_with_an_id_of_its_own(tables: Tables, run: Run) -> None:
    again = Digest()
    for chart in lines(tables, DAY_ZERO):
        again.add(chart)
    assert run.digest.end() == again.end()
    assert again.end()[1] == sum(EVENTS.values())


def test_every_line_is_an_event_of_the_catalogue_in_clinical_order(run: Run) -> None:
    assert run.disordered == []
    assert run.people == [f"ctn0094-{who}" for who in range(1, 3561)]


def test_all_2492_weekly_patterns_are_the_published_ones(patterns: dict[int, str]) -> None:
    assert len(patterns) == 2492
    text = "".join(f"{who}:{pattern}\n" for who, pattern in sorted(patterns.items()))
    assert hashlib.sha256(text.encode()).hexdigest() == PUBLISHED_PATTERNS


def test_all_2492_weekly_patterns_agree_with_a_second_writing_of_the_rule(
    patterns: dict[int, str], directory: Path
) -> None:
    assert patterns == patterns_word_for_word(directory)


def test_every_endpoint_of_the_2492_sums_to_the_published_one(patterns: dict[int, str]) -> None:
    sums = {measure.id: (0.0, 0) for measure in BUILT_IN}
    for pattern in patterns.values():
        for measure, result in zip(BUILT_IN, evaluate_all(pattern), strict=True):
            value, events = sums[measure.id]
            sums[measure.id] = (value + float(result.value), events + (result.event or 0))
    assert sums.keys() == ENDPOINT_SUMS.keys()
    for measure, (value, events) in ENDPOINT_SUMS.items():
        assert sums[measure] == (pytest.approx(value), events), measure


@cache
def patterns_word_for_word(directory: Path) -> dict[int, str]:
    """The weekly patterns straight from the tables, with nothing of the product."""

    def rows(name: str) -> list[dict[str, str]]:
        with gzip.open(directory / f"{name}.csv.gz", "rt", newline="") as file:
            return list(csv.DictReader(file))

    project = {row["who"]: row["project"] for row in rows("everybody")}
    start: dict[str, int] = {}
    expected: dict[str, str] = {}
    planned: dict[str, int] = {}
    for row in sorted(rows("randomization"), key=lambda row: row["which"]):
        who, when = row["who"], int(row["when"])
        if row["which"] == "1":
            start[who] = when
            planned[who] = when + 98 if project[who] == "30" else 168
            expected[who] = "Buprenorphine" if "BUP" in row["treatment"] else row["treatment"]
        elif project[who] == "30":
            planned[who] = when + 168
    used: defaultdict[str, set[int]] = defaultdict(set)
    clean: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows("uds"):
        if row["who"] in start and row["what"] in {"Opioid", "Methadone", "Buprenorphine"} - {expected[row["who"]]}:
            used[row["who"]].add(int(row["when"]))
    for row in rows("visit"):
        if row["when"] and row["what"] in ("visit", "final"):
            clean[row["who"]].add(int(row["when"]))

    def week(who: str, first: int) -> str:
        days = set(range(first, min(first + 6, planned[who]) + 1))
        shows = bool(days & used[who]), bool(days & (clean[who] - used[who]))
        return {(True, False): "+", (False, True): "-", (True, True): "*", (False, False): "o"}[shows]

    return {
        int(who): "".join(week(who, first) for first in range(start[who] + 1, planned[who] + 1, 7)) for who in start
    }
