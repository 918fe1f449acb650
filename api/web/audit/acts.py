"""What was opened or done, in plain words: by the route of a page or of the API, or by the command.

The access log keeps the technical name, which files and programs get; people read these.
"""

from __future__ import annotations

from api.i18n.language import N_, _, translated
from api.web.writing.menu import TITLES
from domain.phrases import Phrase

VIA = {
    "web": N_("in the browser"),
    "api": N_("by a program"),
    "command-line": N_("at the command line"),
    "schedule": N_("by schedule"),
}
# Paths are those of pages, and those of the API without their first part.
_PLACES: tuple[tuple[str, str], ...] = (
    (N_("Today"), "/today"),
    (N_("a flag of the work list"), "/today/flags"),
    (N_("the work list"), "/worklist"),
    (N_("the list of clients"), "/clients /fhir/Patient"),
    (N_("a search for clients"), "/clients/search /clients/find /clients/suggest"),
    (N_("charts that may be of one person"), "/clients/duplicates /duplicates"),
    (N_("the chart"), "/clients/{reference} /fhir/Patient/{key}/$everything"),
    (N_("the chart's timeline"), "/clients/{reference}/timeline"),
    (N_("the chart's history"), "/clients/{reference}/history"),
    (N_("what is derived from the chart"), "/clients/{reference}/rows"),
    (N_("a document of the chart"), "/clients/{reference}/documents/{kind} /clients/{reference}/print"),
    (N_("a chart of another site"), "/clients/{reference}/break-glass"),
    (
        N_("who read the chart and what left of it"),
        ("/clients/{reference}/disclosures /clients/{reference}/disclosures.csv"),
    ),
    (N_("what changed in the chart"), "/audit/clients/{reference}/difference"),
    (N_("the chart's audit package"), "/clients/{reference}/audit-package"),
    (N_("an entry by form"), "/clients/{reference}/record/{command}"),
    (N_("the correction of an entry"), "/clients/{reference}/entries/{event_id}"),
    (N_("the merging of two charts"), "/clients/{reference}/merge"),
    (N_("stays that overlap"), "/clients/{reference}/overlaps"),
    (N_("the registration of a client"), "/clients/new"),
    (N_("an admission"), "/clients/{reference}/admission"),
    (N_("hand-offs"), "/handoffs /clients/{reference}/handoffs/{handoff}"),
    (N_("groups"), "/groups"),
    (N_("a group session"), "/group-session /group-sessions"),
    (
        N_("records as FHIR"),
        ("/fhir/{kind} /fhir/{kind}/{key} /fhir/{kind}/{key}/_history /fhir/{kind}/{key}/_history/{version}"),
    ),
    (
        N_("an erasure"),
        (
            "/erasures /clients/{reference}/erasure /clients/{reference}/erasure/withdrawal"
            " /clients/{reference}/erasure/confirmation /administration/erasure"
        ),
    ),
    (N_("the access log"), "/audit/access /audit/access-log /audit/access-log.csv /audit/access-review"),
    (
        N_("the review of broken glass"),
        ("/audit/broken-glass /audit/broken-glass/{position} /audit/broken-glass/{position}/review"),
    ),
    (N_("a check of the log"), "/audit/checks/{check} /audit/verify /audit/integrity"),
    (N_("a proof of an entry"), "/audit/proof /audit/proofs/{event_id}"),
    (N_("the seals of the log"), "/audit/heads /audit/heads.ndjson"),
    (N_("the offline verifier"), "/audit/carejourney_verify.py"),
    (N_("what moved a report's numbers"), "/audit/numbers /audit/reports/{report}/difference"),
    (N_("the overview of reports"), "/reports"),
    (N_("a report"), "/reports/{report} /dashboards/{name} /dashboards/{name}.csv"),
    (N_("a number of a report"), "/reports/{report}/number /dashboards/{name}/number"),
    (N_("who is in a number"), "/reports/{report}/members /dashboards/{name}/members.csv"),
    (N_("what the numbers mean"), "/definitions /reports/{report}/columns"),
    (N_("saved views"), "/views /views/{view} /views/{view}.pdf /views/{view}/restoration /views/{view}/answer"),
    (N_("schedules of saved views"), "/schedules /schedules/{view} /views/{view}/schedule /administration/schedules"),
    (
        N_("publications"),
        (
            "/publications /publications/{number} /publications/{number}.pdf"
            " /publications/{number}/content /publications/{number}/{table} /publications/{number}/{table}.csv"
            " /publications/{number}/{table}/number"
        ),
    ),
    (
        N_("the making of a publication"),
        (
            "/publications/plan /publications/plan/{making} /publications/preview"
            " /publications/publishing /publications/verification"
        ),
    ),
    (N_("operations"), "/projections /operations /operations/work/{work}"),
    (
        N_("an entry that is set aside or taken up again"),
        (
            "/operations/entries/{event_id}"
            " /operations/entries/{event_id}/set-aside /operations/entries/{event_id}/take-up"
        ),
    ),
    (
        N_("sites, programs, staff and lists"),
        (
            "/provider/{kind} /provider/{kind}/history /administration/{kind}"
            " /administration/{kind}.csv /administration/{kind}/define /administration/{kind}/history"
        ),
    ),
    (
        N_("an import"),
        (
            "/administration/import /administration/import/{upload} /administration/import/{upload}/{step}"
            " /administration/import/{upload}/left.csv /administration/import/{upload}/mapping"
            " /administration/import/{upload}/mapping.toml"
        ),
    ),
    (N_("live updates"), "/live"),
    (N_("the feed of entries"), "/events /subscribers /subscribers/{name}"),
    (N_("the first steps"), "/welcome"),
    (N_("the list of places"), "/palette.json"),
    (N_("a page that does not exist"), "/{rest:path}"),
)
PLACES = {path: words for words, paths in _PLACES for path in paths.split()}
ACTS = {
    "sign-in": N_("signing in"),
    "sign-out": N_("signing out"),
    "SignInError": N_("a sign-in that was not begun there, came too late or was ended at the provider"),
    "ReplayedSignInError": N_("a sign-in that was used before"),
    "TokenError": N_("a sign-in whose token did not hold"),
    "ClaimsError": N_("a sign-in of somebody without a place here"),
    "ProviderError": N_("a sign-in while the provider did not answer"),
    "publish": N_("the making of a publication"),
    "write views": N_("saved views"),
    "audit access": N_("the access log"),
    "audit diff": N_("what changed in the chart"),
    "audit disclosures": N_("who read the chart and what left of it"),
    "audit package": N_("the chart's audit package"),
    "audit prove": N_("a proof of an entry"),
    "audit set-aside": N_("an entry that is set aside or taken up again"),
    "audit take-up": N_("an entry that is set aside or taken up again"),
    "backup": N_("a backup"),
    "client duplicates": N_("charts that may be of one person"),
    "client erase": N_("an erasure"),
    "client history": N_("the chart's history"),
    "client rows": N_("what is derived from the chart"),
    "client status": N_("the chart"),
    "client timeline": N_("the chart's timeline"),
    "client summary": N_("a document of the chart"),
    "client discharge-summary": N_("a document of the chart"),
    "export": N_("an export"),
    "feed": N_("the feed of entries"),
    "project": N_("operations"),
    "provider": N_("sites, programs, staff and lists"),
    "publication publish": N_("the making of a publication"),
    "report": N_("a report"),
    "view": N_("saved views"),
}
"""Commands (one that takes names by its first word), what runs by itself, and why a sign-in was refused."""
_AMENDING = {
    "transfer": TITLES["transfer"],
    "correct": N_("Correction"),
    "retract": N_("Entry taken back"),
    "merge": N_("Charts merged"),
    "resolve-overlap": N_("Overlap decided"),
    "keep-apart": N_("Charts kept apart"),
}
_COMMANDS = ("/clients/{reference}/commands/", "/provider/commands/")


def act(doing: str) -> str:
    """What was opened or done; a name that nobody gave words to, as an older release may have written it, as it is."""
    words = _place(doing) or ACTS.get(doing) or ACTS.get(doing.partition(" ")[0])
    return translated(words) if words else doing


def via(name: str) -> str:
    """Through what, in words."""
    return _(VIA[name]) if name in VIA else name


def _place(doing: str) -> str:
    """Of a route: its method, its path, and what it is about where that is told."""
    method, path = (*doing.split(" "), "", "")[:2]
    if not method.isupper() or not path.startswith("/"):
        return ""
    path = path.removeprefix("/api/v1")
    if path.startswith(_COMMANDS[0]):
        command = path.removeprefix(_COMMANDS[0])
        title = TITLES.get(command) or _AMENDING.get(command, "")
        return Phrase("an entry: {what}", what=Phrase(title)) if title else ""
    if path.startswith(_COMMANDS[1]):
        return PLACES["/provider/{kind}"]
    return PLACES.get(path, "")
