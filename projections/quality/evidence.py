"""What a row of the measures of medication rests on: its doses and prescriptions."""

from __future__ import annotations

from collections.abc import Sequence

from domain.entries import Entry
from projections.chart import Chart
from projections.clinical.coverage import coverage
from projections.clinical.periods import Span
from projections.quality.induction import doses_since, first_orders
from projections.quality.medication import long_enough, new_periods


def behind(chart: Chart, measure: str, index_day: int) -> list[Entry]:
    """What a row rests on: the period's first and last dose, its prescriptions with their stops, each once.

    That is the period that was long enough, or all that there was; of ever dosed the order and the drug's first dose.
    """
    if measure == "ever_dosed":
        return _first_dose(chart, index_day)
    spans = coverage(chart)
    if measure == "pod_180":
        begun = [of_one for of_one in new_periods(spans) if of_one[0].entry.day == index_day]
        spans = begun[0] if begun else spans
    long = long_enough(measure, spans)
    return _ends(long.spans if long else spans)


def _ends(spans: Sequence[Span]) -> list[Entry]:
    given = [span.entry for span in spans if span.entry.type == "MedicationGiven"]
    ordered = [span for span in spans if span.entry.type != "MedicationGiven"]
    stops = [span.stop for span in ordered if span.stop is not None]
    return [*given[:1], *given[-1:], *(span.entry for span in ordered), *stops]


def _first_dose(chart: Chart, index_day: int) -> list[Entry]:
    entries: list[Entry] = []
    for name, order in first_orders(chart):
        if order.day == index_day:
            entries += [order, *doses_since(chart, name, order)[:1]]
    return entries
