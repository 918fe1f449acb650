"""The board of hand-offs as one person may see it: their sites, without charts that were erased."""

from __future__ import annotations

from infra.access_log.context import HasPeople
from infra.disclosure.record_guard import hidden_from
from infra.identity.people import Principal
from projections.agenda.board import Board


def board_of(services: HasPeople, who: Principal, site: str = "", *, mine: bool = False) -> Board:
    """Whose hand-offs a person is shown; of one site or their own, as they ask."""
    day, owner = services.today().toordinal(), who.name if mine else ""
    return Board(day, who.bound_to, hidden_from(services, who), site, owner)
