"""Which answers hold numbers that can point to single people."""

from __future__ import annotations

from typing import Any

import pytest

from infra.drilldown.small_numbers import has_small_numbers
from infra.reporting.kinds import ReportParams


@pytest.mark.parametrize(
    ("report", "params", "row", "is_small"),
    [
        ("status", ReportParams(), {"clients": 0}, False),
        ("status", ReportParams(), {"clients": 1}, True),
        ("status", ReportParams(), {"clients": 10}, True),
        ("status", ReportParams(), {"clients": 11}, False),
        ("completion", ReportParams(), {"discharges": 40, "completed": 30, "completion_rate": 0.75, "died": 3}, True),
        ("completion", ReportParams(show="lengths"), {"discharges": 40, "days_median": 9}, False),
        ("retention", ReportParams(), {"stays": 40, "ended": 20, "median_days": 5}, False),
        ("comparison", ReportParams(), {"first_numerator": 20, "second_numerator": 2}, True),
        ("worklist", ReportParams(), {"client": "A-1", "days_in_level": 3}, False),
        ("status", ReportParams(per_client=True), {"client": "A-1", "day": 3}, False),
    ],
)
def test_counts_of_one_to_ten(report: str, params: ReportParams, row: dict[str, Any], is_small: bool) -> None:
    assert has_small_numbers(report, params, [row]) == is_small
    assert not has_small_numbers(report, params, [])
