"""Cases of attendance: stays with their weeks, and stays with their sessions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table

from domain.levels import LEVELS_OF_CARE
from projections.attendance.queries import SESSION_GROUPS
from projections.attendance.tables import SERVICE, SESSIONS
from projections.drilldown.cases import Cases, cases
from projections.drilldown.model import DrillDown, Question
from projections.tally import GROUPS, in_period

_OFFERED = {"offered": ("attended", "missed"), "no_shows": ("no_show",)}
_WEEKS = {f"weeks_{side}_hours": f"hours_{side}" for side in ("below", "within", "above")}
_BANDS = {
    "hours": {"below": "hours_below", "numerator": "hours_within", "above": "hours_above"},
    "sessions": {"below": "sessions_below", "numerator": "sessions_within", "above": "sessions_above"},
    "weeks": {"below": "weeks_short", "numerator": "weeks_as_planned", "above": "weeks_long"},
}
_SESSIONS = ("offered", "attended", "missed", "excused", "no_shows")
_RATES = "Rates, and sessions and hours a week, are made of these"


def attendance(connection: Connection, question: Question) -> Cases:
    """Stays with service on record, their whole weeks, or the sessions they were offered."""
    if question.number in _SESSIONS:
        return sessions(connection, question)
    column = SERVICE.c[_WEEKS.get(question.number, question.number)]
    return _rows(connection, question, "stay" if question.number == "stays" else "weeks", SERVICE, column)


def sessions(connection: Connection, question: Question) -> Cases:
    """Stays with the sessions they were offered, by what came of these; a case adds its sessions."""
    names = _OFFERED.get(question.number, (question.number,))
    adds = SESSIONS.c[names[0]]
    for name in names[1:]:
        adds = adds + SESSIONS.c[name]
    return _rows(connection, question, "sessions", SESSIONS, adds, allowed=SESSION_GROUPS)


def bounds(connection: Connection, question: Question) -> Cases:
    """Weeks of service, or ended stays, below, within and above a bound of a level."""
    band = _BANDS.get(question.key("bound"))
    if band is None:
        return Cases("weeks")
    names = list(band.values()) if question.number == "denominator" else [band[question.number]]
    adds = SERVICE.c[names[0]]
    for name in names[1:]:
        adds = adds + SERVICE.c[name]
    known = [level for level in LEVELS_OF_CARE if _has(level, question.key("bound"))]
    kind = "stay" if question.key("bound") == "weeks" else "weeks"
    return _rows(connection, question, kind, SERVICE, adds, SERVICE.c.level.in_(known), apart=("bound",))


def _has(level: Any, bound: str) -> bool:
    limits = LEVELS_OF_CARE[level]
    return getattr(limits, f"{bound}_min") is not None or getattr(limits, f"{bound}_max") is not None


def _rows(
    connection: Connection,
    question: Question,
    kind: str,
    table: Table,
    adds: ColumnElement[int],
    *counted: ColumnElement[bool],
    apart: tuple[str, ...] = (),
    allowed: tuple[str, ...] = GROUPS,
) -> Cases:
    filters = question.within(allowed, *apart)
    if filters is None:
        return Cases(kind)

    def narrow(query: Select[Any]) -> Select[Any]:
        return in_period(query.where(*counted), table, filters)

    facts = ("kind", "slot") if table is SESSIONS else ("weeks", "sessions", "minutes")
    return cases(connection, kind, table, facts, narrow, adds)


ATTENDANCE = DrillDown(("stays", "weeks", *_WEEKS, *_SESSIONS), attendance, instead=_RATES)
BY_KIND = DrillDown(_SESSIONS, sessions, instead=_RATES)
BOUNDS = DrillDown(("below", "above", "numerator", "denominator"), bounds, ("bound",), "Bounds are of the level")
