"""Tables of groups as people may see them who see no clients: which of a report's rows keep their numbers.

The rule is ``projections.safe_groups``. What may be shown is decided on one table by level, and one by level and the
question's attribute, whatever the question leaves of them: so that two questions have one pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from infra.report_kinds import ALL, ReportParams, Rows
from infra.services import Services
from projections.safe_counts import Path
from projections.safe_groups import REST, Figure, Withheld, with_rest, withheld

Group = tuple[str, ...]
Figures = dict[Group, dict[str, Figure]]
"""For each group of a table, its figures by name."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Columns of a row that rest on one figure: on its total alone, and on what became of those."""

    figure: str
    totals: tuple[str, ...]
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hiding:
    """How a report hides: its figures by group, what of a row rests on which figure, which are of one population.

    ``never`` are columns that are not shown at all.
    """

    figures: Callable[[Services, Connection, ReportParams], Figures]
    masks: Callable[[Mapping[str, Any]], Iterable[Mask]]
    cluster: Callable[[str], str] = lambda figure: figure
    never: tuple[str, ...] = ()


def hidden(hiding: Hiding, services: Services, connection: Connection, params: ReportParams, rows: Rows) -> Rows:
    """The rows of a question without the numbers that may not be shown, and without groups that may not be named."""
    attribute = attribute_of(params)
    patterns = _patterns(hiding, services, connection, params, attribute)
    found: Rows = []
    for row in rows:
        # a figure that is nought in every group, as the moves of a month without any, has nobody to hide
        masks = [mask for mask in hiding.masks(row) if mask.figure in patterns]
        unnamed = [_members(patterns[mask.figure].unnamed, params, attribute, row) for mask in masks]
        named = [_members(patterns[mask.figure].groups, params, attribute, row) for mask in masks]
        if masks and all(some and some == every for some, every in zip(unnamed, named, strict=True)):
            continue
        gone = set(hiding.never)
        for mask in masks:
            pattern = patterns[mask.figure]
            no_total = _members(pattern.totals, params, attribute, row)
            no_outcome = _members(pattern.outcomes, params, attribute, row)
            gone.update(mask.totals if no_total else (), mask.outcomes if no_outcome else ())
        few = bool(gone - set(hiding.never))
        found.append({**{name: None if name in gone else value for name, value in row.items()}, "suppressed": few})
    return found


def attribute_of(params: ReportParams) -> str:
    """The one attribute of a question beside the level; a period is the attribute month."""
    names = [name for name in (*params.by, *params.where) if name not in {"level", ALL}]
    return names[0] if names else "month" if params.start or params.end else ""


def in_period(params: ReportParams, month: str) -> bool:
    """Whether a month (``YYYY-MM``) is within the question's period, which is of whole months."""
    after = params.start is None or f"{params.start:%Y-%m}" <= month
    return after and (params.end is None or month <= f"{params.end:%Y-%m}")


def _patterns(
    hiding: Hiding, services: Services, connection: Connection, params: ReportParams, attribute: str
) -> dict[str, Withheld]:
    plain = replace(params, where={}, start=None, end=None, compare="", suppress=False)
    found: dict[str, dict[Path, Figure]] = {}
    for by in ((ALL,), ("level",), ("level", attribute))[: 3 if attribute else 2]:
        for group, figures in hiding.figures(services, connection, replace(plain, by=by)).items():
            for name, figure in figures.items():
                found.setdefault(name, {})[group] = figure
    patterns: dict[str, Withheld] = {}
    before: dict[str, frozenset[Path]] = {}
    for name, groups in found.items():
        cluster = hiding.cluster(name)
        patterns[name] = withheld(with_rest(groups), before.get(cluster, frozenset()))
        before[cluster] = patterns[name].totals
    return patterns


def _members(groups: Iterable[Path], params: ReportParams, attribute: str, row: Mapping[str, Any]) -> list[Path]:
    """Those of some groups that a row is the sum of."""
    level = row.get("level", params.where.get("level"))
    depth = 2 if attribute else 1 if level is not None else 0
    value = row.get(attribute, params.where.get(attribute)) if attribute else None
    found: list[Path] = []
    for path in groups:
        if len(path) != depth or (level is not None and path[0] != level) or path[-1:] == (REST,):
            continue
        if not attribute or ((value is None or path[1] == str(value)) and _in_month(params, attribute, path[1])):
            found.append(path)
    return sorted(found)


def _in_month(params: ReportParams, attribute: str, value: str) -> bool:
    return attribute != "month" or in_period(params, value)
