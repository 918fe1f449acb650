"""Ever dosed: of those to whom a drug was prescribed, or who were randomised to it, who had a dose of it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.entries import Entry
from projections.chart import Chart
from projections.clinical.coverage import doses, is_outside, prescriptions
from projections.clinical.products import ingredient
from projections.quality.index import Client, Found
from projections.quality.place import place_at
from projections.quality.tables import State


def ever_dosed(client: Client) -> Iterator[Found]:
    """One row a drug, by its first order; never observed where no dose of any drug is on record since."""
    chart = client.chart
    for name, order in first_orders(chart):
        given = doses_since(chart, name, order)
        state: State = "met" if given else "unknown" if is_outside(chart, order) else "unmet"
        none = not any(entry.day >= order.day for entry, _ in doses(chart))
        place = place_at(client, order)
        yield Found("ever_dosed", state, place, order.day, order.at, never_observed=none)


def first_orders(chart: Chart) -> list[tuple[str, Entry]]:
    """The first order of each drug as medication for addiction treatment."""
    found: dict[str, Entry] = {}
    for name, _, order in prescriptions(chart):
        found.setdefault(name, order)
    return list(found.items())


def doses_since(chart: Chart, name: str, order: Entry) -> list[Entry]:
    """The doses of a drug from the day of an order on: imported days have no time of their own."""
    return [entry for entry, event in doses(chart) if ingredient(event.drug) == name and entry.day >= order.day]
