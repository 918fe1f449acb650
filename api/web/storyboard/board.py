"""The storyboard: the same head beside a chart and beside every form that writes to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.web.frame.pages import Pages
from api.web.storyboard.facts import at_hand
from api.web.storyboard.header import born, erased_name, facts, name_of
from domain.decisions import History
from domain.entries import microseconds
from domain.offers import Moment
from infra.eventstore.client_chart import OpenedChart
from infra.history.as_of.clients import status_at
from infra.privacy.erasure.notice import notice
from projections.clinical.moment import moment_of
from projections.status.rows import StatusRow


@dataclass(frozen=True, slots=True)
class Board:
    """What a storyboard shows. ``status`` is None of a chart without read models (merged, or taken back whole);
    ``at_hand`` are titles with their lines, ``facts`` titles with one value.
    """

    chart: str
    name: str
    born: str
    status: StatusRow | None
    at_hand: list[tuple[str, list[str]]]
    facts: list[tuple[str, str]]


def board_of(
    pages: Pages,
    chart: OpenedChart,
    history: History | None = None,
    as_of: datetime | None = None,
    until: int | None = None,
) -> Board:
    """The storyboard of a chart, now or as known at ``as_of`` (aware), with nothing that stands behind ``until``.

    ``history`` is the chart's, if known already; ``until`` a position of the log.
    """
    history = history or chart.history
    now = min(as_of, pages.services.now()) if as_of else pages.services.now()
    today = pages.services.day_of(now)
    erased = notice(chart.entries)
    status = status_at(pages.services, chart.client_id, as_of, until)
    return Board(
        chart.reference,
        erased_name(erased) if erased else name_of(history.counted),
        born(history.counted, today),
        status,
        at_hand(pages, status, history, now) if status else [],
        facts(status, history.counted) if status else [],
    )


def moment_at(history: History, status: StatusRow, now: datetime) -> Moment:
    """What offers of commands go by, at the moment ``now`` (aware)."""
    due = [flag["id"] for flag in status["flags"]]
    return moment_of(history.counted, history.journey, microseconds(now), status["state"], status["level"] or None, due)
