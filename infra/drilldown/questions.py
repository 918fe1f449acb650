"""Log of analysts' questions, written before they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.vocabulary import Role
from infra.access_log.context import HasPeople
from infra.access_log.entries import Access
from infra.drilldown.answer import Moment
from infra.drilldown.cell import Cell
from infra.identity.people import Principal
from infra.reporting.kinds import ReportParams

_LONGEST = 500  # letters of one value
# Others who have reports see clients too, and each look at those is recorded.
RECORDED: frozenset[Role] = frozenset({"analyst"})


def ask(
    services: HasPeople,
    who: Principal,
    report: str,
    params: ReportParams,
    more: Mapping[str, str | int | datetime | None],
    request: str = "",
) -> None:
    """Record a question about to be answered: the report and its filters, with ``more`` of what was asked.

    A question names groups, filters, days and knowledge times, never a person.

    Raises:
        Exception: the store's own, when it could not write: then nothing may be answered.
    """
    if who.role in RECORDED:
        note_question(services, who, report, params, more, request)


def note_question(
    services: HasPeople,
    who: Principal,
    report: str,
    params: ReportParams,
    more: Mapping[str, str | int | datetime | None],
    request: str = "",
) -> None:
    """Record a question, whoever asks it.

    Raises:
        Exception: the store's own, when it could not write: then nothing may be answered.
    """
    words = {"report": report, **_told(params), **_also(more)}
    texts = {name: value[:_LONGEST] for name, value in words.items()}
    services.people.log.record([Access("NumbersAsked", who, services.now(), asked=texts, request=request)])


def ask_number(services: HasPeople, who: Principal, cell: Cell, moment: Moment, request: str = "") -> None:
    """Record that a number of a report is about to be shown, with the row that it is of.

    Raises:
        Exception: the store's own, when it could not write: then nothing may be answered.
    """
    row = ",".join(f"{name}={value}" for name, value in cell.at.items())
    more = {"number": cell.number, "at": row, "as_of": moment.as_of, "position": moment.position}
    ask(services, who, cell.report, cell.params, more, request)


def _also(more: Mapping[str, str | int | datetime | None]) -> dict[str, str]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in more.items()
        if value not in (None, "")
    }


def _told(params: ReportParams) -> dict[str, str]:
    """What of a question is not as it always is."""
    usual = ReportParams()
    words = {
        "by": ",".join(params.by),
        "from": params.start.isoformat() if params.start else "",
        "to": params.end.isoformat() if params.end else "",
        "cohort": params.cohort if params.cohort != usual.cohort else "",
        "where": ",".join(f"{name}={value}" for name, value in params.where.items()),
        "measure": params.measure or "",
        "denominator": params.denominator if params.denominator != usual.denominator else "",
        "unit": params.unit if params.unit != usual.unit else "",
        "show": params.show,
        "compare": params.compare,
        **params.endpoint.as_params(),
        "days": ",".join(map(str, params.days)),
    }
    return {name: value for name, value in words.items() if value}
