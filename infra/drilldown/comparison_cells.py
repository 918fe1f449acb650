"""Cells of a comparison, as cells of the reports it compares."""

from __future__ import annotations

from dataclasses import replace

from infra.drilldown.cell import Cell
from infra.eventstore.context import HasLog
from infra.reporting.comparison import last_quarters
from projections import comparison
from projections.completion.definition import denominators
from projections.filters import FilterError, Filters
from projections.flow.queries import STEPS
from projections.outcomes.scales import SCALES
from projections.quality.definition import MEASURES as QUALITY

NUMBERS = tuple(f"{side}_{part}" for side in ("first", "second") for part in ("numerator", "denominator"))
_AFTER = "abstinent_after_"
_IMPROVED = "_improved"
_ATTENDANCE = {"attendance": ("attended", "offered"), "no_show": ("no_shows", "offered")}


def resolved(services: HasLog, cell: Cell) -> Cell:
    """The cell of the report that a comparison's number comes from.

    Raises:
        FilterError: it is no count of one side, the row is not named, or the comparison cannot be read.
    """
    if cell.number not in NUMBERS:
        msg = f"this number cannot be opened: open {', '.join(NUMBERS)}. Differences and tests are made of these"
        raise FilterError(msg)
    measure = cell.at.get("measure", "")
    if not measure:
        msg = "say which row: measure is missing, as at=measure=…"
        raise FilterError(msg)
    params, part = cell.params, cell.number.partition("_")[2]
    side = _side(services, cell).filters
    side_params = replace(params, by=(), where=side.where, start=side.start, end=side.end, compare="", show="")
    return _of(services, replace(cell, params=side_params), measure, part)


def of_time(cell: Cell) -> Cell:
    """The cell of time to event itself that a row of two sides is, which names its side.

    Raises:
        FilterError: the row is not named, or the comparison cannot be read.
    """
    params = cell.params
    text = comparison.of_group(params.compare, params.groups)
    both = comparison.operands(text, params.filters(()))
    kind = comparison.kind_of(text)
    side = next((side.filters for side in both if side.name == cell.at.get(kind)), None)
    if side is None:
        msg = f"say which row: {kind} is {' or '.join(side.name for side in both)}, as at={kind}={both[0].name}"
        raise FilterError(msg)
    side_params = replace(params, by=(), where=side.where, start=side.start, end=side.end, compare="")
    return replace(cell, params=side_params, at={name: value for name, value in cell.at.items() if name != kind})


def side_of(services: HasLog, cell: Cell) -> str:
    """The name of the side of a comparison that a number is of; empty where nothing is compared.

    Raises:
        FilterError: the comparison cannot be read.
    """
    compared = cell.number in NUMBERS and (cell.report == "comparison" or bool(cell.params.compare))
    return _side(services, cell).name if compared else ""


def _side(services: HasLog, cell: Cell) -> comparison.Side:
    params = cell.params
    filters = Filters((), params.start, params.end, params.cohort, params.where)
    both = comparison.operands(params.compare or last_quarters(services.today()), filters)
    return both[cell.number.startswith("second_")]


def _of(services: HasLog, cell: Cell, measure: str, part: str) -> Cell:
    if measure == "retention":
        return replace(cell, report="retention", at={}, number="ended" if part == "numerator" else "stays")
    if measure in denominators(services.settings.measures_file):
        return _with(replace(cell, report="completion", at={}, number=part), denominator=measure)
    if measure in STEPS:
        return _with(replace(cell, report="flow", at={"step": measure}, number=part), show="steps")
    if measure in _ATTENDANCE:
        number = _ATTENDANCE[measure][part == "denominator"]
        return replace(cell, report="attendance", at={}, number=number)
    if measure == "weeks_within_hours":
        return _with(replace(cell, report="attendance", at={"bound": "hours"}, number=part), show="bounds")
    if measure in QUALITY:
        return replace(cell, report="quality", at={"measure": measure}, number=part)
    if measure.startswith(_AFTER):
        return replace(cell, report="prevalence", at={"milestone": measure.removeprefix(_AFTER)}, number=part)
    if measure.removesuffix(_IMPROVED) in SCALES:
        return replace(cell, report="outcomes", at={"instrument": measure.removesuffix(_IMPROVED)}, number=part)
    return replace(cell, report="abstinence", at={"measure": measure}, number=part)


def _with(cell: Cell, *, denominator: str = "", show: str = "") -> Cell:
    params = cell.params
    return replace(cell, params=replace(params, denominator=denominator or params.denominator, show=show))
