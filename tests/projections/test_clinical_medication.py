"""Which drugs are prescribed: one identity of a drug, starts, changes, stops, and what runs at a screen."""

from __future__ import annotations

import pytest

from domain.events import DrugScreenResulted, MedicationGiven, MedicationStarted, MedicationStopped
from projections.chart import Chart
from projections.clinical.medication import Medications, drug_key, with_doses
from tests.spec import Fact, ago, entries, fact


def start(days_ago: float, drug: str = "Buprenorphine", kind: str = "partial_agonist", dose: float = 8) -> Fact:
    return fact(MedicationStarted.model_validate({"drug": drug, "class": kind, "dose_mg": dose}), ago(days_ago))


def stop(days_ago: float, drug: str = "buprenorphine") -> Fact:
    return fact(MedicationStopped(drug=drug, reason="taper"), ago(days_ago))


def dose(days_ago: float, drug: str = "buprenorphine") -> Fact:
    return fact(MedicationGiven(drug=drug), ago(days_ago))


def folded(*facts: Fact) -> Medications:
    return with_doses(Chart("c" * 32, len(facts), entries(list(facts))))


def ran(*facts: Fact) -> list[tuple[str, float | None]]:
    return [(order.event.drug, order.event.dose_mg) for order in folded(*facts).running]


@pytest.mark.parametrize("name", ["buprenorphine ", "BUPRENORPHINE", "\tBuprenorphine", "ｂｕｐｒｅｎｏｒｐｈｉｎｅ"])
def test_case_blanks_and_compatible_letters_make_no_other_drug(name: str) -> None:
    assert drug_key(name) == "buprenorphine"
    assert ran(start(9), stop(3, name.strip())) == []


def test_inner_blanks_are_one_and_other_names_are_other_drugs() -> None:
    assert drug_key("Buprenorphine /  Naloxone") == "buprenorphine / naloxone"
    assert ran(start(9), stop(3, "Subutex")) == [("Buprenorphine", 8)]


def test_a_start_of_what_runs_changes_the_one_prescription() -> None:
    found = folded(start(9), start(5, "buprenorphine", dose=16))
    [prescription] = found.prescriptions
    assert [(order.event.dose_mg, order.is_changed) for order in prescription.orders] == [(8, True), (16, False)]
    assert [order.event.dose_mg for order in found.running] == [16]
    assert ran(start(9), start(5, "buprenorphine"), stop(2)) == []


def test_a_stop_of_what_does_not_run_says_nothing_and_a_later_start_is_another_prescription() -> None:
    found = folded(stop(12), start(9), stop(6), stop(5), start(2, "BUPRENORPHINE"))
    assert [one.ended is None for one in found.prescriptions] == [False, True]
    assert found.current_for_addiction() == "BUPRENORPHINE"


def test_a_drug_that_still_runs_is_current_when_a_later_one_is_stopped() -> None:
    both = (start(9), start(6, "Methadone", "agonist"))
    assert folded(*both).current_for_addiction() == "Methadone"
    assert folded(*both, stop(2, "methadone")).current_for_addiction() == "Buprenorphine"


def test_doses_belong_to_the_order_that_holds() -> None:
    found = folded(dose(10), start(9), dose(8, "BUPRENORPHINE"), start(7), dose(6), dose(5), stop(4), dose(3))
    assert [len(order.doses) for order in found.orders] == [1, 2]
    assert len(found.unprescribed) == 2


def test_an_order_holds_from_its_start_until_its_stop_by_moment() -> None:
    screens = [fact(DrugScreenResulted(specimen="urine", positive=()), ago(at)) for at in (9.5, 8.5, 4.5, 3.5)]
    facts = [start(9), start(5, "BUPRENORPHINE", "other"), stop(4), *screens]
    chart = Chart("c" * 32, len(facts), entries(facts))
    found = with_doses(chart)
    assert [found.classes_at(entry) for entry in chart.of(DrugScreenResulted)] == [
        {}, {"Buprenorphine": "partial_agonist"}, {"BUPRENORPHINE": "other"}, {},
    ]  # fmt: skip
