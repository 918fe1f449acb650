"""Who may do what: the one table from areas of the API to roles. Every route names its area.

reporting sees aggregates and no client rows; auditor writes nothing; admin sees no clinical content.
"""

from __future__ import annotations

from domain.commands import RECORDING
from domain.vocabulary import Role

INTAKE_COMMANDS = frozenset(
    {
        "register-client",
        "update-details",
        "receive-referral",
        "give-consent",
        "revoke-consent",
        "verify-coverage",
        "deny-coverage",
        "complete-assessment",
    }
)
AMENDING_COMMANDS = ("transfer", "correct", "retract", "merge")

ROLES: tuple[Role, ...] = ("intake", "clinician", "auditor", "reporting", "admin")

AREAS: dict[str, frozenset[Role]] = {
    "charts": frozenset({"intake", "clinician", "auditor"}),
    "history": frozenset({"clinician", "auditor"}),
    "reports": frozenset({"intake", "clinician", "auditor", "reporting", "admin"}),
    "client-rows": frozenset({"clinician", "auditor"}),
    "projections": frozenset({"auditor", "admin"}),
    "group-sessions": frozenset({"clinician"}),
    **{
        f"command:{name}": frozenset({"intake", "clinician"} if name in INTAKE_COMMANDS else {"clinician"})
        for name in (*RECORDING, *AMENDING_COMMANDS)
    },
}

# In everybody else's reports, groups too small to be anonymous are hidden.
UNSUPPRESSED_ROLES: frozenset[Role] = frozenset({"clinician", "auditor"})


def may(role: str, area: str) -> bool:
    """Whether a role may use an area.

    Raises:
        KeyError: no such area.
    """
    return role in AREAS[area]
