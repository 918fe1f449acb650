"""FHIR in: consents that open a chart, and resources that are seen again with other content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.days import Calendar
from domain.events import (
    ConsentGiven,
    ConsentRevoked,
    InstrumentScored,
)
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.importers.fhir.run import import_fhir
from tests.infra.interop.importers.conftest import MID_2026
from tests.infra.interop.importers.fhir_parts import (
    SNOMED,
    Resource,
    Store,
    bundle,
    patient,
    score,
    screen,
    stay,
)
from tests.spec import KEY

COMMITTED = "2026-01-06T10:00:00-05:00"


def consent(**more: Any) -> Resource:
    """A Consent: a court may have the record for treatment."""
    role = {"coding": [{"code": "PRCP"}]}
    provision: Resource = {
        "type": "permit",
        "actor": [{"role": role, "reference": {"display": "County Court"}}],
        "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT"}],
    }
    provision |= more.pop("provision", {})
    usual = {
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"code": "42CFRPart2"}]}],
        "patient": {"reference": "Patient/p1"},
        "dateTime": COMMITTED,
    }
    given = {key: value for key, value in provision.items() if value is not None}
    return {"resourceType": "Consent", "id": "k1", **(usual | more), "provision": given}


class TestConsents:
    """Only an active permission without exceptions opens a chart, from its start to its end."""

    @pytest.mark.parametrize(
        "more",
        [
            *({"status": said} for said in ("draft", "proposed", "rejected", "entered-in-error", "inactive")),
            {"provision": {"type": "deny"}},
            {"provision": {"type": None}},
            {"provision": {"provision": [{"type": "deny", "securityLabel": [{"code": "42CFRPart2"}]}]}},
            {"provision": {"period": {"start": "2027-01-01", "end": "2027-12-31"}}},
            {"provision": {"period": {"start": "2026-03-01", "end": "2026-02-01"}}},
            {"provision": {"period": {"end": "2025-12-31"}}},
            {"provision": {"purpose": [{"code": "HRESCH"}]}},
            {"provision": {"actor": [{"role": {"coding": [{"code": "CST"}]}, "reference": {"display": "Clinic"}}]}},
            {"provision": {"class": [{"code": "Observation"}]}},
            {"scope": {"coding": [{"code": "research"}]}},
        ],
    )
    def test_opens_nothing_else(self, tmp_path: Path, embedded: EventLog, more: Resource) -> None:
        store = Store(embedded, tmp_path).take(patient(), consent(**more))
        assert (store.chart.of(ConsentGiven), list(store.left)) == ([], ["Consent/k1"])

    def test_by_purpose_code_until_its_last_day(self, store: Store) -> None:
        store.take(patient(), consent(provision={"period": {"end": "2026-03"}}))
        [(_, event)] = store.chart.events(ConsentGiven)
        assert (event.recipient, event.purpose, str(event.expires_on)) == ("County Court", "treatment", "2026-03-31")

    def test_from_midnight_of_its_first_day_at_the_facility(self, tmp_path: Path) -> None:
        log = open_log(f"sqlite:///{tmp_path}/log.db", KEY, Calendar("America/New_York"), lambda: MID_2026)
        store = Store(log, tmp_path).take(patient(), consent(provision={"period": {"start": "2026-03-09"}}))
        [(entry, _)] = store.chart.events(ConsentGiven)
        assert entry.occurred_at.isoformat() == "2026-03-09T00:00:00-04:00"
        log.close()

    def test_an_inactive_one_with_its_end_was_given_and_revoked(self, store: Store) -> None:
        store.take(patient(), consent(status="inactive", provision={"period": {"end": "2026-03-01T10:00:00-05:00"}}))
        assert [entry.type for entry in store.chart.of(ConsentGiven, ConsentRevoked)] == [
            "ConsentGiven",
            "ConsentRevoked",
        ]


ONGOING = stay(status="in-progress", period={"start": "2026-01-05T09:00:00-05:00"})
LATER: Resource = {"start": "2026-01-05T09:00:00-05:00", "end": "2026-01-22T09:00:00-05:00"}


class TestAgain:
    """A resource seen again with other content corrects, retracts or is listed."""

    @pytest.fixture
    def corrected(self, store: Store) -> Store:
        """A stay that went on, then ended, then ended later; a score that was wrong; a new name."""
        store.take(patient(), ONGOING, score())
        assert store.take(patient(), stay(), score()).result.by_type == {"LevelOfCareEnded": 1}
        renamed = patient(name=[{"family": "Newname", "given": ["Pat"]}])
        return store.take(renamed, stay(period=LATER), score(value=7, status="corrected"))

    def test_corrects(self, corrected: Store) -> None:
        assert corrected.result.by_type == {"ClientDetailsUpdated": 1, "EntryCorrected": 2}
        assert [event.score for _, event in corrected.chart.events(InstrumentScored)] == [7]
        [one] = corrected.chart.journey.stays
        assert (one.end or 0) // 10**6 == 1769090400

    def test_the_same_again_is_known(self, corrected: Store) -> None:
        renamed = patient(name=[{"family": "Newname", "given": ["Pat"]}])
        again = corrected.take(renamed, stay(period=LATER), score(value=7, status="corrected")).result
        assert (again.recorded, again.differs, again.known) == (0, 0, 4)

    def test_an_older_file_is_listed(self, corrected: Store) -> None:
        again = corrected.take(patient(), ONGOING, score()).result
        assert (again.recorded, again.differs) == (0, 3)
        assert [event.score for _, event in corrected.chart.events(InstrumentScored)] == [7]

    def test_what_was_entered_in_error_is_retracted(self, corrected: Store) -> None:
        error: Resource = {"status": "entered-in-error"}
        corrected.take(patient(), stay(period=LATER, **error), score(value=7, **error))
        assert corrected.result.by_type == {"EntryRetracted": 3}
        assert (corrected.stays(), corrected.chart.of(InstrumentScored)) == ([], [])
        assert corrected.take(patient(), stay(**error), score(**error)).result.recorded == 0
        assert corrected.take(patient(), ONGOING).result.differs == 2

    def test_nothing_is_known_before_that_says_something_else(self, store: Store) -> None:
        store.take(patient(), score()).take(patient(), score(value=13)).take(patient(), score(value=14))
        assert [event.score for _, event in store.chart.events(InstrumentScored)] == [14]

    def test_what_is_of_another_kind_now_takes_the_place_of_what_it_was(self, store: Store) -> None:
        """A correction makes no entry of another kind: the first is retracted, and the other recorded."""
        negative = {"coding": [{"system": SNOMED, "code": "260385009"}]}
        store.take(patient(), screen("o1", valueCodeableConcept=negative))
        store.take(patient(), score("o1"))
        assert store.result.by_type == {"EntryRetracted": 1, "InstrumentScored": 1}
        assert {entry.type for entry in store.chart.entries} == {"ClientRegistered", "InstrumentScored"}
        assert store.take(patient(), score("o1")).result.recorded == 0
        assert store.take(patient(), score("o1", 7)).result.by_type == {"EntryCorrected": 1}

    def test_another_person_under_a_known_id_is_nobody(self, store: Store) -> None:
        other = patient(name=[{"text": "Somebody Else"}], birthDate="1950-05-05")
        store.take(patient()).take(other)
        assert (store.result.recorded, store.result.differs) == (0, 1)

    def test_the_newer_of_two_versions_counts(self, store: Store) -> None:
        old = score(value=3, meta={"lastUpdated": "2026-01-07T10:00:00Z"})
        new = score(value=4, meta={"lastUpdated": "2026-01-08T10:00:00Z"})
        for entries in ((old, new), (new, old)):
            store.take(patient(), *entries)
            assert [event.score for _, event in store.chart.events(InstrumentScored)] == [4]
        store.take(patient(), score("o2", 1), score("o2", 2))
        assert [event.score for _, event in store.chart.events(InstrumentScored)] == [4]


def test_a_byte_order_mark_is_no_part_of_a_file(store: Store) -> None:
    target = store.folder / "bom.json"
    target.write_bytes(b"\xef\xbb\xbf" + orjson.dumps(bundle(patient(), stay())))
    import_fhir(store.log, [target])
    assert store.stays() == [("residential", False)]
