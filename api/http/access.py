"""Who may do what: the one table from areas of API and pages to roles. Every route is in it, or is not answered.

analyst sees every number and no client; reporting sees publications only; auditor writes nothing; admin sees no
clinical content.
"""

from __future__ import annotations

from domain.commands import RECORDING
from domain.provider import DEFINING
from domain.vocabulary import Role
from infra.identity.people import ROLES as ROLES

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
        "schedule-appointment",
        "reschedule-appointment",
        "cancel-appointment",
        "plan-arrival",
    }
)
AMENDING_DEFINITIONS = ("correct-definition", "retract-definition")
AMENDING_COMMANDS = ("transfer", "correct", "retract", "merge", "resolve-overlap", "keep-apart")


AREAS: dict[str, frozenset[Role]] = {
    "charts": frozenset({"intake", "clinician", "auditor"}),
    "history": frozenset({"clinician", "auditor"}),
    "feed": frozenset({"clinician", "auditor"}),
    "printing": frozenset({"intake", "clinician", "auditor"}),
    "handing-out": frozenset({"clinician"}),  # documents to somebody outside
    "break-glass": frozenset({"intake", "clinician"}),
    "writing": frozenset({"intake", "clinician"}),  # and then by command
    "disclosures": frozenset({"auditor"}),
    "access-review": frozenset({"auditor"}),
    "audit": frozenset({"auditor"}),
    "fhir": frozenset({"clinician", "auditor"}),
    "erasure": frozenset({"admin"}),
    "schedules": frozenset({"admin"}),  # of saved views, whoever's they are
    "reports": frozenset({"clinician", "auditor", "analyst"}),
    "publications": frozenset(ROLES),
    "publishing": frozenset({"admin"}),
    "definitions": frozenset(ROLES),
    "live": frozenset(ROLES) - {"reporting"},
    "client-rows": frozenset({"clinician", "auditor"}),
    "projections": frozenset({"auditor", "admin"}),
    "operating": frozenset({"admin"}),
    "setting-aside": frozenset({"admin"}),
    "group-sessions": frozenset({"clinician"}),
    "provider": frozenset(ROLES) - {"reporting"},  # sites, programs, staff, groups, code lists, consent forms
    "defining": frozenset({"admin"}),
    "importing": frozenset({"admin"}),
    **{
        f"command:{name}": frozenset({"intake", "clinician"} if name in INTAKE_COMMANDS else {"clinician"})
        for name in (*RECORDING, *AMENDING_COMMANDS)
    },
}

