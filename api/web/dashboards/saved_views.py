"""A saved view as people read it: what it asks, in words, where it leads, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from api.http.access import may
from api.i18n.formats import day, weekday
from api.i18n.language import N_, _, translated
from api.sessions import Identity
from api.web.dashboards.fields import fields_of
from api.web.dashboards.overview_cards import ANSWERS
from api.web.frame.pages import Pages
from infra.reporting.question import FILTERS
from infra.views.papers import Paper
from infra.views.table import NoSuchViewError
from infra.views.view import PinPlace, View

VIEW = "view"
"""Names in the address of a dashboard the saved view that led there."""
PLACE_NAMES: dict[PinPlace, str] = {"reports": N_("the overview of reports"), "today": N_("Today")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A view of a reader's: ``asks`` are its filters in words; ``is_mine`` says that the reader saved it.

    ``places`` are those that the reader has, by id and name, with whether it is pinned there; ``when`` is the timing
    of its document in words, and empty where it is written to no folder; ``late`` the day that could not be written.
    """

    id: str
    name: str
    by: str
    report: str
    link: str
    asks: list[str]
    shared: bool
    is_mine: bool
    places: list[tuple[PinPlace, str, bool]]
    when: str = ""
    late: str = ""


def shown(pages: Pages, who: Identity, view: View, paper: Paper | None = None, late: date | None = None) -> Shown:
    """A view as its reader sees it; ``paper`` says when it is written to the folder, which is its owner's business."""
    is_mine = view.owner == who.person.key
    return Shown(
        view.id,
        view.name,
        view.by,
        _(ANSWERS[view.report][0]),
        address_of(view),
        asks(pages, view.report, view.question),
        view.shared,
        is_mine,
        [(place, _(PLACE_NAMES[place]), place in view.pinned) for place in places_of(who)],
        timing_said(paper) if paper and is_mine else "",
        day(late) if late and is_mine else "",
    )


def timings() -> list[tuple[str, str]]:
    """When a document may be written, as the form has it and in words."""
    days = [_("Each {weekday}").format(weekday=weekday(number, width="wide")) for number in range(7)]
    months = [_("Each month on day {day}").format(day=number) for number in range(1, 29)]
    return [
        ("", _("Never")),
        ("daily-0", _("Each day")),
        *((f"weekly-{number}", text) for number, text in enumerate(days, 1)),
        *((f"monthly-{number}", text) for number, text in enumerate(months, 1)),
    ]


def timing_said(paper: Paper) -> str:
    """When a view is written, in words."""
    return next(text for value, text in timings() if value == when_of(paper))


def when_of(paper: Paper) -> str:
    """A timing as the form has it."""
    return f"{paper.timing.every}-{paper.timing.on}"


def places_of(who: Identity) -> list[PinPlace]:
    """The places that a person has."""
    return ["reports", "today"] if may(who.role, "charts") else ["reports"]


def opened_by(pages: Pages, who: Identity, report: str, query: Mapping[str, str]) -> Shown | None:
    """The view that an address names, if its reader may open it and it asks what the address asks."""
    if not query.get(VIEW):
        return None
    try:
        view = pages.services.views.find(who.person, query[VIEW])
    except NoSuchViewError:
        return None
    same = view.report == report and dict(view.question) == question_of(report, query)
    return shown(pages, who, view) if same else None


def question_of(report: str, query: Mapping[str, str]) -> dict[str, str]:
    """What of an address can be kept: the filters of its report."""
    return {name: query[name] for name in FILTERS[report] if query.get(name)}


def address_of(view: View) -> str:
    """Where a view is seen: the address of its dashboard, which asks with its reader's rights."""
    return f"/dashboards/{view.report}?{urlencode({**view.question, VIEW: view.id})}"


def asks(pages: Pages, report: str, question: Mapping[str, str]) -> list[str]:
    """Each filter of a question by its name, with what it is set to."""
    sentences: list[str] = []
    for field in fields_of(pages, report, question):
        if field.name in question:
            value = next((translated(text) for value, text in field.options if value == field.value), field.value)
            value = day(value) if field.type == "date" else value
            sentences.append(f"{translated(field.title)}: {value}")
    return sentences
