"""The tour of a role in five steps, and that a person wants no offer of it any more.

That is kept in a cookie under a mark of the person's: whoever else uses the browser is offered theirs.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.i18n.language import N_
from api.origins import cookie_name, is_https
from api.sessions import Identity, form_token
from api.web.frame.places import home_of

Step = tuple[str, str, str]
"""Where it is shown, its title, what people do there."""
_FIND: Step = (
    "/clients",
    N_("Find a client"),
    N_("Type / or Ctrl K anywhere: a name, a birth date or part of a chart number is enough."),
)
_REPORTS: Step = (
    "/reports",
    N_("Read the numbers"),
    N_("Each number says what it counts and of how many; press it to see how it came about."),
)
_DEFINITIONS: Step = (
    "/definitions",
    N_("Know what a number means"),
    N_("Every measure and every column with its rule and the source of it."),
)
TOURS: dict[str, tuple[Step, ...]] = {
    "intake": (
        (
            "/clients/new",
            N_("Register a client"),
            N_("Whoever may have a chart already is shown before a new one is made."),
        ),
        (
            "/clients",
            N_("Admit step by step"),
            N_("Admission on a client's page asks for referral, consent, coverage and assessment, part by part."),
        ),
        ("/today", N_("Begin the day"), N_("Who comes today, who waits, and what is due, the most pressing first.")),
        _FIND,
        _DEFINITIONS,
    ),
    "clinician": (
        ("/today", N_("Begin the day"), N_("Who comes today, who waits, and what is due, the most pressing first.")),
        _FIND,
        (
            "/clients",
            N_("Record what happened"),
            N_("Record on a client's page offers what fits the moment. A refusal says what would help."),
        ),
        (
            "/groups",
            N_("Chart a group"),
            N_("From the timetable: all are there, then mark who was absent, late or left."),
        ),
        _REPORTS,
    ),
    "auditor": (
        (
            "/audit/access",
            N_("Review access"),
            N_("Who opened which chart and why; each broken glass is reviewed here."),
        ),
        (
            "/audit/access-log",
            N_("Read the access log"),
            N_("Every look at a chart, by person, chart and day, as a table and CSV."),
        ),
        (
            "/audit/integrity",
            N_("Prove that nothing was altered"),
            N_("Check the logs, and compare live numbers with a replay."),
        ),
        (
            "/clients",
            N_("See a chart as it was known"),
            N_("History shows every entry, what it replaced, and the chart at any moment."),
        ),
        (
            "/audit/numbers",
            N_("See why a number changed"),
            N_("The same report at two moments, and the entries between them."),
        ),
    ),
    "analyst": (
        _REPORTS,
        (
            "/dashboards/completion",
            N_("Choose period and groups"),
            N_("Filters are in the address: a link asks the same question again."),
        ),
        (
            "/dashboards/retention",
            N_("Look at the course"),
            N_("Curves with their bands; below each one its table, and a CSV."),
        ),
        (
            "/dashboards/comparison",
            N_("Compare programs"),
            N_("Differences with their uncertainty, of the groups that you choose."),
        ),
        _DEFINITIONS,
    ),
    "reporting": (
        (
            "/publications",
            N_("Open a publication"),
            N_("What may leave the house: decided tables over closed periods, protected and signed."),
        ),
        (
            "/publications",
            N_("Read a table"),
            N_("Small groups are combined or left out, so that nobody can be recognised."),
        ),
        (
            "/publications",
            N_("Take it along"),
            N_("Each table is a CSV, each publication a PDF that says what it rests on."),
        ),
        (
            "/publications",
            N_("Cite a number"),
            N_("A publication never changes: its number and digest name it for good."),
        ),
        _DEFINITIONS,
    ),
    "admin": (
        (
            "/administration/site",
            N_("Define sites, programs, staff and groups"),
            N_("What clients' entries then offer, each with the day from which it holds."),
        ),
        (
            "/administration/import",
            N_("Bring history in"),
            N_("Events, a table or FHIR: a preview first, and what is left over with the reason."),
        ),
        (
            "/operations",
            N_("Watch over operation"),
            N_("Whether all is in step, sealed and backed up, and what helps where it is not."),
        ),
        ("/publications/plan", N_("Decide what is published"), N_("The plan in words, a preview, and the button.")),
        (
            "/administration/erasure",
            N_("Erase with two people"),
            N_("One asks, another confirms; neither sees the chart."),
        ),
    ),
}
_COOKIE = "carejourney_toured"
_YEAR_SECONDS = 31_536_000
_MOST = 8  # people of one browser that are remembered


def is_offered(request: Request, key: bytes, who: Identity) -> bool:
    """Whether the page is where a person begins, who has not said yet that they know their way."""
    return request.url.path == home_of(who.role) and _mark(key, who) not in _marks(request)


def dismiss(request: Request, answer: Response, key: bytes, who: Identity) -> None:
    """Remember that a person knows their way."""
    new_mark = _mark(key, who)
    kept = [new_mark, *(mark for mark in _marks(request) if mark != new_mark)][:_MOST]
    name, secure = cookie_name(request, _COOKIE), is_https(request)
    value = ".".join(kept)
    answer.set_cookie(name, value, max_age=_YEAR_SECONDS, path="/", samesite="lax", httponly=True, secure=secure)


def _mark(key: bytes, who: Identity) -> str:
    return form_token(key, f"tour of {who.person.key}")[:16]


def _marks(request: Request) -> list[str]:
    return [mark for mark in request.cookies.get(cookie_name(request, _COOKIE), "").split(".") if mark]
