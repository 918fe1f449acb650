"""Every view that is on the schedule, whether it is written or rests, and the end that an administrator puts to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from infra.access_log.entries import Access
from infra.access_log.roles import last_roles
from infra.identity.people import Principal
from infra.views.context import HasViews
from infra.views.papers import Paper
from infra.views.table import NoSuchViewError
from infra.views.view import View

MayRead = Callable[[str], bool]
"""Whether a role may read reports."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A view with its timing. ``role`` is that in which its owner was last heard of, empty where that is not known.

    It ``rests`` where that role reads no reports: a document would show them what they would be refused. It goes on
    by itself once they have such a role again.
    """

    view: View
    paper: Paper
    role: str
    rests: bool

    def due(self, today: date) -> date | None:
        """The day that is to be written now, if one is."""
        return None if self.rests else self.paper.due(today)


def scheduled(services: HasViews, may_read: MayRead) -> list[Scheduled]:
    """Everybody's, in the order of their ids; none of a view that is deleted."""
    views = services.views.every()
    return _known(
        services,
        [(views[paper.view], paper) for paper in services.papers.every().values() if paper.view in views],
        may_read,
    )


def due(services: HasViews, may_read: MayRead) -> list[tuple[View, Paper, date]]:
    """The views that are due and do not rest, with the day that each is written for."""
    today, views = services.today(), services.views.every()
    waiting = [paper for paper in services.papers.every().values() if paper.view in views and paper.due(today)]
    known = _known(services, [(views[paper.view], paper) for paper in waiting], may_read)
    return [(schedule.view, schedule.paper, day) for schedule in known if (day := schedule.due(today))]


def stop(services: HasViews, who: Principal, view_id: str, request: str = "") -> None:
    """Write a view of anybody's no more; who stopped it is on record first.

    Raises:
        NoSuchViewError: it is on no schedule.
    """
    if view_id not in services.papers.every():
        raise NoSuchViewError
    services.people.log.record(
        [Access("ScheduleStopped", who, services.now(), request=request, asked={"view": view_id})]
    )
    services.papers.remove(view_id)


def _known(services: HasViews, papers: Iterable[tuple[View, Paper]], may_read: MayRead) -> list[Scheduled]:
    pairs = sorted(papers, key=lambda pair: pair[0].id)
    roles = last_roles(services.people.log, [view.owner for view, _ in pairs]) if pairs else {}
    return [
        Scheduled(view, paper, role, rests=bool(role) and not may_read(role))
        for view, paper in pairs
        for role in [roles.get(view.owner, "")]
    ]