# The pages that take files, and the area whose roles may send one.
UPLOADS: dict[str, str] = {"/administration/import": "importing"}
PUBLIC = "public"
# Every route of API and pages, by method and template, with its area. What is not here is not answered for.
ROUTES: dict[str, str] = {
    "GET /": PUBLIC,
    "GET /session": PUBLIC,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "GET /sign-in/callback": PUBLIC,
    "POST /sign-out": PUBLIC,
    "POST /sign-out/backchannel": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /problems/{name}": PUBLIC,
    "GET /api/v1/openapi.json": PUBLIC,
    "GET /static/{digest}/{name}": PUBLIC,
    "GET /api/v1/clients": "charts",
    "POST /api/v1/clients/search": "charts",
    "GET /api/v1/clients/duplicates": "command:merge",
    "GET /api/v1/worklist": "client-rows",
    "GET /api/v1/clients/{reference}": "charts",
    "GET /api/v1/clients/{reference}/timeline": "charts",
    "GET /api/v1/clients/{reference}/history": "history",
    "GET /api/v1/clients/{reference}/rows": "history",
    "GET /api/v1/clients/{reference}/documents/{kind}": "printing",
    "POST /api/v1/clients/{reference}/documents/{kind}": "handing-out",
    "POST /api/v1/clients/{reference}/break-glass": "break-glass",
    "GET /api/v1/clients/{reference}/disclosures": "disclosures",
    "GET /api/v1/erasures": "erasure",
    "POST /api/v1/clients/{reference}/erasure": "erasure",
    "POST /api/v1/clients/{reference}/erasure/withdrawal": "erasure",
    "POST /api/v1/clients/{reference}/erasure/confirmation": "erasure",
    "GET /fhir/metadata": PUBLIC,
    "GET /fhir/Patient": "fhir",
    "GET /fhir/Patient/{key}/$everything": "fhir",
    "GET /fhir/{kind}": "fhir",
    "GET /fhir/{kind}/{key}": "fhir",
    "GET /fhir/{kind}/{key}/_history": "fhir",
    "GET /fhir/{kind}/{key}/_history/{version}": "fhir",
    "POST /api/v1/group-sessions": "group-sessions",
    "GET /api/v1/audit/access": "access-review",
    "GET /api/v1/audit/clients/{reference}/difference": "audit",
    "GET /api/v1/audit/reports/{report}/difference": "reports",
    "GET /api/v1/audit/access-review": "access-review",
    "GET /api/v1/audit/broken-glass": "access-review",
    "POST /api/v1/audit/broken-glass/{position}/review": "access-review",
    "GET /api/v1/audit/checks/{check}": "audit",
    "POST /api/v1/audit/checks/{check}": "audit",
    "POST /api/v1/clients/{reference}/audit-package": "audit",
    "GET /api/v1/audit/heads": "audit",
    "GET /api/v1/audit/proofs/{event_id}": "audit",
    "GET /api/v1/audit/verify": "audit",
    "GET /api/v1/definitions": "definitions",
    "GET /api/v1/reports/{report}": "reports",
    "GET /api/v1/reports/{report}/columns": "definitions",
    "GET /api/v1/reports/{report}/number": "reports",
    "GET /api/v1/reports/{report}/members": "client-rows",
    "GET /api/v1/views": "reports",
    "POST /api/v1/views": "reports",
    "GET /api/v1/views/{view}": "reports",
    "PATCH /api/v1/views/{view}": "reports",
    "DELETE /api/v1/views/{view}": "reports",
    "POST /api/v1/views/{view}/restoration": "reports",
    "GET /api/v1/views/{view}/answer": "reports",
    "PUT /api/v1/views/{view}/schedule": "reports",
    "DELETE /api/v1/views/{view}/schedule": "reports",
    "GET /api/v1/schedules": "schedules",
    "DELETE /api/v1/schedules/{view}": "schedules",
    "GET /api/v1/publications": "publications",
    "POST /api/v1/publications": "publishing",
    "GET /api/v1/publications/plan": "publishing",
    "GET /api/v1/publications/preview": "publishing",
    "POST /api/v1/publications/preview": "publishing",
    "GET /api/v1/publications/publishing": "publishing",
    "GET /api/v1/publications/verification": "publishing",
    "POST /api/v1/publications/verification": "publishing",
    "GET /api/v1/publications/{number}": "publications",
    "GET /api/v1/publications/{number}/content": "publications",
    "GET /api/v1/publications/{number}/{table}": "publications",
    "GET /api/v1/publications/{number}/{table}/number": "publications",
    "GET /api/v1/projections": "projections",
    "GET /api/v1/operations": "projections",
    "GET /api/v1/operations/work/{work}": "projections",
    "POST /api/v1/operations/work/{work}": "operating",
    "POST /api/v1/operations/entries/{event_id}/set-aside": "setting-aside",
    "POST /api/v1/operations/entries/{event_id}/take-up": "setting-aside",
    "GET /api/v1/provider/{kind}": "provider",
    "GET /api/v1/provider/{kind}/history": "provider",
    **{f"POST /api/v1/provider/commands/{name}": "defining" for name in (*DEFINING, *AMENDING_DEFINITIONS)},
    "GET /api/v1/live": "live",
    "GET /api/v1/events": "feed",
    "GET /api/v1/subscribers": "feed",
    "PUT /api/v1/subscribers/{name}": "feed",
    "DELETE /api/v1/subscribers/{name}": "feed",
    "GET /today": "charts",
    "POST /today/flags": "command:assign-flag",
    "GET /handoffs": "client-rows",
    "POST /handoffs": "command:assign-handoff",
    "GET /clients/{reference}/handoffs/{handoff}": "command:close-handoff",
    "POST /clients/{reference}/handoffs/{handoff}": "command:close-handoff",
    "GET /duplicates": "command:merge",
    "POST /duplicates": "command:keep-apart",
    "GET /clients": "charts",
    "POST /clients/find": "charts",
    "POST /clients/suggest": "charts",
    "GET /palette.json": "definitions",
    "GET /clients/{reference}": "charts",
    "GET /clients/{reference}/history": "history",
    "GET /clients/{reference}/merge": "command:merge",
    "POST /clients/{reference}/merge": "command:merge",
    "GET /clients/{reference}/overlaps": "command:resolve-overlap",
    "POST /clients/{reference}/overlaps": "command:resolve-overlap",
    "GET /clients/new": "command:register-client",
    "POST /clients/new": "command:register-client",
    "GET /clients/{reference}/admission": "command:register-client",
    "POST /clients/{reference}/admission": "command:register-client",
    "GET /clients/{reference}/record/{command}": "writing",
    "POST /clients/{reference}/record/{command}": "writing",
    "GET /clients/{reference}/entries/{event_id}": "command:correct",
    "POST /clients/{reference}/entries/{event_id}": "command:correct",
    "GET /groups": "group-sessions",
    "GET /group-session": "group-sessions",
    "POST /group-session": "group-sessions",
    "GET /clients/{reference}/print": "printing",
    "POST /clients/{reference}/print": "printing",
    "POST /clients/{reference}/break-glass": "break-glass",
    "GET /clients/{reference}/disclosures": "disclosures",
    "GET /clients/{reference}/disclosures.csv": "disclosures",
    "GET /clients/{reference}/audit-package": "audit",
    "POST /clients/{reference}/audit-package": "audit",
    "GET /audit/access": "access-review",
    "GET /audit/access-log": "access-review",
    "GET /audit/access-log.csv": "access-review",
    "POST /audit/broken-glass/{position}": "access-review",
    "GET /audit/integrity": "audit",
    "GET /audit/checks/{check}": "audit",
    "POST /audit/checks/{check}": "audit",
    "POST /audit/proof": "audit",
    "GET /audit/heads.ndjson": "audit",
    "GET /audit/carejourney_verify.py": "audit",
    "GET /audit/numbers": "audit",
    "GET /reports": "publications",
    "GET /dashboards/{name}": "reports",
    "GET /dashboards/{name}.csv": "reports",
    "GET /dashboards/{name}/number": "reports",
    "GET /dashboards/{name}/members.csv": "client-rows",
    "GET /views": "reports",
    "POST /views": "reports",
    "GET /views/{view}": "reports",
    "POST /views/{view}": "reports",
    "GET /views/{view}.pdf": "reports",
    "GET /definitions": "definitions",
    "GET /welcome": "definitions",
    "POST /welcome": "definitions",
    "GET /publications": "publications",
    "GET /publications/plan": "publishing",
    "GET /publications/plan/{making}": "publishing",
    "POST /publications/plan/{making}": "publishing",
    "GET /publications/{number}": "publications",
    "GET /publications/{number}.pdf": "publications",
    "GET /publications/{number}/{table}": "publications",
    "GET /publications/{number}/{table}.csv": "publications",
    "GET /operations": "projections",
    "GET /operations/work/{work}": "projections",
    "POST /operations/work/{work}": "operating",
    "GET /operations/entries/{event_id}": "setting-aside",
    "POST /operations/entries/{event_id}": "setting-aside",
    "GET /administration/schedules": "schedules",
    "POST /administration/schedules": "schedules",
    "GET /administration/erasure": "erasure",
    "POST /administration/erasure": "erasure",
    "GET /administration/import": "importing",
    "POST /administration/import": "importing",
    "GET /administration/import/{upload}": "importing",
    "GET /administration/import/{upload}/{step}": "importing",
    "POST /administration/import/{upload}/{step}": "importing",
    "GET /administration/import/{upload}/left.csv": "importing",
    "GET /administration/import/{upload}/mapping": "importing",
    "POST /administration/import/{upload}/mapping": "importing",
    "GET /administration/import/{upload}/mapping.toml": "importing",
    "GET /administration/{kind}": "provider",
    "GET /administration/{kind}.csv": "provider",
    "GET /administration/{kind}/define": "defining",
    "POST /administration/{kind}/define": "defining",
    "GET /administration/{kind}/history": "provider",
    "POST /administration/{kind}/history": "defining",
    "GET /{rest:path}": "definitions",
    **{
        f"POST /api/v1/clients/{{reference}}/commands/{name}": f"command:{name}"
        for name in (*RECORDING, *AMENDING_COMMANDS)
    },
}


def reads_reports(role: str) -> bool:
    """Whether reports are for a role; the operator of the database, who has none of ours, reads them all."""
    return role == "system" or (role in ROLES and may(role, "reports"))


def may(role: str, area: str) -> bool:
    """Whether a role may use an area.

    Raises:
        KeyError: no such area.
    """
    return role in AREAS[area]
