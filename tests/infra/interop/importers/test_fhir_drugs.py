"""FHIR in: a drug is prescribed, given or dispensed where its code or its whole text names it, and by no part of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.events import MedicationGiven, MedicationStarted
from infra.eventstore.log import EventLog
from infra.interop.fhir.coding import RXNORM
from tests.infra.interop.importers.fhir_parts import Resource, Store, about, patient

WHEN = "2026-01-06T10:00:00-05:00"
KINDS: dict[str, Resource] = {
    "MedicationRequest": {"status": "active", "intent": "order", "authoredOn": WHEN},
    "MedicationAdministration": {"status": "completed", "effectiveDateTime": WHEN},
    "MedicationDispense": {"status": "completed", "whenHandedOver": WHEN, "daysSupply": {"value": 7}},
}


@pytest.fixture
def here(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


def of(store: Store, kind: str, concept: Resource) -> list[str]:
    """The drugs that were recorded of a resource."""
    store.take(patient(), about(kind, "m1", medicationCodeableConcept=concept, **KINDS[kind]))
    given = [event.drug for _, event in store.chart.events(MedicationGiven)]
    found = [event.drug for _, event in store.chart.events(MedicationStarted)] + given
    assert (f"{kind}/m1" in store.left) is (found == [])
    return found


DENIED = [
    "No buprenorphine",
    "buprenorphine declined",
    "Allergic to naltrexone",
    "allergy: methadone",
    "not taking methadone",
    "Methadone?",
    "discontinue buprenorphine",
    "buprenorphine refused by client",
    "history of methadone",
    "discussed naltrexone",
    "stop sertraline",
    "opioid-naive",
    "none",
    "unknown",
    "8 mg",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("said", DENIED)
def test_a_text_that_says_more_than_a_drug_is_none(here: Store, kind: str, said: str) -> None:
    assert of(here, kind, {"text": said}) == []
    assert of(here, kind, {"coding": [{"system": "urn:local", "display": said}]}) == []


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Buprenorphine/naloxone 8-2 mg SL film", "partial_agonist"),
        ("buprenorphine 8 MG / naloxone 2 MG Sublingual Film [Suboxone]", "partial_agonist"),
        ("Methadone HCl 10mg/mL oral concentrate", "agonist"),
        ("Vivitrol 380 mg IM monthly", "antagonist"),
        ("Acamprosate calcium 333 mg delayed release tablet", "other"),
        ("Sertraline 50 mg daily", "other"),
        ("methadone/naltrexone", "other"),
    ],
)
def test_a_text_that_is_a_drug_is_one(here: Store, said: str, kind: str) -> None:
    assert of(here, "MedicationRequest", {"text": said}) == [said]
    assert [event.class_ for _, event in here.chart.events(MedicationStarted)] == [kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("said", "counts"),
    [("Bup 8 for the mornings", True), ("No buprenorphine", False), ("Allergic", False), ("Suboxone", True)],
)
def test_a_text_beside_a_code_may_not_take_it_back(here: Store, kind: str, said: str, *, counts: bool) -> None:
    concept = {"coding": [{"system": RXNORM, "code": "1819"}], "text": said}
    assert of(here, kind, concept) == ([said] if counts else [])


@pytest.mark.parametrize("said", ["Vivitrol", "naltrexone 50 mg"])
def test_a_code_and_another_drugs_name_are_neither(here: Store, said: str) -> None:
    assert of(here, "MedicationAdministration", {"coding": [{"system": RXNORM, "code": "1819"}], "text": said}) == []
