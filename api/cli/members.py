"""``carejourney report NAME --members NUMBER``: who is in a number of a report, and the entries behind each."""

from __future__ import annotations

from typing import Any

from api.cli.context import say
from api.cli.output import Format, show, show_table
from infra.bootstrap import Services
from infra.drilldown.answer import Answer, Moment
from infra.drilldown.cell import Cell
from infra.drilldown.rows import COLUMNS, answers, rows_of
from infra.identity.people import operator


def show_members(services: Services, cell: Cell, moment: Moment, form: Format) -> None:
    """Print every case of a number, and on stderr what it means and how to get it again.

    Raises:
        FilterError: the number cannot be opened, or the row is not named; the message says what can be.
    """
    rows: list[dict[str, Any]] = []
    first: Answer | None = None
    for page in answers(services, cell, operator(f"report {cell.report} --members"), moment):
        first = first or page
        rows += rows_of(page)
    assert first is not None
    _explain(first)
    if form is Format.table:
        show_table([_narrow(row) for row in rows], first.meaning.title)
    else:
        show(rows, form, COLUMNS)


def _explain(answer_read: Answer) -> None:
    means, value = answer_read.meaning, answer_read.value
    whole = f" of {value.whole:,} ({means.whole})" if value.whole is not None else ""
    say(f"{value.number:,}{whole}. {means.definition} Source: {means.source}. Definition {means.version}.")
    if answer_read.stamp is not None:
        say(
            f"The same number again: --as-of {answer_read.stamp.at.isoformat()} --position {answer_read.stamp.position}"
        )


def _narrow(row: dict[str, Any]) -> dict[str, Any]:
    """What of a case fits a terminal; JSON and CSV have it all."""
    shown = {name: row[name] for name in ("client", "adds", "level", "first_day", "last_day")}
    return {**shown, "why": _facts(row), "entries": _events(row)}


def _facts(row: dict[str, Any]) -> str:
    return "; ".join(f"{name} {value}" for name, value in row["facts"].items() if value not in (None, ""))


def _events(row: dict[str, Any]) -> str:
    return "; ".join(f"{event['what']} {event['day']}" for event in row["events"])
