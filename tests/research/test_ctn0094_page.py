"""What docs/ctn0094.md says is what the product gives of the real clients, and its curves and tests are those of other libraries.

By day all of it is asked of one person in four, whose page is kept beside (``one_in_four.txt``); by night of everybody.
"""

from __future__ import annotations

import warnings
from collections import Counter
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy import stats

from infra.bootstrap import Services
from infra.reporting.reports import ReportParams, run_report
from projections.retention.queries import MILESTONES, durations
from projections.statistics import kaplan_meier, log_rank
from tests.depth import cases
from tests.research.ctn0094_page import ARMS, LEVEL, ONE_IN, PAGES, STUDIES, WEEKS, dropout, page

# lifelines has no types.
LIFELINES: Any = import_module("lifelines")
LIFELINES_STATISTICS: Any = import_module("lifelines.statistics")
Histogram = Counter[tuple[int, int]]


def test_the_page_is_what_the_product_gives(trials: Services) -> None:
    assert PAGES[ONE_IN].read_text(encoding="utf-8") == page(trials), "run python -m tests.research.ctn0094_page"


def test_every_randomised_person_is_in_one_arm(trials: Services) -> None:
    found = dropout(trials)
    assert set(found) == set(ARMS)
    assert sum(counts.total() for counts in found.values()) == cases(603, 2492)


def people(counts: Histogram) -> tuple[np.ndarray, np.ndarray]:
    """Times and events, one a person."""
    one_by_one = list(counts.elements())
    return np.array([time for time, _ in one_by_one]), np.array([event for _, event in one_by_one], dtype=bool)


def censored(counts: Histogram) -> stats.CensoredData:
    times, events = people(counts)
    return stats.CensoredData(uncensored=times[events], right=times[~events])


@pytest.mark.parametrize("arm", ARMS)
def test_curve_and_bands_are_those_of_lifelines_and_scipy(trials: Services, arm: str) -> None:
    counts = dropout(trials)[arm]
    ours = kaplan_meier(counts)
    times, events = people(counts)
    theirs = LIFELINES.KaplanMeierFitter().fit(times, events)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)  # once nobody is left
        bands: Any = stats.ecdf(censored(counts)).sf.confidence_interval(0.95, method="log-log")
    for week in WEEKS:
        point = ours.at(week)
        assert point.survival == pytest.approx(float(theirs.predict(week)))
        assert (point.low, point.high) == (
            pytest.approx(float(bands.low.evaluate(week))),
            pytest.approx(float(bands.high.evaluate(week))),
        )


@pytest.mark.parametrize("study", STUDIES)
def test_log_rank_is_that_of_lifelines_and_scipy(trials: Services, study: str) -> None:
    one, other = (dropout(trials)[arm] for arm in STUDIES[study])
    ours = log_rank(one, other)
    assert ours is not None
    (times, events), (other_times, other_events) = people(one), people(other)
    theirs = LIFELINES_STATISTICS.logrank_test(times, other_times, events, other_events)
    scipys = stats.logrank(censored(one), censored(other))
    assert ours.statistic == pytest.approx(theirs.test_statistic) == pytest.approx(scipys.statistic**2)
    assert ours.p_value == pytest.approx(theirs.p_value) == pytest.approx(scipys.pvalue)


def test_retention_of_stays_is_that_of_lifelines(trials: Services) -> None:
    params = ReportParams(by=("program",), where=LEVEL)
    with trials.reads.reading() as connection:
        found = {group[0]: counts for group, counts in durations(connection, params.filters(()), trials.today())}
    for row in run_report("retention", trials, params):
        theirs = LIFELINES.KaplanMeierFitter().fit(*people(found[row["program"]]))
        assert [row[f"retained_{day}"] for day in MILESTONES] == pytest.approx(list(theirs.predict(list(MILESTONES))))
