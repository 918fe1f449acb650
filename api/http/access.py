"""Who may do what: the one table from areas of API and pages to roles. Every route is in it, or is not answered.

reporting sees aggregates and no client rows; auditor writes nothing; admin sees no clinical content.
"""

from __future__ import annotations

from domain.commands import RECORDING
from domain.vocabulary import Role
from infra.access.people import ROLES as ROLES

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


AREAS: dict[str, frozenset[Role]] = {
    "charts": frozenset({"intake", "clinician", "auditor"}),
    "history": frozenset({"clinician", "auditor"}),
    "break-glass": frozenset({"intake", "clinician"}),
    "disclosures": frozenset({"auditor"}),
    "access-review": frozenset({"auditor"}),
    "audit": frozenset({"auditor"}),
    "fhir": frozenset({"clinician", "auditor"}),
    "erasure": frozenset({"admin"}),
    "reports": frozenset(ROLES),
    "definitions": frozenset(ROLES),
    "live": frozenset(ROLES),
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
