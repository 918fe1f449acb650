"""Who may open which page: the pages' part of the one table."""

from __future__ import annotations

from api.http.access import AREAS, UNSUPPRESSED_ROLES as UNSUPPRESSED_ROLES
from domain.vocabulary import Role

CHART_ROLES: frozenset[Role] = AREAS["charts"]
DASHBOARD_ROLES: frozenset[Role] = AREAS["reports"]
OPERATION_ROLES: frozenset[Role] = AREAS["projections"]
