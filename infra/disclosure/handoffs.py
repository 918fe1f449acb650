"""The board of hand-offs as one person may see it: their sites, without charts that were erased, with who is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.events import CommunityReferralMade, Event, ReferralReceived
from infra.access_log.context import HasPeople
from infra.disclosure.record_guard import hidden_from
from infra.eventstore.client_chart import open_chart
from infra.identity.people import Principal
from projections.agenda.board import Board
from projections.chart import Chart


def board_of(services: HasPeople, who: Principal, site: str = "", *, mine: bool = False) -> Board:
    """Whose hand-offs a person is shown; of one site or their own, as they ask."""
    day, owner = services.today().toordinal(), who.name if mine else ""
    return Board(day, who.bound_to, hidden_from(services, who), site, owner)


def partners_of(services: HasPeople, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By the key of a referral: who sent the client, or to whom they were sent; without those that name nobody.

    It is read from the charts, as no read model keeps what is told of third persons. That they were seen is for the
    caller to record.
    """
    wanted = {row["referral"]: row["client_id"] for row in rows if row["referral"]}
    numbers = services.log.references(list(dict.fromkeys(wanted.values())))
    named: dict[str, str] = {}
    for reference in numbers.values():
        opened = open_chart(services.log, reference)
        for entry in Chart(opened.client_id, opened.sequence, opened.entries).of(
            ReferralReceived, CommunityReferralMade
        ):
            if entry.event_id in wanted and (partner := partner_of(entry.event)):
                named[entry.event_id] = partner
    return named


def partner_of(event: Event | None) -> str:
    """Who sent the client, or to whom and for what they were sent; empty where it was not said or cannot be read."""
    match event:
        case ReferralReceived():
            return event.referrer or ""
        case CommunityReferralMade():
            return ", ".join(word for word in (event.partner, event.service) if word)
        case _:
            return ""
