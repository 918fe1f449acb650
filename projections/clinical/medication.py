"""Which drugs are prescribed: orders, and the prescriptions that they add up to.

The same drug is the same name by Unicode compatibility (NFKC), letter case and blanks apart: somebody who stops
"buprenorphine" stops what was started as "Buprenorphine ". A brand and its ingredient are two drugs: no list of
synonyms is kept here, and a wrong guess would stop what runs.

A prescription runs from a drug's first start to its next stop. A start of a drug that runs is a change of the order
(its dose, its class): one prescription goes on, and the latest order says what is taken. A stop of what does not run
says nothing. Death stops no prescription by itself: it was running then, and who counts days ends them there.
Without a stop a prescription runs to the end of the record.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, cast

from domain.entries import Entry
from domain.events import MedicationGiven, MedicationStarted, MedicationStopped
from projections.chart import Chart, clinical_order

MAT_CLASSES: Final = frozenset({"agonist", "partial_agonist", "antagonist"})
"""The classes of medication for addiction treatment."""


@lru_cache(maxsize=4096)
def drug_key(name: str) -> str:
    """What two names of the same drug share; a name of blanks alone is the empty key."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


@dataclass(slots=True)
class Order:
    """One order of a drug. It holds from ``entry`` until ``ended``, the drug's stop or its next order (half-open).

    ``doses`` are those given meanwhile. Days are proleptic ordinals.
    """

    entry: Entry
    ended: Entry | None = None
    doses: list[Entry] = field(default_factory=list[Entry])

    @property
    def event(self) -> MedicationStarted:
        """What was ordered."""
        return cast("MedicationStarted", self.entry.event)

    @property
    def stop(self) -> MedicationStopped | None:
        """The stop that ended it, if one did."""
        event = self.ended.event if self.ended else None
        return event if isinstance(event, MedicationStopped) else None

    @property
    def ended_day(self) -> int | None:
        """The day it was stopped or changed, None while it goes on."""
        return self.ended.day if self.ended else None

    @property
    def is_changed(self) -> bool:
        """Whether another order of the same drug took its place."""
        return self.ended is not None and self.stop is None

    @property
    def for_addiction(self) -> bool:
        """Whether it is medication for addiction treatment."""
        return self.event.class_ in MAT_CLASSES

    def holds_at(self, entry: Entry) -> bool:
        """Whether it holds when something is recorded, by clinical time; ties in the order of recording."""
        at = clinical_order(entry)
        return clinical_order(self.entry) < at and (self.ended is None or at < clinical_order(self.ended))


@dataclass(slots=True)
class Prescription:
    """One drug from its start to its stop: its orders in their order, at least one."""

    orders: list[Order]

    @property
    def latest(self) -> Order:
        """The order that holds now, or held last."""
        return self.orders[-1]

    @property
    def ended(self) -> Entry | None:
        """The stop, None while it runs."""
        return self.latest.ended


@dataclass(slots=True)
class Medications:
    """A client's prescriptions in the order in which they began, and the doses given outside of all of them."""

    prescriptions: list[Prescription] = field(default_factory=list[Prescription])
    unprescribed: list[Entry] = field(default_factory=list[Entry])

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Medications:
        """Folded from entries that count, in clinical order; those of other types do not matter."""
        medicines = cls()
        running: dict[str, Prescription] = {}
        for entry in entries:
            event = entry.event
            if isinstance(event, MedicationStarted):
                medicines._start(running, entry, drug_key(event.drug))
            elif isinstance(event, MedicationStopped):
                if stopped := running.pop(drug_key(event.drug), None):
                    stopped.latest.ended = entry
            elif isinstance(event, MedicationGiven):
                of = running.get(drug_key(event.drug))
                (of.latest.doses if of else medicines.unprescribed).append(entry)
        return medicines

    @property
    def orders(self) -> list[Order]:
        """Every order, in clinical order."""
        return sorted(self._all(), key=lambda order: clinical_order(order.entry))

    @property
    def running(self) -> list[Order]:
        """What runs at the end of the record: the latest order of each prescription without a stop."""
        return [prescription.latest for prescription in self.prescriptions if prescription.ended is None]

    def classes_at(self, entry: Entry) -> dict[str, str]:
        """The drugs prescribed when something is recorded, as ordered, with their classes."""
        return {order.event.drug: order.event.class_ for order in self._all() if order.holds_at(entry)}

    def current_for_addiction(self) -> str:
        """The medication for addiction treatment that runs, as ordered last; of several the latest, or nothing."""
        last = [
            order
            for prescription in self.prescriptions
            if prescription.ended is None
            for order in prescription.orders
            if order.for_addiction
        ]
        return max(last, key=lambda order: clinical_order(order.entry)).event.drug if last else ""

    def _all(self) -> Iterator[Order]:
        return (order for prescription in self.prescriptions for order in prescription.orders)

    def _start(self, running: dict[str, Prescription], entry: Entry, key: str) -> None:
        order = Order(entry)
        before = running.get(key)
        if before is not None:
            before.latest.ended = entry
            before.orders.append(order)
            return
        running[key] = Prescription([order])
        self.prescriptions.append(running[key])


PRESCRIBED = frozenset({MedicationStarted, MedicationStopped})
"""The only types on which ``medications`` depend."""


def medications(chart: Chart) -> Medications:
    """A chart's prescriptions; doses are left out, which daily dosing has hundreds of (see ``with_doses``)."""
    return chart.once(_medications)


def _medications(chart: Chart) -> Medications:
    return Medications.of(chart.of(MedicationStarted, MedicationStopped))


def with_doses(chart: Chart, within: Callable[[Entry], bool] = lambda _: True) -> Medications:
    """A chart's prescriptions with the doses that were given, as the entries ``within`` a time say."""
    return Medications.of(filter(within, chart.of(MedicationStarted, MedicationStopped, MedicationGiven)))
