"""Dependencies of reports: the read models that each one reads."""

from __future__ import annotations

from collections.abc import Sequence

from projections.base import ReadModel
from projections.catalogue import READ_MODELS

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


def models_of(report: str) -> Sequence[ReadModel]:
    """What a report of this name reads, whatever it is asked."""
    names = _READS.get(report, (report,))
    return [model for model in READ_MODELS if model.name in names] or READ_MODELS
