"""Reports as of a recorded time."""

from __future__ import annotations

from datetime import datetime

from infra.history.as_of.dependencies import models_asked
from infra.history.as_of.store import Progress
from infra.history.context import HasPast
from infra.reporting.reports import ReportParams, Rows, run_report


def report_at(
    services: HasPast,
    name: str,
    params: ReportParams,
    at: datetime,
    progress: Progress | None = None,
    until: int | None = None,
) -> Rows:
    """The report as it was answered at ``at`` (aware); a moment to come is now.

    With ``until``, from the log up to that position.

    Raises:
        FilterError: no such report, or something that it cannot answer.
    """
    with services.past.at(at, models_asked(name, params), progress, until) as then:
        return run_report(name, then, params)
