"""Time to event of the real clients, against lifelines on the tables as they are, read without the importer."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from infra.bootstrap import Services
from infra.reporting.reports import ReportParams, run_report
from projections.statistics import kaplan_meier
from projections.time_to_event.definition import Endpoint
from tests import real_tables
from tests.depth import LONG
from tests.infra.interop.importers.test_ctn0094 import patterns_word_for_word
from tests.research.ctn0094_page import ARMS, DAY_ZERO, ONE_IN, dropout, times

# lifelines has no types.
LIFELINES: Any = import_module("lifelines")
Days = dict[str, list[int]]


@cache
def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(real_tables.needed() / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("when", "") not in {"", "NA"}]


@cache
def days_of(name: str, *whats: str) -> Days:
    found: Days = defaultdict(list)
    for row in rows(name):
        if not whats or row["what"] in whats:
            found[row["who"]].append(int(row["when"]))
    return found


@pytest.fixture(scope="module")
def randomized() -> dict[str, tuple[str, int]]:
    """By person who is in the read models, the arm and the day of the first randomisation."""
    found: dict[str, tuple[str, int]] = {}
    for row in rows("randomization"):
        if row["which"] == "1" and int(row["who"]) % ONE_IN == 0:
            found.setdefault(row["who"], (row["treatment"], int(row["when"])))
    return found


def after(days: Days, who: str, start: int) -> list[int]:
    return [day - start for day in days.get(who, []) if day >= start]


def curve(services: Services, event: str, arm: str, **more: Any) -> list[dict[str, Any]]:
    endpoint = Endpoint("randomization", event, **more)
    params = ReportParams(by=("all",), where={"program": arm}, show="curve", endpoint=endpoint)
    return run_report("time-to-event", services, params)


def assert_same(found: list[dict[str, Any]], durations: list[int], events: list[bool]) -> None:
    """The same event table as lifelines', and its curve to the last digit that it has."""
    fitted = LIFELINES.KaplanMeierFitter().fit(durations, events)
    table = fitted.event_table
    assert [row["day"] for row in found] == [int(day) for day in table.index]
    for ours, theirs in (("at_risk", "at_risk"), ("events", "observed"), ("censored", "censored")):
        assert [row[ours] for row in found] == list(table[theirs])
    curve = list(fitted.survival_function_["KM_estimate"])
    assert [row["survival"] for row in found] == pytest.approx(curve, rel=0, abs=1e-13)


@pytest.mark.parametrize("arm", ARMS)
def test_first_dose(trials: Services, randomized: dict[str, tuple[str, int]], arm: str) -> None:
    doses = days_of("treatment")
    firsts = [min(after(doses, who, day), default=None) for who, (own, day) in randomized.items() if own == arm]
    followed = [(trials.today().toordinal() - _ordinal(day)) for _, (own, day) in randomized.items() if own == arm]
    durations = [until if first is None else first for first, until in zip(firsts, followed, strict=True)]
    assert_same(curve(trials, "medication_given", arm), durations, [first is not None for first in firsts])


def _ordinal(day: int) -> int:
    return DAY_ZERO.toordinal() + day


@pytest.mark.parametrize("arm", ARMS)
def test_first_positive_screen(trials: Services, randomized: dict[str, tuple[str, int]], arm: str) -> None:
    """What the arm prescribes is expected; who has none counts to the last visit, screen, dose, score or report."""
    expected = "Buprenorphine" if "BUP" in arm else "Methadone" if arm == "Methadone" else ""
    whats = {row["what"] for row in rows("uds")} - {expected, "Nicotine"}
    screens = days_of("uds", *whats)
    contacts = (
        days_of("visit", "visit", "final"),
        days_of("uds"),
        days_of("treatment"),
        days_of("tlfb"),
        days_of("withdrawal"),
    )
    durations: list[int] = []
    events: list[bool] = []
    for who, (own, start) in randomized.items():
        if own == arm:
            first = min(after(screens, who, start), default=None)
            seen = [day for table in contacts for day in after(table, who, start)]
            durations.append(max(seen, default=0) if first is None else first)
            events.append(first is not None)
    assert_same(curve(trials, "positive_screen", arm), durations, events)


def test_last_dose_154_days_after_randomisation_or_later(trials: Services) -> None:
    """The two arms of CTN-0027, whose treatment lasted 24 weeks."""
    found = times(trials, "last_dose", (154,))
    kept = {arm: (row["at_risk_154"], row["clients"]) for arm, row in found.items()}
    assert (kept["Methadone"], kept["Outpatient BUP"]) == (
        ((394, 529), (343, 740)) if LONG else ((108, 136), (92, 169))
    )
    assert all(0 < row["share_154"] < 1 for row in found.values())


@pytest.mark.parametrize("arm", ARMS)
def test_dropout(trials: Services, randomized: dict[str, tuple[str, int]], arm: str) -> None:
    """Four weeks in a row without a screen, on the patterns that a second writing of the rule makes of the tables."""
    patterns = patterns_word_for_word(real_tables.needed())
    own = [patterns[int(who)] for who, (its, _) in randomized.items() if its == arm]
    firsts = [pattern.find("oooo") for pattern in own]
    weeks = [len(pattern) - 3 if first < 0 else first + 1 for first, pattern in zip(firsts, own, strict=True)]
    fitted = LIFELINES.KaplanMeierFitter().fit(weeks, [first >= 0 for first in firsts])
    found = kaplan_meier(dropout(trials)[arm])
    table = fitted.event_table[fitted.event_table["observed"] > 0]
    assert found.days == [int(week) for week in table.index]
    assert found.at_risk == list(table["at_risk"])
    assert found.events == list(table["observed"])
    expected = [float(fitted.predict(week)) for week in found.days]
    assert found.survival == pytest.approx(expected, rel=0, abs=1e-13)
