"""FHIR in: a newer version that became no entry, then an older one in an import of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.commands import Retract
from domain.entries import as_uuid
from domain.events import ClientDetailsUpdated, ConsentGiven, ConsentRevoked, InstrumentScored, VersionsLeftOver
from infra.commands.handle import handle
from infra.eventstore.log import Author, EventLog
from infra.eventstore.setup import open_log
from infra.eventstore.stream import read_stream
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.run import import_file
from infra.interop.importers.events.trial import Trial
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.fhir.run import import_fhir
from infra.privacy.erasure.requests import confirm, request
from tests.day import UTC_DAYS
from tests.infra.interop.importers.conftest import MID_2026
from tests.infra.interop.importers.fhir_parts import MR, NORTH, Resource, Store, bundle, patient, score, stay, written
from tests.infra.interop.importers.test_fhir_again import consent
from tests.infra.interop.importers.test_fhir_versions import BY_NUMBER, FIRST, NOTHING, SECOND
from tests.spec import KEY

THIRD: Resource = {"meta": {"lastUpdated": "2026-02-03T10:00:00Z", "versionId": "11"}}
PHONE: Resource = {"system": "phone", "value": "555-0100"}
LAB = Sending("lab")
OUTDATED = "is an older version of what was left over before"


def scores(store: Store) -> list[Any]:
    return [event.score for chart in store.charts.values() for _, event in chart.events(InstrumentScored)]


def noted(log: EventLog) -> list[VersionsLeftOver]:
    entries = read_stream(log, log.provider_id("provider:import:fhir"), opened=True)
    return [entry.event for entry in entries if isinstance(entry.event, VersionsLeftOver)]


@pytest.mark.parametrize("newer", NOTHING)
@pytest.mark.parametrize("versions", [(FIRST, SECOND), BY_NUMBER])
def test_an_older_version_alone_does_not_count_after_a_newer_that_was_nothing(
    tmp_path: Path, embedded: EventLog, newer: Resource, versions: tuple[Resource, Resource]
) -> None:
    store = Store(embedded, tmp_path)
    store.take(patient(), score(**(newer | versions[1])), sending=LAB)
    for _ in range(2):
        store.take(patient(), score(value=4, **versions[0]), sending=LAB)
        assert (scores(store), store.result.recorded, store.result.differs) == ([], 0, 0)
        assert store.left["Observation/o1"].startswith(OUTDATED)
    third: Resource = THIRD if versions[0] is FIRST else {"meta": {"versionId": "11"}}
    assert scores(store.take(patient(), score(value=5, **third), sending=LAB)) == [5]


def test_nor_without_a_name_of_the_source(store: Store) -> None:
    store.take(patient(), score(status="preliminary", **SECOND)).take(patient(), score(value=4, **FIRST))
    assert (scores(store), store.left["Observation/o1"].startswith(OUTDATED)) == ([], True)


def test_the_same_version_counts_once_it_can_be_recorded(store: Store) -> None:
    store.take(score(value=4, **SECOND), sending=LAB)  # of nobody who is known
    store.take(score(value=3, **FIRST), patient(), sending=LAB)
    assert scores(store) == []
    assert scores(store.take(patient(), score(value=4, **SECOND), sending=LAB)) == [4]


def test_what_was_left_over_is_noted_once_and_is_no_entry_of_the_import(store: Store) -> None:
    newer = score(status="preliminary", **SECOND)
    recorded = store.take(patient(), newer).result.by_type
    head = store.log.head()
    assert (recorded, len(noted(store.log))) == ({"ClientRegistered": 1}, 1)
    again = store.take(patient(), newer)
    assert (again.left["Observation/o1"], again.log.head()) == ("status is preliminary", head)


@pytest.mark.parametrize("resource", [score(status="preliminary"), stay(status="unknown"), stay(**SECOND)])
def test_nothing_is_noted_of_what_has_no_version_or_became_an_entry(store: Store, resource: Resource) -> None:
    assert noted(store.take(patient(), resource).log) == []


def test_a_withdrawal_that_retracts_is_its_own_note(store: Store) -> None:
    wrong = score(status="entered-in-error", **SECOND)
    store.take(patient(), score(value=4, **FIRST)).take(patient(), wrong).take(patient(), wrong)
    assert (noted(store.log), scores(store)) == ([], [])


def test_an_older_version_corrects_nothing_after_a_newer_that_was_nothing(store: Store) -> None:
    store.take(patient(), score(value=4, **FIRST)).take(patient(), score(status="preliminary", **THIRD))
    store.take(patient(), score(value=5, **SECOND))
    assert (scores(store), store.result.recorded) == ([4], 0)
    assert store.take(patient(), score(value=4, **FIRST)).result.left == []  # as it is recorded


def test_nor_after_a_newer_one_that_said_what_is_recorded(store: Store) -> None:
    store.take(patient(), score(value=4, **FIRST)).take(patient(), score(value=4, **THIRD))
    for _ in range(2):
        store.take(patient(), score(value=5, **SECOND))
        assert (scores(store), store.result.recorded, store.result.differs) == ([4], 0, 1)
        assert store.left["Observation/o1"].startswith("is an older version of what was imported before")
    assert scores(store.take(patient(), score(value=6, meta={"lastUpdated": "2026-02-04T10:00:00Z"}))) == [6]


def test_nor_after_one_that_somebody_has_to_look_at(store: Store) -> None:
    """The newest stays listed: the entry was retracted here, and counts again."""
    store.take(patient(), score(value=4, **FIRST))
    [(entry, _)] = store.chart.events(InstrumentScored)
    here = Author("one", "clinician", "api")
    handle(store.log, "N-1", Retract(as_uuid(entry.event_id), "another form"), author=here, now=MID_2026)
    wrong = read_stream(store.log, store.log.client_id("N-1"))[-1]
    assert store.take(patient(), score(value=6, **THIRD)).result.differs == 1
    handle(store.log, "N-1", Retract(as_uuid(wrong.event_id), "it was this form"), author=here, now=MID_2026)
    store.take(patient(), score(value=5, **SECOND))
    assert (scores(store), store.result.recorded, store.result.differs) == ([4], 0, 1)


def test_older_details_change_nothing_after_newer_ones_that_changed_nothing(store: Store) -> None:
    store.take(patient(**FIRST)).take(patient(**THIRD)).take(patient(telecom=[PHONE], **SECOND))
    assert (store.chart.of(ClientDetailsUpdated), store.result.recorded, store.result.differs) == ([], 0, 1)


NO_PERSON: list[Resource] = [
    {"identifier": [{"value": "999-99-9999", "system": "http://hl7.org/fhir/sid/us-ssn"}]},
    {"name": [{"text": "Nick", "use": "nickname"}]},
    {"name": []},
    {"birthDate": "2026-13-45"},
    {"modifierExtension": [{"url": "urn:not"}]},
    {"identifier": [{"type": MR, "system": NORTH, "value": "N-1\u200b"}]},
]


@pytest.mark.parametrize("newer", NO_PERSON)
def test_an_older_version_registers_nobody_after_a_newer_one_was_left_over(
    tmp_path: Path, embedded: EventLog, newer: Resource
) -> None:
    store = Store(embedded, tmp_path).take(patient(**(newer | SECOND)), sending=LAB)
    for _ in range(2):
        store.take(patient(**FIRST), sending=LAB)
        assert (store.charts, store.result.recorded) == ({}, 0)
        assert store.left["Patient/p1"].startswith(OUTDATED)
    assert list(store.take(patient(**THIRD), sending=LAB).charts) == ["N-1"]


@pytest.mark.parametrize("newer", NO_PERSON)
def test_nor_changes_details(tmp_path: Path, embedded: EventLog, newer: Resource) -> None:
    store = Store(embedded, tmp_path).take(patient(**FIRST), sending=LAB)
    store.take(patient(**(newer | THIRD)), sending=LAB).take(patient(telecom=[PHONE], **SECOND), sending=LAB)
    assert (store.chart.of(ClientDetailsUpdated), store.result.recorded, store.result.differs) == ([], 0, 1)


def test_nor_after_two_people_had_one_number(store: Store) -> None:
    other = patient("p2", birthDate="1945-05-05")
    store.take(patient(**SECOND), other, sending=LAB).take(patient(**FIRST), sending=LAB)
    assert (store.charts, store.left["Patient/p1"].startswith(OUTDATED)) == ({}, True)


def test_nor_after_it_was_another_persons_number(store: Store) -> None:
    store.take(patient(), sending=Sending("hospital"))
    other: Resource = {"birthDate": "1945-05-05", "name": [{"text": "Somebody Else"}]}
    store.take(patient("p2", **other, **SECOND), sending=LAB)
    store.take(patient("p2", "N-2", **other, **FIRST), sending=LAB)
    assert (list(store.charts), store.left["Patient/p2"].startswith(OUTDATED)) == (["N-1"], True)


@pytest.mark.parametrize("with_it", [[], [patient(**FIRST)]])
def test_nor_after_they_were_deleted(store: Store, with_it: list[Resource]) -> None:
    file = bundle(*with_it)
    gone = {"method": "DELETE", "url": "Patient/p1"}
    file["entry"].append({"request": gone, "response": {"lastModified": "2026-02-03T10:00:00Z"}})
    store.take_file(file, LAB).take(patient(**SECOND), sending=LAB)
    assert (store.charts, store.left["Patient/p1"].startswith(OUTDATED)) == ({}, True)


def test_a_person_of_no_known_source_stands_in_nobodys_way(store: Store) -> None:
    """Patient/p1 of one file may be somebody else than that of another."""
    store.take(patient(number="N-9", name=[], **SECOND)).take(patient(**FIRST))
    assert list(store.charts) == ["N-1"]


def test_a_version_that_changed_nothing_is_noted_once(store: Store) -> None:
    first, again = (patient(**FIRST), stay(**FIRST)), (patient(**THIRD), stay(**THIRD))
    head = store.take(*first).take(*first).log.head()
    assert noted(store.log) == []
    assert store.take(*again).log.head() == head + 1
    assert (store.take(*again).log.head(), len(noted(store.log)[0].versions or {})) == (head + 1, 2)


@pytest.mark.parametrize("newer", [{"status": "rejected"}, {"status": "entered-in-error"}, {"status": "nonsense"}])
def test_no_consent_is_given_by_an_older_version(store: Store, newer: Resource) -> None:
    store.take(patient(), consent(**newer, **SECOND)).take(patient(), consent(**FIRST))
    assert (store.chart.of(ConsentGiven), store.chart.of(ConsentRevoked)) == ([], [])


def test_nor_of_somebody_else(store: Store) -> None:
    people = patient(), patient("p2", "N-2", birthDate="1980-01-01")
    store.take(*people, score(status="preliminary", subject="Patient/p2", **SECOND), sending=LAB)
    store.take(*people, score(value=4, **FIRST), sending=LAB)
    assert scores(store) == []


@pytest.mark.parametrize("with_it", [[], [score(value=4, **FIRST)]])
def test_nor_after_it_was_deleted(store: Store, with_it: list[Resource]) -> None:
    gone = {"method": "DELETE", "url": "Observation/o1"}
    deletion = {"request": gone, "response": {"lastModified": "2026-02-03T10:00:00Z"}}
    file = bundle(patient(), *with_it)
    file["entry"].append(deletion)
    store.take_file(file, LAB).take(patient(), score(value=4, **SECOND), sending=LAB)
    assert (scores(store), store.left["Observation/o1"].startswith(OUTDATED)) == ([], True)


@pytest.mark.parametrize("strict", [False, True])
def test_a_copy_of_the_log_knows_what_was_left_over(embedded: EventLog, tmp_path: Path, *, strict: bool) -> None:
    Store(embedded, tmp_path).take(patient(), score(status="preliminary", **SECOND))
    lines = tmp_path / "all.ndjson"
    lines.write_bytes(b"".join(export_lines(embedded)))
    log = open_log(f"sqlite:///{tmp_path}/copy.db", KEY, UTC_DAYS, lambda: MID_2026)
    assert import_file(log, str(lines), keep_recorded_at=True, strict=strict).rejected == 0
    copy = Store(log, tmp_path).take(patient(), score(value=3, **FIRST))
    assert (scores(copy), copy.result.recorded, noted(log)) == ([], 0, noted(embedded))
    log.close()


def test_a_trial_says_the_same_and_notes_nothing(store: Store) -> None:
    def tried(*resources: Resource) -> dict[str, str]:
        paths = [written(store.folder, bundle(*resources), "tried.json")]
        result = import_fhir(store.log, paths, origin=Origin(trial=Trial()))
        return {one.place: one.reason for one in result.left}

    newer, older = score(status="preliminary", **SECOND), score(value=4, **FIRST)
    before = tried(patient(), newer)
    assert (store.log.head(), noted(store.log)) == (0, [])
    assert store.take(patient(), newer).left == before
    before, head = tried(patient(), older), store.log.head()
    assert (store.take(patient(), older).left, store.log.head()) == (before, head)


def test_what_a_source_calls_its_items_is_not_kept_in_clear(store: Store) -> None:
    store.take(patient(), score(status="preliminary", **SECOND))
    [row] = store.log.recorder.streams([store.log.provider_id("provider:import:fhir")])
    [item] = noted(store.log)[0].versions or {}
    assert item.encode() not in row.state
    assert b"2026-02-01" not in row.state


def erase(log: EventLog, number: str) -> None:
    request(log, number, author=Author("one", "admin", "api"), ground="court_order", basis=None, now=MID_2026, hours=72)
    confirm(log, number, author=Author("two", "admin", "api"), now=MID_2026)


@pytest.mark.parametrize(
    "more",
    [
        [score(status="preliminary", **SECOND)],
        [score(value=4, **SECOND)],
        [consent(status="rejected", **SECOND)],
        [consent(status="rejected", **SECOND), patient("p2", birthDate="1945-05-05", **SECOND)],
    ],
)
def test_nothing_is_noted_of_an_erased_client(store: Store, more: list[Resource]) -> None:
    store.take(patient(**FIRST), score(value=4, **FIRST), consent(**FIRST), sending=LAB)
    erase(store.log, "N-1")
    head = store.log.head()
    store.take(patient(**SECOND), *more, sending=LAB)
    assert (noted(store.log), store.log.head(), store.result.differs) == ([], head, 0)
    assert len(store.left) >= 1 + len(more)
