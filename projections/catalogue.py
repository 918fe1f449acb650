"""Every read model, in the order in which people see them."""

from __future__ import annotations

from projections.abstinence.fold import MODEL as ABSTINENCE
from projections.agenda.fold import MODEL as AGENDA
from projections.agreement.fold import MODEL as AGREEMENT
from projections.attendance.fold import MODEL as ATTENDANCE
from projections.base import ReadModel
from projections.flow.fold import MODEL as FLOW
from projections.followback.fold import MODEL as FOLLOWBACK
from projections.outcomes.fold import MODEL as OUTCOMES
from projections.prevalence.fold import MODEL as PREVALENCE
from projections.provider.fold import MODEL as PROVIDER
from projections.quality.fold import MODEL as QUALITY
from projections.status.fold import MODEL as STATUS
from projections.stays.fold import MODEL as STAYS
from projections.time_to_event.fold import MODEL as TIME_TO_EVENT

READ_MODELS: tuple[ReadModel, ...] = (
    STATUS,
    STAYS,
    ABSTINENCE,
    FLOW,
    ATTENDANCE,
    QUALITY,
    PREVALENCE,
    FOLLOWBACK,
    AGREEMENT,
    OUTCOMES,
    TIME_TO_EVENT,
    AGENDA,
    PROVIDER,
)

CLIENT_MODELS: tuple[ReadModel, ...] = tuple(model for model in READ_MODELS if not model.provider)
"""Those that hold rows of clients."""
