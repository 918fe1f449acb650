"""FHIR in: which version of a resource counts, in whatever order its versions come, each in an import of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.events import ClientDetailsUpdated, ClientRegistered, ConsentGiven, ConsentRevoked, InstrumentScored
from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.run import import_file
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.versions import is_older, version_of
from tests.day import UTC_DAYS
from tests.infra.interop.importers.conftest import MID_2026
from tests.infra.interop.importers.fhir_parts import Resource, Store, patient, score, stay
from tests.infra.interop.importers.test_fhir_again import consent
from tests.spec import KEY

FIRST: Resource = {"meta": {"lastUpdated": "2026-02-01T10:00:00Z", "versionId": "9"}}
SECOND: Resource = {"meta": {"lastUpdated": "2026-02-01T05:00:01-05:00", "versionId": "10"}}
BY_NUMBER: tuple[Resource, Resource] = {"meta": {"versionId": "9"}}, {"meta": {"versionId": "10"}}
UNTIL: Resource = {"start": "2026-01-05T09:00:00-05:00", "end": "2026-01-22T09:00:00-05:00"}


def scores(store: Store) -> list[Any]:
    return [event.score for _, event in store.chart.events(InstrumentScored)]


@pytest.mark.parametrize(("old", "new"), [(FIRST, SECOND), BY_NUMBER, (BY_NUMBER[0], SECOND)])
def test_an_older_version_alone_changes_nothing_and_is_listed(store: Store, old: Resource, new: Resource) -> None:
    store.take(patient(), score(value=4, **new)).take(patient(), score(value=3, **old))
    assert (scores(store), store.result.recorded, store.result.differs) == ([4], 0, 1)
    assert store.left["Observation/o1"].startswith("is an older version")


@pytest.mark.parametrize(
    "older",
    [
        score(value=4, status="entered-in-error", **FIRST),
        score(value=4, status="preliminary", **FIRST),
        score(value=4, subject="Patient/p2", **FIRST),
        score(value=4, effectiveDateTime="2026", **FIRST),
    ],
)
def test_nor_does_one_that_did_not_count_or_was_of_somebody_else(store: Store, older: Resource) -> None:
    people = patient(), patient("p2", "N-2", birthDate="1980-01-01")
    lab = Sending("lab")
    store.take(*people, score(value=4, **SECOND), sending=lab).take(*people, older, sending=lab)
    assert (store.result.recorded, store.result.differs) == (0, 1)
    assert [one.score for _, one in store.charts["N-1"].events(InstrumentScored)] == [4]


def test_an_older_end_of_a_stay_is_none(store: Store) -> None:
    goes_on = stay(status="in-progress", period={"start": UNTIL["start"]}, **SECOND)
    store.take(patient(), goes_on).take(patient(), stay(period=UNTIL, **FIRST))
    assert (store.stays(), store.result.recorded) == ([("residential", True)], 0)


def test_older_details_are_none(store: Store) -> None:
    store.take(patient(**SECOND)).take(patient(name=[{"text": "Former Name"}], **FIRST))
    [(_, event)] = store.chart.events(ClientRegistered)
    assert (event.name, store.result.recorded, store.result.differs) == ("Pat Sample", 0, 1)
    assert store.chart.of(ClientDetailsUpdated) == []


def test_the_versions_in_their_order_correct_each_other(store: Store) -> None:
    store.take(patient(), score(value=3, **FIRST)).take(patient(), score(value=4, **SECOND))
    assert (scores(store), store.result.by_type) == ([4], {"EntryCorrected": 1})
    assert store.take(patient(), score(value=3, **FIRST)).result.differs == 1
    third = score(value=3, meta={"lastUpdated": "2026-02-02T10:00:00Z"})
    store.take(patient(), third)
    assert scores(store) == [3]  # the source went back to what it had said first
    assert store.take(patient(), third).result.differs == 0


def test_what_an_older_version_says_as_the_newer_does_is_known(store: Store) -> None:
    store.take(patient(), score(value=4, **SECOND)).take(patient(), score(value=4, **FIRST))
    assert (store.result.recorded, store.result.differs, store.result.known) == (0, 0, 2)


@pytest.mark.parametrize(
    "older", [{"status": "draft"}, {"status": "entered-in-error"}, {"provision": {"type": "deny"}}]
)
def test_an_older_version_revokes_no_consent(store: Store, older: Resource) -> None:
    store.take(patient(), consent(**SECOND)).take(patient(), consent(**older, **FIRST))
    assert (store.chart.of(ConsentRevoked), store.result.differs) == ([], 1)


def test_an_older_version_gives_no_consent_again(store: Store) -> None:
    store.take(patient(), consent(meta={"lastUpdated": "2026-01-07T10:00:00Z"}))
    store.take(patient(), consent(status="rejected", **SECOND)).take(patient(), consent(**FIRST))
    assert (len(store.chart.of(ConsentGiven)), len(store.chart.of(ConsentRevoked))) == (1, 1)
    assert store.result.recorded == 0


def test_a_copy_of_the_log_knows_the_versions(embedded: EventLog, tmp_path: Path) -> None:
    store = Store(embedded, tmp_path).take(patient(), score(value=4, **SECOND))
    lines = tmp_path / "all.ndjson"
    lines.write_bytes(b"".join(export_lines(embedded)))
    log = open_log(f"sqlite:///{tmp_path}/copy.db", KEY, UTC_DAYS, lambda: MID_2026)
    import_file(log, str(lines), keep_recorded_at=True)
    copy = Store(log, tmp_path).take(patient(), score(value=3, **FIRST))
    assert (scores(copy), copy.result.recorded) == (scores(store), 0)
    log.close()


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        (("2026-01-01T00:00:00Z", "2"), ("2026-01-02T00:00:00Z", "3"), True),
        (("2026-01-02T00:00:00+05:00", ""), ("2026-01-01T23:00:00Z", ""), True),
        (("", "9"), ("", "10"), True),
        (("", "10"), ("", "9"), False),
        (("2026-01-02T00:00:00Z", ""), ("", "9"), False),
        (("", "abc"), ("", "abd"), False),
        ((None, None), ("2026-01-02T00:00:00Z", "1"), False),
        (("2026-01-02", ""), ("2026-01-03", ""), False),  # an instant has a time
    ],
)
def test_what_tells_the_order_of_versions(one: tuple[Any, Any], other: tuple[Any, Any], *, older: bool) -> None:
    assert is_older(version_of(*one), version_of(*other)) is older


@pytest.mark.parametrize(
    "newer",
    [
        {"status": "inactive", "provision": {"period": {"end": "2026-02-01T08:00:00-06:00"}}},
        {"status": "active", "provision": {"period": {"end": "2026-03-01"}}},
    ],
)
def test_an_older_version_of_a_consent_gives_no_more_than_the_newer(store: Store, newer: Resource) -> None:
    store.take(patient(), consent(**newer, **SECOND))
    given = [event.expires_on for _, event in store.chart.events(ConsentGiven)]
    revoked = len(store.chart.of(ConsentRevoked))
    store.take(patient(), consent(**FIRST))
    assert store.result.recorded == 0
    assert [event.expires_on for _, event in store.chart.events(ConsentGiven)] == given
    assert len(store.chart.of(ConsentRevoked)) == revoked


NOTHING: list[Resource] = [
    *({"status": said} for said in ("entered-in-error", "preliminary", "registered", "cancelled", "nonsense")),
    {"effectiveDateTime": "2026-13-45"},
    {"modifierExtension": [{"url": "urn:not", "valueBoolean": True}]},
    {"subject": {"reference": "Patient/p9"}},
    {"valueInteger": 99},
]


@pytest.mark.parametrize("newer", NOTHING)
@pytest.mark.parametrize("versions", [(FIRST, SECOND), BY_NUMBER])
def test_within_an_import_an_older_version_does_not_count_for_a_newer_that_is_nothing(
    tmp_path: Path, embedded: EventLog, newer: Resource, versions: tuple[Resource, Resource]
) -> None:
    store = Store(embedded, tmp_path)
    old, new = score(value=4, **versions[0]), score(**(newer | versions[1]))
    for order in ((old, new), (new, old)):
        store.take(patient(), *order)
        assert (scores(store), "Observation/o1" in store.left) == ([], True)


@pytest.mark.parametrize("newer", [{"birthDate": "2026-13-45"}, {"modifierExtension": [{"url": "urn:not"}]}])
def test_nor_does_an_older_version_of_a_person(tmp_path: Path, embedded: EventLog, newer: Resource) -> None:
    store = Store(embedded, tmp_path)
    store.take(patient(**FIRST), patient(**(newer | SECOND)), stay())
    assert (store.charts, set(store.left)) == ({}, {"Patient/p1", "Encounter/e1"})
