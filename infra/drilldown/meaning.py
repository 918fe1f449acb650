"""Meaning of a cell: definition, source, its whole, and the version of these."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import orjson

from domain.vocabulary import REASONS
from infra.drilldown.catalogue import drilldown_of, is_compared
from infra.drilldown.cell import Cell
from infra.drilldown.comparison_cells import of_time, resolved
from infra.eventstore.context import HasLog
from infra.history.as_of.dependencies import models_of
from infra.reporting.definitions import definitions
from infra.reporting.reports import TIME_TO_EVENT
from projections.abstinence.queries import all_measures
from projections.completion.definition import denominators

# By number: what it is a part of, the first that its table has.
_WHOLES: dict[str, tuple[str, ...]] = {
    "numerator": ("denominator",),
    "reached": ("denominator",),
    "worse": ("denominator",),
    "open_prescriptions": ("denominator",),
    "without_screens": ("denominator",),
    "ended": ("stays", "at_risk"),
    **dict.fromkeys(("events", "censored"), ("clients", "at_risk")),
    "never_observed": ("clients", "denominator"),
    "first_entries": ("entries",),
    "reported_use": ("clients",),
    **dict.fromkeys(("attended", "missed", "excused", "no_shows"), ("offered",)),
    **dict.fromkeys(("both", "screen_only", "report_only", "neither"), ("denominator", "stays")),
    **dict.fromkeys(("clean", "use", "missing"), ("stays",)),
    **dict.fromkeys(("below", "above"), ("denominator",)),
    **dict.fromkeys((f"weeks_{side}_hours" for side in ("below", "within", "above")), ("weeks",)),
    **dict.fromkeys((f"at_risk_{day}" for day in (30, 60, 90, 180, 365)), ("stays", "clients")),
    **dict.fromkeys(REASONS, ("discharges",)),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number means. ``whole`` names the number that it is a part of, empty where it is of none.

    ``version`` changes with everything that decides what is counted: the definition, the measure of a file, the
    version of the read model.
    """

    title: str
    definition: str
    source: str
    missing: str
    whole: str
    version: str


def meaning(services: HasLog, cell: Cell) -> Meaning:
    """What a number means; of a comparison's number, what the number of that side means.

    Raises:
        FilterError: no such number, or a comparison that cannot be read.
    """
    basis = basis_of(services, cell)
    file = services.settings.measures_file
    known = {definition.id: definition for definition in definitions(file) if definition.report == basis.report}
    definition = known.get(_own_id(basis), known[basis.report])
    return Meaning(
        definition.title,
        definition.definition,
        definition.source,
        definition.missing,
        whole_of(services, cell),
        _version(services, basis),
    )


def basis_of(services: HasLog, cell: Cell) -> Cell:
    """The cell itself, or of a comparison the one that its number comes from.

    Raises:
        FilterError: a comparison that cannot be read.
    """
    if cell.report == TIME_TO_EVENT and cell.params.compare:
        return of_time(cell)
    return resolved(services, cell) if is_compared(cell.report, cell.params) else cell


def whole_of(services: HasLog, cell: Cell) -> str:
    """The number of the same row that a number is a part of; empty where it is of none."""
    side, _, part = cell.number.partition("_")
    if side in {"first", "second"} and part in {"numerator", "denominator"}:
        return f"{side}_denominator" if part == "numerator" else ""
    numbers = drilldown_of(cell.report, basis_of(services, cell).params).numbers
    return next((name for name in _WHOLES.get(cell.number, ()) if name in numbers), "")


def _own_id(basis: Cell) -> str:
    """Which definition of its report a number has."""
    if basis.report == "completion":
        rate = basis.number in {"numerator", "denominator"} and basis.params.show != "lengths"
        return basis.params.denominator if rate else "length_of_stay" if basis.params.show == "lengths" else ""
    return basis.at.get("measure", basis.at.get("instrument", ""))


def _version(services: HasLog, basis: Cell) -> str:
    file = services.settings.measures_file
    known = [
        (definition.id, definition.definition, definition.source)
        for definition in definitions(file)
        if definition.report == basis.report
    ]
    rate = denominators(file).get(basis.params.denominator)
    measure = all_measures(file).get(basis.at.get("measure", ""))
    counted = [
        [(model.name, model.version) for model in models_of(basis.report)],
        [item for item in known if item[0] in {basis.report, _own_id(basis)}],
        [rate.counted, rate.left_out] if rate is not None and basis.report == "completion" else [],
        measure.model_dump(mode="json") if measure is not None and basis.report == "abstinence" else {},
    ]
    return hashlib.sha256(orjson.dumps(counted, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
