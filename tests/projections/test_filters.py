"""What a report may be asked: values that a filter cannot have are refused, and answer nothing by chance."""

from __future__ import annotations

import pytest

from infra.reporting.reports import REPORTS
from projections.columns import names
from projections.filters import FilterError, Filters, days_of
from tests.projections.telling import answers, starts

DUAL = [name for name, one in REPORTS.items() if "dual_diagnosis" in names(one.groups.get("", ()))]


@pytest.mark.parametrize("month", ["2026-13", "May", "", "0000-01", "9999-12", "2026-1"])
def test_a_month_that_there_is_not_is_refused(month: str) -> None:
    with pytest.raises(FilterError, match="is not a month: write it as 2026-01"):
        days_of(month)
    with pytest.raises(FilterError, match="is not a month"):
        Filters(where={"month": month}).checked(("level", "month"))


@pytest.mark.parametrize("report", DUAL)
def test_a_dual_diagnosis_is_yes_or_no(report: str) -> None:
    """Whatever else was written counted as no, and answered about the others."""
    with pytest.raises(FilterError, match="dual_diagnosis is yes or no, not 'Yes'"):
        answers(report, starts(10), where={"dual_diagnosis": "Yes"})
    answers(report, starts(10), where={"dual_diagnosis": "yes"})
