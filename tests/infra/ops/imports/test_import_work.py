"""Uploads: a trial says what an import then does and records nothing, files are private, one person's, and soon gone."""

from __future__ import annotations

import io
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.eventstore.mapper import import_of
from infra.identity.people import Principal
from infra.interop.importers.events.run import import_file
from infra.jobs.table import Job
from infra.ops.imports import work
from infra.ops.imports.sweep import swept
from infra.ops.imports.uploads import KEPT, Kind, Upload, Uploads, UploadsError
from infra.ops.imports.work import IMPORT, TRIAL, job_of, start_import, start_trial, trial_of
from infra.readmodels.verify import verify
from infra.settings import Settings
from projections.provider.queries import streams
from tests.infra.conftest import NOW

ADMIN = Principal("a.meyer", "admin", issuer="https://id.example", subject="17")
OTHER = Principal("b.okafor", "admin", issuer="https://id.example", subject="18")
BORN = "1984-05-06"


class Office:
    """A store of one client, whose clock can be moved, with uploads."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{folder}/log.db"), demo=True, import_folder=folder / "uploads"
        )
        self.services: Services = open_services(settings, lambda: self.now)
        (folder / "first.ndjson").write_bytes(lines(registered("A-1", "Ana Roe")))
        import_file(self.services.log, str(folder / "first.ndjson"))
        self.services.catch_up()

    def upload(self, content: bytes, kind: Kind = "events", **options: str) -> Upload:
        return self.services.uploads.keep(ADMIN, kind, io.BytesIO(content), "history.ndjson", options)

    def ended(self, kind: str, upload: Upload) -> dict[str, Any]:
        """The outcome of a trial or an import."""
        self.now += timedelta(seconds=1)
        (start_trial if kind == TRIAL else start_import)(self.services, ADMIN, upload)
        self.services.jobs.wait()
        job = cast("Job", job_of(self.services, kind, upload))
        assert job.state == "done", job.outcome
        return job.outcome


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path)
    yield found
    found.services.close()


def registered(client: str, name: str, born: str = BORN) -> dict[str, Any]:
    data = {"name": name, "birth_date": born}
    return {"client": client, "type": "ClientRegistered", "occurred_at": "2026-01-05T10:00:00Z", "data": data}


def note(client: str, **other: Any) -> dict[str, Any]:
    said = {"client": client, "type": "NoteAdded", "occurred_at": "2026-01-06T10:00:00Z", "data": {"text": "n"}}
    return said | other


def lines(*said: dict[str, Any]) -> bytes:
    return b"".join(orjson.dumps(one) + b"\n" for one in said)


HISTORY = lines(
    registered("B-1", "Anna Rowe"),
    registered("B-2", "Somebody Else"),
    note("B-1"),
    note("A-1"),
    registered("A-1", "Ana Roe", "1999-01-01"),
    note("B-2", type="Nothing"),
)


def test_a_trial_says_what_the_import_then_does_and_records_nothing(office: Office) -> None:
    upload, head = office.upload(HISTORY), office.services.log.head()
    tried = office.ended(TRIAL, upload)
    assert office.services.log.head() == head
    assert office.services.log.cipher(office.services.log.client_id("B-1")) is None
    assert (tried["new"], tried["alike"], tried["left"]) == (2, 1, 2)
    assert upload.noted(upload.findings) == {"new": ["B-1", "B-2"], "alike": ["B-1"], "meaning": ""}
    looks = [entry for entry in office.services.people.log.every() if entry.kind == "ChartsRead"]
    assert {client for look in looks for client in look.clients} == {office.services.log.client_id("A-1")}
    left = upload.noted(upload.left)
    done = office.ended(IMPORT, upload)
    assert (done["rows"], done["left"], upload.noted(upload.left)) == (tried["rows"], 2, left)
    assert sorted((one["place"], one["reason"].partition(":")[0]) for one in left) == [
        ("line 5", "data.birth_date"),
        ("line 6", "type"),
    ]
    assert done["alike"] == 1
    assert [entry.type for entry in office.services.log.stream(office.services.log.client_id("B-1"))] == [
        "ClientRegistered",
        "NoteAdded",
    ]


def test_an_import_says_who_ran_it_and_its_file_is_gone(office: Office) -> None:
    upload = office.upload(HISTORY)
    office.ended(IMPORT, upload)
    [row, _] = office.services.log.recorder.streams([office.services.log.client_id("B-1")])
    imported = import_of(row.state)
    assert imported is not None
    assert imported["w"] == "a.meyer"
    assert not upload.file.exists()
    assert sorted(one.name for one in upload.folder.iterdir()) == ["about.json", "left.json"]
    assert b"Somebody" not in upload.left.read_bytes()
    again = office.ended(IMPORT, office.upload(HISTORY))
    rows = {(row["what"], row["outcome"]): row["count"] for row in again["rows"]}
    assert (rows[("lines", "recorded")], rows[("lines", "recorded before")]) == (0, 4)


def test_an_import_that_is_started_again_is_the_one_that_ran(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = office.upload(HISTORY)
    with monkeypatch.context() as patch:
        patch.setattr(work, "import_file", lambda *_, **__: 1 / 0)
        failed, _ = start_import(office.services, ADMIN, upload)
        office.services.jobs.wait()
    office.now += timedelta(seconds=1)
    office.ended(IMPORT, upload)
    done = job_of(office.services, IMPORT, upload)
    assert done is not None
    office.now += timedelta(seconds=1)
    again, is_new = start_import(office.services, ADMIN, upload)
    assert (again.id, is_new, again.id != failed.id) == (done.id, False, True)
    assert job_of(office.services, IMPORT, upload) == done


def test_a_job_keeps_no_chart_number_and_no_name(office: Office) -> None:
    upload = office.upload(HISTORY)
    outcomes = [office.ended(kind, upload) for kind in (TRIAL, IMPORT)]
    assert not {text for text in ("A-1", "B-1", "B-2", "Anna", "Somebody") if text in str(outcomes)}
    subjects = [str(one) for one in office.services.people.log.every(opened=True)]
    assert not [one for one in subjects if "B-1" in one or "history.ndjson" in one]


def test_a_table_and_a_resource_are_tried_by_their_importers(office: Office) -> None:
    table = office.upload(b"chart,day\nC-9,2026-01-05\nC-9,\n", "csv")
    table.mapping.write_text(
        'client = "chart"\n[[entry]]\ntype = "UseReported"\noccurred_at = "day"\n'
        '[entry.data]\nsubstance = "alcohol"\non = { column = "day" }\n'
    )
    tried = office.ended(TRIAL, table)
    assert (tried["new"], tried["left"]) == (1, 1)
    assert {"what": "rows", "outcome": "used", "count": 1} in tried["rows"]
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "s", "value": "F-1"}],
        "name": [{"family": "Doe", "given": ["Jo"]}],
        "birthDate": "1990-01-01",
    }
    tried = office.ended(TRIAL, office.upload(orjson.dumps(patient), "fhir"))
    assert (tried["new"], tried["left"]) == (1, 0)


def test_what_cannot_be_read_is_said_without_its_content(office: Office) -> None:
    for kind, content, said in (
        ("csv", b"Jane Doe,1984\n", "first rows"),
        ("events", "ü".encode("utf-16"), "UTF-16"),
        ("events", b"\x1f\x8bno gzip", "gzip"),
    ):
        upload = office.upload(content, kind)  # type: ignore[arg-type]
        upload.mapping.write_text('client = "chart"\n[[entry]]\ntype = "UseReported"\noccurred_at = "day"\n')
        start_trial(office.services, ADMIN, upload)
        office.services.jobs.wait()
        job = job_of(office.services, TRIAL, upload)
        assert job is not None
        assert job.state == "failed"
        assert said in job.outcome["error"]
        assert not {"Jane", str(upload.folder)} & {job.outcome["error"]}
        assert "Jane" not in job.outcome["error"]
        assert "is recorded" not in job.outcome["error"]  # a trial records nothing
        office.now += timedelta(seconds=1)


def test_an_upload_is_private_one_persons_and_gone_after_an_hour(office: Office) -> None:
    upload = office.upload(HISTORY)
    uploads = office.services.uploads
    assert {stat.S_IMODE(one.stat().st_mode) for one in (uploads.folder, upload.folder)} == {0o700}
    assert {stat.S_IMODE(one.stat().st_mode) for one in upload.folder.iterdir()} == {0o600}
    assert uploads.of(ADMIN, upload.key) == upload
    assert uploads.of(OTHER, upload.key) is None
    assert uploads.of(ADMIN, "../" + upload.key) is None
    second = office.upload(HISTORY)
    assert (uploads.of(ADMIN, upload.key), upload.folder.exists()) == (None, False)
    office.now += KEPT
    assert uploads.of(ADMIN, second.key) == second
    office.now += timedelta(seconds=1)
    assert uploads.newest(ADMIN) is None
    assert list(uploads.folder.iterdir()) == []


def test_a_folder_that_others_may_read_is_not_used(office: Office) -> None:
    office.services.uploads.folder.mkdir(mode=0o755)
    with pytest.raises(UploadsError, match="open to others"):
        office.upload(HISTORY)


def test_a_folder_that_somebody_else_made_is_not_read(office: Office) -> None:
    """What lies in a folder open to others was put there by anybody: nothing of it is shown; it is swept."""
    upload = office.upload(HISTORY)
    uploads = office.services.uploads
    uploads.folder.chmod(0o777)
    assert (uploads.of(ADMIN, upload.key), uploads.newest(ADMIN), upload.file.exists()) == (None, None, True)
    office.now += KEPT + timedelta(seconds=1)
    uploads.sweep()
    assert not upload.folder.exists()


def test_a_file_that_comes_slowly_is_not_swept(office: Office) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            office.services.uploads.sweep()  # as every server of the deployment does meanwhile
            return super().read(min(size or 0, 100) if size and size > 2 else size)

    upload = office.services.uploads.keep(ADMIN, "events", Slow(HISTORY), "history.ndjson", {})
    assert upload.file.read_bytes() == HISTORY
    assert office.services.uploads.of(ADMIN, upload.key) == upload


def test_what_takes_longer_than_an_hour_is_kept_until_it_is_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = office.upload(HISTORY)

    def slowly(*args: Any, progress: Any, **more: Any) -> Any:
        for _ in range(3):
            office.now += timedelta(minutes=50)
            progress(0)
            office.services.uploads.sweep()
        return import_file(*args, progress=progress, **more)

    monkeypatch.setattr(work, "import_file", slowly)
    assert office.ended(IMPORT, upload)["left"] == 2


def test_a_trial_is_of_the_mapping_that_it_was_tried_with(office: Office) -> None:
    table = office.upload(b"chart,day\nC-9,2026-01-05\n", "csv")
    mapping = 'client = "chart"\n[[entry]]\ntype = "UseReported"\noccurred_at = "day"\n[entry.data]\nsubstance = "{}"\n'
    table.write_mapping(mapping.format("alcohol"))
    office.ended(TRIAL, table)
    assert trial_of(office.services, table) is not None
    table.write_mapping(mapping.format("cocaine"))
    assert trial_of(office.services, table) is None
    table.write_mapping(mapping.format("alcohol"))
    assert trial_of(office.services, table) is not None


def test_a_server_sweeps_what_was_left_by_one_that_died(office: Office) -> None:
    upload = office.upload(HISTORY)
    office.now += KEPT + timedelta(seconds=1)
    turned = threading.Event()

    class Seen(Uploads):
        def sweep(self) -> None:
            super().sweep()
            turned.set()

    with swept(Seen(office.services.settings, lambda: office.now)):
        assert turned.wait(10)
    assert not upload.folder.exists()


def test_a_trial_tells_an_older_version_of_what_was_left_over(office: Office) -> None:
    score: dict[str, Any] = {
        "resourceType": "Observation",
        "id": "o1",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "effectiveDateTime": "2026-01-06T10:00:00Z",
        "valueInteger": 7,
    }
    person: dict[str, Any] = {"resourceType": "Patient", "id": "p1", "identifier": [{"value": "F-1"}]}
    person |= {"name": [{"text": "Ana Roe"}], "birthDate": BORN}

    def upload(**version: Any) -> Upload:
        entries = [{"resource": one} for one in (person, score | version)]
        content = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        return office.upload(orjson.dumps(content), "fhir", source="lab")

    newer = upload(status="preliminary", meta={"versionId": "2"})
    tried = office.ended(TRIAL, newer)
    assert office.ended(IMPORT, newer)["rows"] == tried["rows"]
    older = upload(status="final", meta={"versionId": "1"})
    tried, head = office.ended(TRIAL, older), office.services.log.head()
    [left] = [row for row in tried["rows"] if row["what"] == "Observation"]
    assert "is an older version of what was left over before" in left["outcome"]
    assert (office.ended(IMPORT, older)["rows"], office.services.log.head()) == (tried["rows"], head)
    office.services.catch_up()
    with office.services.reads.reading() as connection:
        assert streams(connection, "site") == []  # it defines nothing
    assert verify(office.services.projector) == []
