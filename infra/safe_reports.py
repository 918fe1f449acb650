"""What may be asked by people who see no clients, and the counts that they are given.

``projections.safe_counts`` has the rule of completion, status and moves between levels, ``projections.safe_groups``
that of the other reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from domain.vocabulary import LEVELS, REASONS
from infra import hidden_measures, hidden_stays
from infra.hidden_census import census_rows
from infra.hidden_flow import flow_rows
from infra.hidden_stays import retention_rows
from infra.hiding import Hiding, hidden
from infra.report_kinds import ReportParams, Rows
from infra.services import Services
from projections.completion import definition as completion_definition, queries as completion
from projections.filters import STAY_DIMENSIONS, FilterError, Filters
from projections.safe_counts import Path, Shown, leaves_of, shown
from projections.statistics import wilson
from projections.status import queries as status
from projections.suppression import SMALLEST_SHOWN, small

Answer = Callable[[Services, Connection, ReportParams], Rows]
COMPLETED, OTHERWISE = "completed", "otherwise"
_LEVELS = ("level", "last_level", "state")  # every question may name these beside its one attribute
_BY_DAY = frozenset({"census"})  # a table of its own for each day: its period chooses days, it counts nobody by date
_NOT_ASKED = frozenset({"clinician"})  # the caseload of one member of staff


def check_question(name: str, params: ReportParams) -> None:
    """Refuse what could be compared with another answer until a small group is left.

    Raises:
        FilterError: more than one attribute beside the level, a period that is not of whole months, or staff.
    """
    sides = params.compare.split(",") if params.compare else []
    named = [side.partition("=")[0].strip() for side in sides if "=" in side]
    asked = [dimension for dimension in (*params.by, *params.where, *named) if dimension != "all"]
    attributes = {dimension for dimension in asked if dimension not in _LEVELS}
    if attributes & _NOT_ASKED:
        raise FilterError("this role does not see figures of single members of staff: leave out clinician")
    periods = [(params.start, params.end), *(_period(side) for side in sides if ".." in side)]
    dated = any(start or end for start, end in periods) and name not in _BY_DAY
    if dated and not all(Filters(start=start, end=end).whole_months() for start, end in periods):
        raise FilterError("this role asks for whole months: begin on a first and end on a last day of a month")
    if dated:
        attributes.add("month")
    if len(attributes) > 1:
        found = ", ".join(sorted("period" if item == "month" else item for item in attributes))
        msg = f"this role may group or filter by the level and one more attribute, not by several ({found})"
        raise FilterError(msg)


def _period(side: str) -> tuple[date | None, date | None]:
    """A side of a comparison that is a period; one that cannot be read is refused by the comparison itself."""
    try:
        start, end = (date.fromisoformat(day.strip()) if day.strip() else None for day in side.split(".."))
    except ValueError:
        return None, None
    return start, end


def completion_counts(services: Services, connection: Connection, params: ReportParams) -> Rows:
    """Completion as it may be shown: withheld counts are None, and so is each rate that rests on one.

    Raises:
        FilterError: a group, filter or denominator that completion does not have.
    """
    known = completion_definition.denominators(services.settings.measures_file)
    if params.denominator not in known:
        msg = f"no denominator {params.denominator!r}: choose from {', '.join(known)}"
        raise FilterError(msg)
    level = "last_level" if params.unit == "episode" else "level"
    query = completion.episodes if params.unit == "episode" else completion.completion
    params.filters((level,)).checked(completion.EPISODE_GROUPS if params.unit == "episode" else STAY_DIMENSIONS)
    attribute = _attribute(params, level)

    def rows_by(*by: str) -> Rows:
        return query(connection, Filters(by, cohort=params.cohort), known[params.denominator])

    reasons = shown(_outcomes(rows_by(level), (level,)))
    divided = shown(_by_attribute(rows_by(level, attribute), (level, attribute))) if attribute else reasons
    by = params.filters((level,)).by
    rows = [
        _completion_row(reasons, divided, attribute, by, group, belongs)
        for group, belongs in _groups(divided, (level, OTHERWISE, attribute), by, _wanted(params, level))
    ]
    return [_with_rate(row, known[params.denominator]) for row in rows]


def status_counts(connection: Connection, params: ReportParams) -> Rows:
    """Clients by group as they may be shown.

    Raises:
        FilterError: a group or filter that the status does not have.
    """
    filters = params.filters(("state", "level")).checked(status.GROUPS)
    attribute = next((name for name in (*filters.by, *filters.where) if name in {"site", "program"}), "")
    order = ("state", "level", attribute) if attribute else ("state", "level")
    found = shown(leaves_of(status.status_counts(connection, Filters(order)), order, "clients"))
    rows: Rows = []
    for group, belongs in _groups(found, order, filters.by, _matches(order, filters.where)):
        depth = max((order.index(name) + 1 for name in (*filters.by, *filters.where)), default=0)
        n = found.total(depth, belongs)
        rows.append({**dict(zip(filters.by, group, strict=True)), "clients": n, "suppressed": n is None})
    return rows


def _attribute(params: ReportParams, level: str) -> str:
    names = [name for name in (*params.by, *params.where) if name not in {level, "all"}]
    return names[0] if names else "month" if params.start or params.end else ""


def _outcomes(rows: Rows, dimensions: tuple[str, ...]) -> dict[Path, int]:
    """Leaves by level, outcome and, where it was not completion, reason."""
    return {
        (*(str(row[name]) for name in dimensions), COMPLETED if reason == COMPLETED else OTHERWISE, reason): row[reason]
        for row in rows
        for reason in REASONS
    }


def _by_attribute(rows: Rows, dimensions: tuple[str, ...]) -> dict[Path, int]:
    """Leaves by level, outcome and the attribute."""
    leaves: dict[Path, int] = {}
    for row in rows:
        level, value = (str(row[name]) for name in dimensions)
        leaves[level, COMPLETED, value] = row[COMPLETED]
        leaves[level, OTHERWISE, value] = row["discharges"] - row[COMPLETED]
    return leaves


def _wanted(params: ReportParams, level: str) -> Callable[[Path], bool]:
    """Whether a part is within the filters and the period."""
    first, last = _month(params.start), _month(params.end)

    def belongs(path: Path) -> bool:
        if path and params.where.get(level, path[0]) != path[0]:
            return False
        if len(path) < 3:
            return True
        others = [value for name, value in params.where.items() if name != level]
        in_period = (not first or path[2] >= first) and (not last or path[2] <= last)
        return all(value == path[2] for value in others) and (in_period or not (first or last))

    return belongs


def _month(day: date | None) -> str:
    return f"{day:%Y-%m}" if day else ""


def _matches(order: Sequence[str], where: dict[str, str]) -> Callable[[Path], bool]:
    pairs = [(order.index(name), value) for name, value in where.items()]
    return lambda path: all(len(path) <= place or path[place] == value for place, value in pairs)


def _groups(
    found: Shown, order: Sequence[str], by: tuple[str, ...], wanted: Callable[[Path], bool]
) -> Iterator[tuple[tuple[str, ...], Callable[[Path], bool]]]:
    """The groups of a table that may be named, each with what belongs to it, in the order of the continuum."""
    places = [order.index(name) for name in by]
    depth = max((place + 1 for place in places), default=0)
    parts = [path for path in found.named(depth) if wanted(path)]
    groups = sorted({tuple(path[place] for place in places) for path in parts}, key=_order)
    for group in groups:

        def belongs(path: Path, group: tuple[str, ...] = group) -> bool:
            pairs = zip(places, group, strict=True)
            return wanted(path) and all(len(path) <= place or path[place] == value for place, value in pairs)

        yield group, belongs


def _order(group: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    known = (*status.STATES, *LEVELS)
    return tuple((known.index(value) if value in known else len(known), value) for value in group)


def _completion_row(
    reasons: Shown,
    divided: Shown,
    attribute: str,
    by: tuple[str, ...],
    group: tuple[str, ...],
    belongs: Callable[[Path], bool],
) -> dict[str, Any]:
    counts: dict[str, int | None] = dict.fromkeys(REASONS)
    if attribute:
        completed = divided.total(3, lambda path: path[1] == COMPLETED and belongs(path))
        otherwise = divided.total(3, lambda path: path[1] == OTHERWISE and belongs(path))
        discharges = None if completed is None or otherwise is None else completed + otherwise
        counts[COMPLETED] = completed
        if otherwise == 0:
            counts = {**dict.fromkeys(REASONS, 0), COMPLETED: completed}
    else:
        for reason in REASONS:
            counts[reason] = reasons.total(3, lambda path, reason=reason: path[2] == reason and belongs(path))
        discharges = reasons.total(1, belongs) if by or not belongs(("",)) else reasons.counts.get(())
        if discharges == reasons.counts.get(()) and counts[COMPLETED] is None and not by:
            counts[COMPLETED] = _all_completed(reasons)
    hidden = discharges is None or any(value is None for value in counts.values())
    return {**dict(zip(by, group, strict=True)), "discharges": discharges, **counts, "suppressed": hidden}


def _all_completed(reasons: Shown) -> int | None:
    """Everybody who completed, where that gives nothing away of the levels whose outcomes are withheld.

    What is left of all for these levels together must be at least eleven of each outcome, over two levels or more.
    """
    hidden = [path for path in reasons.sizes if len(path) == 2 and path not in reasons.counts]
    left = {
        outcome: sum(reasons.sizes[path] for path in hidden if path[1] == outcome) for outcome in (COMPLETED, OTHERWISE)
    }
    if len({path[0] for path in hidden}) < 2 or min(left.values()) < SMALLEST_SHOWN:
        return None
    return sum(n for path, n in reasons.sizes.items() if len(path) == 2 and path[1] == COMPLETED)


def _with_rate(row: dict[str, Any], made_of: completion_definition.Denominator) -> dict[str, Any]:
    """The rate, where everything that it is made of is shown and neither it nor its complement is small."""
    suppressed = row.pop("suppressed")
    names = ("discharges", *made_of.counted, *made_of.left_out)
    above = below = rate = low = high = None
    if all(row[name] is not None for name in names):
        above = sum(row[name] for name in made_of.counted)
        below = row["discharges"] - sum(row[name] for name in made_of.left_out)
        if small(above) or small(below) or small(below - above):
            above = below = None
        else:
            rate, low, high = wilson(above, below)
    figures = {"completion_rate": rate, "ci_low": low, "ci_high": high, "numerator": above, "denominator": below}
    return {**row, **figures, "suppressed": suppressed or rate is None}


def answered(name: str, services: Services, connection: Connection, params: ReportParams, answer: Answer) -> Rows:
    """The answer of a report, with what may not be shown left out; ``answer`` is the report's own.

    Raises:
        FilterError: a group, filter or measure that the report does not have.
    """
    match name, params.show:
        case "completion", "":
            return completion_counts(services, connection, params)
        case "status", _:
            return status_counts(connection, replace(params, start=None, end=None))
        case "census", _:
            return census_rows(services, connection, params)
        case "retention", _:
            return retention_rows(services, connection, params)
        case "flow", "" | "steps" | "ends":
            return flow_rows(services, connection, params)
        case _ if (name, params.show) not in HIDING:
            raise FilterError("this role sees reports of which it is known what to withhold: not this one")
        case _:
            rows = answer(services, connection, params)
            if (name, params.show) == ("completion", "lengths"):
                rows = [row for row in rows if row["reason"] == "all"]
            return hidden(HIDING[name, params.show], services, connection, params, rows)


HIDING: dict[tuple[str, str], Hiding] = {
    ("completion", "lengths"): hidden_stays.LENGTHS,
    ("abstinence", ""): hidden_measures.ABSTINENCE,
    ("flow", "entries"): hidden_measures.ENTRIES,
    ("attendance", ""): hidden_measures.ATTENDANCE,
    ("attendance", "bounds"): hidden_measures.BOUNDS,
    ("attendance", "sessions"): hidden_measures.SESSIONS,
    ("quality", ""): hidden_measures.QUALITY,
    ("prevalence", ""): hidden_measures.PREVALENCE,
    ("followback", ""): hidden_measures.FOLLOWBACK,
    ("agreement", ""): hidden_measures.AGREEMENT,
    ("outcomes", ""): hidden_measures.OUTCOMES,
}
