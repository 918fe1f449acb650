"""FHIR in: what a source takes back. A consent closes at once; anything else is listed, never known before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.events import ConsentGiven, ConsentRevoked
from infra.eventstore.log import EventLog
from infra.interop.importers.converted import line, record
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.items import Converted, entry_id
from tests.infra.interop.importers.fhir_parts import Resource, Store, bundle, patient, screen, stay
from tests.infra.interop.importers.test_fhir_again import consent

V3 = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@pytest.fixture
def here(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


def actors(*names: str, role: str = "PRCP") -> list[Resource]:
    """Who a provision is about, in one role."""
    return [{"role": {"coding": [{"code": role}]}, "reference": {"display": name}} for name in names]


def open_to(store: Store) -> list[str]:
    """Recipients of the consents that are in force."""
    return sorted(str(given.recipient) for given in store.chart.journey.consents.values())


NO_MORE: list[Resource] = [
    *({"status": said} for said in ("rejected", "inactive", "draft", "proposed", "entered-in-error")),
    {"status": "inactive", "provision": {"period": {"end": "2027-12-31"}}},
    {"provision": {"type": "deny"}},
    {"provision": {"provision": [{"type": "permit"}]}},
    {"provision": {"purpose": [{"system": V3, "code": "HRESCH"}]}},
    {"policyRule": {"coding": [{"system": ACT_CODE, "code": "OPTOUT"}]}},
    {"dateTime": "2027-01-01"},
    {"modifierExtension": [{"url": "urn:not", "valueBoolean": True}]},
    {"status": "nonsense"},
    {"status": 7},
]


class TestConsents:
    """Nothing leaves on a consent that its source does not give any more."""

    @pytest.mark.parametrize("more", NO_MORE)
    def test_closes(self, here: Store, more: Resource) -> None:
        here.take(patient(), consent())
        assert open_to(here) == ["County Court"]
        assert open_to(here.take(patient(), consent(**more))) == []
        assert here.take(patient(), consent(**more)).result.recorded == 0

    @pytest.mark.parametrize("sending", [Sending(name="clinic"), Sending()])
    def test_one_that_was_deleted(self, here: Store, sending: Sending) -> None:
        url = "https://s.example/fhir/Consent/k1"
        gone = {"fullUrl": url, "request": {"method": "DELETE", "url": "Consent/k1"}}
        here.take_file(bundle(patient(), consent(), urls=True), sending)
        here.take_file({"resourceType": "Bundle", "type": "history", "entry": [gone]}, sending)
        assert (open_to(here), here.result.by_type) == ([], {"ConsentRevoked": 1})

    def test_one_that_moved_to_another_chart(self, here: Store) -> None:
        people = patient(), patient("p2", "N-2", birthDate="1945-05-05")
        for key in ("p1", "p2"):
            here.take_file(bundle(*people, consent(patient={"reference": f"Patient/{key}"}), urls=True))
        assert [chart.journey.consents for chart in here.charts.values()] == [{}, {}]

    def test_one_of_which_nobody_knows_the_newer_version(self, here: Store) -> None:
        here.take(patient(), consent()).take(patient(), consent(), consent(status="inactive"))
        assert open_to(here) == []

    def test_given_again_it_is_listed(self, here: Store) -> None:
        here.take(patient(), consent()).take(patient(), consent(status="inactive")).take(patient(), consent())
        assert (open_to(here), here.result.differs, len(here.chart.of(ConsentRevoked))) == ([], 1, 1)

    @pytest.mark.parametrize("more", [{"status": "entered-in-error"}, {"status": "inactive"}])
    def test_one_that_was_corrected_here_too(self, here: Store, more: Resource) -> None:
        """What somebody here wrote stands, and nothing leaves on it any more."""
        here.take(patient(), consent())
        [(entry, event)] = here.chart.events(ConsentGiven)
        said = {**event.model_dump(mode="json", exclude_none=True), "recipient": "District Court"}
        replacement = {"type": "ConsentGiven", "occurred_at": entry.occurred_at.isoformat(), "data": said, "version": 1}
        data = {"target": entry.event_id, "reason": "misread", "replacement": replacement}
        mended = line("N-1", "EntryCorrected", here.log.clock().isoformat(), data, entry_id("test"))
        record(here.log, [Converted("here", mended, ours=True)])
        assert open_to(here) == ["District Court"]
        assert open_to(here.take(patient(), consent(**more))) == []

    def test_a_recipient_who_was_dropped(self, here: Store) -> None:
        here.take(patient(), consent(provision={"actor": actors("A", "B")}))
        assert open_to(here.take(patient(), consent(provision={"actor": actors("A")}))) == ["A"]

    def test_all_of_many(self, here: Store) -> None:
        purposes = [{"system": V3, "code": code} for code in ("TREAT", "HPAYMT")]
        many = {"actor": actors(*"ABCDE"), "purpose": purposes}
        here.take(patient(), consent(provision=many))
        assert len(open_to(here)) == 10
        assert open_to(here.take(patient(), consent(provision=many, status="entered-in-error"))) == []

    @pytest.mark.parametrize(
        "more",
        [
            {"scope": {"text": "Treatment"}},
            {"policyRule": {"coding": [{"system": ACT_CODE, "code": "OPTOUTE"}]}},
            {"verification": [{"verified": False}]},
            {"provision": {"purpose": [{"system": "http://x.example", "code": "TREAT"}]}},
            {"provision": {"actor": [*actors("Court"), *actors("Other Hospital", role="CST")]}},
            {"provision": {"code": [{"text": "labs"}, {"text": "medication"}]}},
            {"provision": {"actor": actors(*map(str, range(25)))}},
        ],
    )
    def test_what_is_no_plain_permission(self, here: Store, more: Resource) -> None:
        assert here.take(patient(), consent(**more)).chart.of(ConsentGiven) == []

    def test_one_number_for_two(self, here: Store) -> None:
        number = [{"value": "form 7"}]
        other = consent(identifier=number, provision={"actor": actors("B")}) | {"id": "k2"}
        assert here.take(patient(), consent(identifier=number), other).chart.of(ConsentGiven) == []

    def test_midnight_ends_the_day_before(self, here: Store) -> None:
        here.take(patient(), consent(provision={"period": {"end": "2026-04-01T00:00:00Z"}}))
        assert [str(event.expires_on) for _, event in here.chart.events(ConsentGiven)] == ["2026-03-31"]


@pytest.mark.parametrize(
    ("resource", "more"),
    [
        (screen(valueString="Positive"), {"status": "cancelled"}),
        (screen(valueString="Positive"), {"valueString": "Inconclusive"}),
        (stay(), {"status": "cancelled"}),
        (stay(), {"type": [{"text": "House tour"}]}),
        (stay(), {"period": {"start": "2026-01-05T09:00:00-05:00", "end": "2027-01-05T09:00:00-05:00"}}),
    ],
)
def test_anything_else_is_listed(here: Store, resource: Resource, more: dict[str, Any]) -> None:
    here.take(patient(), resource)
    before = len(here.chart.entries)
    here.take(patient(), resource | more)
    assert (here.result.recorded, here.result.differs, len(here.chart.entries)) == (0, 1, before)


def test_a_deleted_resource_is_listed(here: Store) -> None:
    here.take_file(bundle(patient(), stay()))
    gone = {"request": {"method": "DELETE", "url": "Encounter/e1"}}
    here.take_file({"resourceType": "Bundle", "type": "transaction", "entry": [gone]})
    assert here.result.differs == 1
