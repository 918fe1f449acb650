"""Ever dosed: of those to whom a drug was prescribed, or who were randomised to it, who had a dose of it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.entries import Entry
from domain.events import LevelOfCareStarted
from projections.chart import Chart
from projections.clinical.coverage import doses, is_outside, prescriptions
from projections.clinical.products import INGREDIENTS, ingredient
from projections.quality.index import Client, IndexEvent
from projections.quality.place import place_at
from projections.quality.tables import State


def ever_dosed(client: Client) -> Iterator[IndexEvent]:
    """One row a drug, by its first order or randomisation; never observed: no dose of any is on record."""
    chart = client.chart
    for name, order in first_orders(chart):
        given = doses_since(chart, name, order)
        state: State = "met" if given else "unknown" if is_outside(chart, order) else "unmet"
        none = not any(entry.day >= order.day for entry, _ in doses(chart))
        place = place_at(client, order)
        yield IndexEvent("ever_dosed", state, place, order.day, order.at, never_observed=none)


def first_orders(chart: Chart) -> list[tuple[str, Entry]]:
    """The first order of each drug as medication for addiction treatment, or an earlier randomisation to it."""
    ordered = [(name, order) for name, _, order in prescriptions(chart)]
    firsts: dict[str, Entry] = {}
    for name, entry in sorted([*ordered, *_by_lot(chart)], key=lambda item: item[1].at):
        firsts.setdefault(name, entry)
    return list(firsts.items())


def _by_lot(chart: Chart) -> Iterator[tuple[str, Entry]]:
    """(drug, start of the stay) of each randomisation to a program whose name says which drug it gives."""
    counted = {stay.event_id for stay in chart.journey.stays}
    for entry, event in chart.events(LevelOfCareStarted):
        drug = ingredient(event.program or "")
        if event.randomized and drug in INGREDIENTS and entry.event_id in counted:
            yield drug, entry


def doses_since(chart: Chart, name: str, order: Entry) -> list[Entry]:
    """The doses of a drug from the day of an order on: imported days have no time of their own."""
    return [entry for entry, event in doses(chart) if ingredient(event.drug) == name and entry.day >= order.day]
