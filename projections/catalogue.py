"""Every read model, in the order in which people see them."""

from __future__ import annotations

from projections.abstinence.fold import MODEL as ABSTINENCE
from projections.base import ReadModel
from projections.status.fold import MODEL as STATUS
from projections.stays.fold import MODEL as STAYS

READ_MODELS: tuple[ReadModel, ...] = (STATUS, STAYS, ABSTINENCE)
