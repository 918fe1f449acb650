"""How moves between levels hide small groups: one division by what followed, from which every table is summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from infra.hiding import attribute_of, in_period
from infra.report_kinds import ReportParams, Rows
from infra.services import Services
from projections.flow import queries as flow
from projections.safe_counts import Path, Shown, shown
from projections.statistics import wilson

Row = Mapping[str, Any]
_ENDS, _GOES_ON = "ends", "goes_on"


def flow_rows(services: Services, connection: Connection, params: ReportParams) -> Rows:
    """The matrix, steps and ends of episodes as they may be shown; with an attribute, ends without their reasons.

    Stays are divided by level; by whether the episode ended with them; by step and level reached, or else by reason;
    by the attribute. Shares of an outcome are shown with all that they are made of.
    """
    attribute = attribute_of(params)
    whole = replace(params, where={}, start=None, end=None, by=("level", attribute) if attribute else ("level",))
    moves = shown(_moves(services, connection, whole, attribute))
    if params.show != "ends":
        rows = flow.steps if params.show == "steps" else flow.matrix
        default = ("level",) if params.show == "steps" else ()
        answer = rows(connection, params.filters(default), services.today())
        return _named(moves, params, attribute, answer, "step" if params.show == "steps" else "to")
    answer = flow.ends(connection, params.filters(("level",)), services.today())
    reasons = shown(_reasons(services, connection, whole))
    return _named(moves if attribute else reasons, params, attribute, answer, "reason")


def _moves(services: Services, connection: Connection, whole: ReportParams, attribute: str) -> dict[Path, int]:
    leaves: dict[Path, int] = {}
    for row in flow.matrix(connection, whole.filters(()), services.today()):
        path = (row["from"], _phase(row), row["step"], row["to"], *([str(row[attribute])] if attribute else []))
        leaves[path] = leaves.get(path, 0) + row["numerator"]
    return leaves


def _reasons(services: Services, connection: Connection, whole: ReportParams) -> dict[Path, int]:
    """Ended stays by level, whether the episode ended, and then its reason."""
    by_level = replace(whole, by=("level",))
    leaves: dict[Path, int] = {}
    for row in flow.matrix(connection, by_level.filters(()), services.today()):
        if _phase(row) == _GOES_ON:
            path = (row["from"], _GOES_ON, "")
            leaves[path] = leaves.get(path, 0) + row["numerator"]
    for row in flow.ends(connection, by_level.filters(()), services.today()):
        leaves[row["level"], _ENDS, row["reason"]] = row["numerator"]
    return leaves


def _phase(row: Row) -> str:
    return _ENDS if row["to"] in {flow.LEFT, "alumni"} and row["from"] != "alumni" else _GOES_ON


def _named(found: Shown, params: ReportParams, attribute: str, answer: Rows, part: str) -> Rows:
    """The rows of a table, each the sum of parts; reasons beside an attribute are not divided, so never shown."""
    depth = max((len(path) for path in found.sizes), default=0)
    rows: Rows = []
    for row in answer:
        within = [path for path in found.sizes if len(path) == depth and _belongs(path, params, attribute, row)]
        if part == "reason":
            within = [path for path in within if path[1] == _ENDS]
        mine = [path for path in within if _is_part(path, row, part, attribute)]
        if mine and all(path in found.unnamed for path in mine):
            continue
        above = None if part == "reason" and attribute else _sum(found, mine, {"step": 3}.get(part, 4), attribute)
        if part == "reason":
            below = _sum(found, within, 2, attribute)
        else:
            below = _sum(found, within, 1 if _level(params, row) is not None else 0, attribute)
        rows.append(_with_share(row, above, below))
    return rows


def _level(params: ReportParams, row: Row) -> str | None:
    return row.get("from", row.get("level", params.where.get("level")))


def _belongs(path: Path, params: ReportParams, attribute: str, row: Row) -> bool:
    level = _level(params, row)
    if level is not None and path[0] != level:
        return False
    if not attribute:
        return True
    value = row.get(attribute, params.where.get(attribute))
    return (value is None or path[-1] == str(value)) and (attribute != "month" or in_period(params, path[-1]))


def _is_part(path: Path, row: Row, part: str, attribute: str) -> bool:
    if part == "reason" and attribute:
        return True
    return path[3 if part == "to" else 2] == row[part]


def _sum(found: Shown, paths: list[Path], depth: int, attribute: str) -> int | None:
    """The people of some parts; where no attribute divides them, by the steps of a depth that they make up."""
    own = paths if attribute else {path[:depth] for path in paths}
    return sum(found.counts[path] for path in own) if all(path in found.counts for path in own) else None


def _with_share(row: Row, above: int | None, below: int | None) -> dict[str, Any]:
    estimate = wilson(above, below) if above is not None and below is not None else (None, None, None)
    figures = dict(zip(("share", "ci_low", "ci_high"), estimate, strict=True))
    few = above is None or below is None
    hidden = {"count": None, "not_yet": None, "numerator": above, "denominator": below, **figures}
    return {**row, **hidden, "suppressed": few}
