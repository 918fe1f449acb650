"""First run: the ways into an empty store, each for who may take it."""

from __future__ import annotations

from dataclasses import dataclass

from api.http.access import AREAS, may
from api.i18n.language import N_, _
from api.sessions import Identity
from api.web.frame.pages import Pages
from projections.status.queries import holds_clients

_WAYS = (
    (
        "/administration/import",
        "importing",
        N_("Import a history"),
        N_("Events or FHIR from another system, looked at in a preview before anything is recorded."),
    ),
    (
        "/administration/import",
        "importing",
        N_("Import a table"),
        N_("A CSV of any system: say what its columns mean, with the first rows in sight."),
    ),
    (
        "/clients/new",
        "command:register-client",
        N_("Register the first client"),
        N_("By hand, then admit step by step."),
    ),
)


@dataclass(frozen=True, slots=True)
class Way:
    """A way in: ``to`` is empty where the role may not take it, and ``roles`` says who may."""

    title: str
    text: str
    to: str
    roles: str


def ways_in(pages: Pages, who: Identity) -> list[Way]:
    """The ways in while there is no client; none afterwards, nor for who sees publications only."""
    if not may(who.role, "live"):
        return []
    with pages.services.reads.reading() as connection:
        if holds_clients(connection):
            return []
    return [Way(title, text, to if may(who.role, area) else "", _roles(area)) for to, area, title, text in _WAYS]


def _roles(area: str) -> str:
    return ", ".join(sorted(_(role) for role in AREAS[area]))
