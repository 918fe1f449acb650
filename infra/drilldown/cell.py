"""Address of a cell: one number of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.reporting.kinds import ReportParams


@dataclass(frozen=True, slots=True)
class Cell:
    """A number: the report and what it was asked, the row by its names (``at``), and the number's own name."""

    report: str
    params: ReportParams
    number: str
    at: Mapping[str, str] = field(default_factory=dict[str, str])
