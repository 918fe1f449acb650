"""Who may open which page."""

from __future__ import annotations

from domain.vocabulary import Role

CHART_ROLES: frozenset[Role] = frozenset({"clinician", "intake", "auditor"})
DASHBOARD_ROLES: frozenset[Role] = frozenset({"clinician", "intake", "auditor", "reporting", "admin"})
OPERATION_ROLES: frozenset[Role] = frozenset({"admin", "auditor"})
UNSUPPRESSED_ROLES: frozenset[Role] = frozenset({"clinician", "auditor"})
