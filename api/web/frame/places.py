"""The places of the web app: the few that the main navigation shows, and the pages below the current one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from api.http.access import may
from api.i18n.language import N_

# What aria-current says: of the page itself, of what it lies below, of any other.
Current = Literal["page", "true", ""]


@dataclass(frozen=True, slots=True)
class Place:
    """A place: its name, its pages as (address, name, the area whose roles see it), and what else lies in it.

    ``under`` are beginnings of addresses that no page of it begins with. The first page that a role may open is where
    the place's own link leads.
    """

    name: str
    pages: tuple[tuple[str, str, str], ...]
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation, and how it stands to the page that is open."""

    to: str
    name: str
    current: Current


@dataclass(frozen=True, slots=True)
class Shown:
    """A place as a role sees it; ``pages`` are those below it where it is the current one and has more than one."""

    link: Link
    pages: list[Link]


PLACES: tuple[Place, ...] = (
    Place(N_("Today"), (("/today", N_("Today"), "charts"),)),
    Place(
        N_("Clients"),
        (
            ("/clients", N_("All clients"), "charts"),
            ("/clients/new", N_("New client"), "command:register-client"),
            ("/handoffs", N_("Hand-offs"), "client-rows"),
            ("/duplicates", N_("Possible duplicates"), "command:merge"),
        ),
    ),
    Place(
        N_("Groups"),
        (
            ("/groups", N_("Timetable"), "group-sessions"),
            ("/group-session", N_("Group session"), "group-sessions"),
        ),
    ),
    Place(
        N_("Reports"),
        (
            ("/reports", N_("Overview"), "publications"),
            ("/views", N_("Saved views"), "reports"),
            ("/dashboards/status", N_("Status"), "reports"),
            ("/dashboards/census", N_("Census"), "reports"),
            ("/dashboards/flow", N_("Flow"), "reports"),
            ("/dashboards/attendance", N_("Attendance"), "reports"),
            ("/dashboards/completion", N_("Completion"), "reports"),
            ("/dashboards/retention", N_("Retention"), "reports"),
            ("/dashboards/time-to-event", N_("Time to event"), "reports"),
            ("/dashboards/abstinence", N_("Abstinence"), "reports"),
            ("/dashboards/prevalence", N_("After treatment"), "reports"),
            ("/dashboards/outcomes", N_("Scores"), "reports"),
            ("/dashboards/quality", N_("Quality"), "reports"),
            ("/dashboards/comparison", N_("Comparison"), "reports"),
            ("/publications", N_("Publications"), "publications"),
            ("/definitions", N_("Definitions"), "definitions"),
        ),
        under=("/dashboards",),
    ),
    Place(
        N_("Audit"),
        (
            ("/audit/access", N_("Access"), "access-review"),
            ("/audit/access-log", N_("Access log"), "access-review"),
            ("/audit/integrity", N_("Integrity"), "audit"),
            ("/audit/numbers", N_("Numbers at two times"), "audit"),
        ),
        under=("/audit",),
    ),
    Place(
        N_("Administration"),
        (
            ("/operations", N_("Operations"), "projections"),
            ("/administration/site", N_("Sites"), "provider"),
            ("/administration/program", N_("Programs"), "provider"),
            ("/administration/staff", N_("Staff"), "provider"),
            ("/administration/group", N_("Groups"), "provider"),
            ("/administration/code_list", N_("Code lists"), "provider"),
            ("/administration/consent_form", N_("Consent forms"), "provider"),
            ("/administration/import", N_("Import"), "importing"),
            ("/administration/schedules", N_("Schedules"), "schedules"),
            ("/administration/erasure", N_("Erasure"), "erasure"),
            ("/publications/plan", N_("Plan of publications"), "publishing"),
        ),
        under=("/administration",),
    ),
)


def places_of(role: str, path: str) -> list[Shown]:
    """The places that a role may open, with the pages below the one that ``path`` lies in."""
    open_to = [(place, [page for page in place.pages if may(role, page[2])]) for place in PLACES]
    shown = [(place, pages) for place, pages in open_to if pages]
    here = max(_addresses(shown, path), key=len, default="")
    return [_shown(place, pages, here, path) for place, pages in shown]


def home_of(role: str) -> str:
    """The page a role starts on."""
    return {"analyst": "/reports", "reporting": "/publications", "admin": "/operations"}.get(role, "/today")


def pages_open_to(role: str) -> list[tuple[str, str, str]]:
    """Every page that a role may open, as (place, name, address)."""
    return [(place.name, name, to) for place in PLACES for to, name, area in place.pages if may(role, area)]


def chart_at(path: str) -> str:
    """The chart number, as the address writes it, of the page of a client or one below it; empty for other pages."""
    first, _, rest = path.lstrip("/").partition("/")
    number = rest.partition("/")[0]
    return number if first == "clients" and number not in {"new", "find"} else ""


def _addresses(shown: list[tuple[Place, list[tuple[str, str, str]]]], path: str) -> Iterator[str]:
    for place, pages in shown:
        yield from (to for to in (*place.under, *(page[0] for page in pages)) if _is_in(path, to))


def _is_in(path: str, address: str) -> bool:
    return path == address or path.startswith(f"{address}/")


def _shown(place: Place, pages: list[tuple[str, str, str]], here: str, path: str) -> Shown:
    inside = here in (*place.under, *(page[0] for page in pages))
    below = [Link(to, name, _current(inside=to == here, is_page=to == path)) for to, name, _ in pages] if inside else []
    first = pages[0][0]
    alone = len(below) < 2
    return Shown(
        Link(first, place.name, _current(inside=inside, is_page=alone and first == path)), [] if alone else below
    )


def _current(*, inside: bool, is_page: bool) -> Current:
    return "page" if inside and is_page else "true" if inside else ""
