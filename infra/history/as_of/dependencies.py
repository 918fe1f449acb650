"""Dependencies of reports: the read models that each one reads, and each question of it."""

from __future__ import annotations

from collections.abc import Sequence

from infra.reporting.reports import ReportParams
from projections.base import ReadModel
from projections.catalogue import READ_MODELS
from projections.retention.queries import OPEN_UNTIL_TODAY, endpoint_of

# Where a report is not named like the one read model that it reads. A report that is in neither gets them all.
_READS: dict[str, tuple[str, ...]] = {
    "worklist": ("status",),
    "arrivals": ("agenda",),
    "handoffs": ("agenda",),
    "census": ("stays", "provider"),
    "completion": ("stays",),
    "retention": ("stays", "time_to_event"),
    "time-to-event": ("time_to_event",),
}


def models_of(*reports: str) -> Sequence[ReadModel]:
    """What reports of these names read, whatever they are asked."""
    names = {name for report in reports for name in _READS.get(report, (report,))}
    if not names <= {model.name for model in READ_MODELS}:
        return READ_MODELS
    return [model for model in READ_MODELS if model.name in names]


def models_asked(report: str, params: ReportParams) -> Sequence[ReadModel]:
    """What one question of a report reads: stays alone tell who is retained, unless it is until the last contact."""
    if report == "retention" and endpoint_of(params.endpoint) == OPEN_UNTIL_TODAY:
        return models_of("completion")
    return models_of(report)
