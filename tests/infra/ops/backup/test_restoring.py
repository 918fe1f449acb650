"""A backup restored is the same log, on either database; who was erased since stays erased."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.bootstrap import Services, restore_into
from infra.eventstore import event_ids
from infra.eventstore.erased import ERASED
from infra.eventstore.keyring import MasterKeyError
from infra.eventstore.keys.providers import keyring
from infra.identity.people import Principal
from infra.integrity.verify_setup import verify as integrity
from infra.interop.exporters.events import export_lines
from infra.ops.backup.backup import Manifest, check
from infra.ops.backup.encryption import BackupError
from infra.ops.backup.retention import name_for, prune
from infra.ops.backup.setup import back_up, closing_of
from infra.privacy.names.search import search
from infra.readmodels.verify import verify
from infra.simulator.demo import fill
from tests.depth import by_night
from tests.infra.privacy.erasure.erasures import KEY, Clock, Place, erase, words, write

KINDS = ["sqlite", "postgres"]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    folder = tmp_path / "store"
    folder.mkdir()
    url = (
        f"sqlite:///{folder}/log.db" if request.param == "sqlite" else request.getfixturevalue("migrated_postgres_url")
    )
    return Place(folder, url, Clock())


@pytest.fixture(params=KINDS)
def into(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/restored.db"
    return request.getfixturevalue("second_postgres_url")


each_way = pytest.mark.parametrize(
    ("place", "into"),
    [
        ("sqlite", "postgres"),
        ("postgres", "sqlite"),
        by_night("sqlite", "sqlite"),
        by_night("postgres", "postgres"),
    ],
    indirect=True,
)


@contextmanager
def restored(place: Place, path: Path, into: str, without_ledger: bool = False) -> Generator[Services]:
    _, services = restore_into(place.settings(), path, into, clock=place.clock, without_ledger=without_ledger)
    try:
        services.projector.rebuild()
        services.names.rebuild()
        yield services
    finally:
        services.close()


def same_log(one: Services, other: Services) -> None:
    assert list(other.log.recorder.page(0, 10**6)) == list(one.log.recorder.page(0, 10**6))
    assert list(export_lines(other.log)) == list(export_lines(one.log))


@each_way
def test_the_log_comes_back_as_it_was_and_goes_on(place: Place, into: str, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    with place.opened() as services:
        fill(services.log, 8, 3)
        client = write(services, "A-1")
        services.people.log.read(Principal("x", "auditor"), [client])
        manifest = back_up(services, path)
        with restored(place, path, into) as other:
            same_log(services, other)
            assert verify(other.projector) == []
            assert other.names.differences() == []
            seen = [one.people.log.recorder.page(0, 10) for one in (services, other)]
            assert seen[0] == seen[1] != []
            assert [match.reference for match in search(other, "zebulon")] == ["A-1"]
            head = other.log.head()
            write(other, "A-2")
            assert other.log.head() > head
    assert manifest.tables["log.events"]["rows"] == manifest.tables["log.event_index"]["rows"] == head
    assert not any(word.encode() in path.read_bytes() for word in words("A-1"))
    assert list(tmp_path.glob("*.part")) == []


@each_way
def test_ids_that_wait_in_the_small_index_come_back(
    place: Place, into: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "some.cjbackup"
    with place.opened() as services:
        monkeypatch.setattr(event_ids, "BULK", 2)
        monkeypatch.setattr(event_ids, "LARGE", 1)
        fill(services.log, 8, 3)
        waiting = services.log.recorder.query("SELECT event_id, position FROM event_index_recent")
        manifest = back_up(services, path)
        assert manifest.tables["log.event_index_recent"]["rows"] == len(waiting) > 0
        with restored(place, path, into) as other:
            same_log(services, other)
            assert [one.findings for one in (integrity(services), integrity(other))] == [[], []]
            row = event_ids.row_of(other.log.recorder, bytes(waiting[-1][0]).hex())
            assert row is not None
            assert row.position == waiting[-1][1]


def test_writers_go_on_while_a_backup_is_made_and_it_holds_one_moment(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    stop, written = threading.Event(), 0
    with place.opened() as services:
        fill(services.log, 8, 3)

        def go_on() -> None:
            nonlocal written
            while not stop.is_set():
                write(services, f"B-{written}")
                written += 1

        writer = threading.Thread(target=go_on)
        writer.start()
        manifests = [back_up(services, path) for _ in range(3)]
        stop.set()
        writer.join()
        assert written
        last = manifests[-1].tables
        assert last["log.events"]["rows"] == last["log.event_index"]["rows"]
        with restored(place, path, f"sqlite:///{tmp_path}/restored.db") as other:
            assert verify(other.projector) == []
            pages = services.log.recorder.page(0, 10**6)
            assert other.log.recorder.page(0, 10**6) == pages[: last["log.events"]["rows"]]


@each_way
def test_who_was_erased_since_stays_erased(place: Place, into: str, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    with place.opened() as services:
        client = write(services, "A-1")
        write(services, "A-2")
        back_up(services, path)
        erase(services, "A-1")
        written = len(services.log.stream(client))
    target = Place(tmp_path, into, place.clock)
    with restored(place, path, into) as other:
        assert other.log.cipher(client) is None
        assert other.log.reference(client) == ERASED + client
        assert len(other.log.stream(client)) == written - 1  # the request is not in it, the erasure is
        assert not any(word.encode() in b"".join(export_lines(other.log)) for word in words("A-1"))
        assert [match.reference for match in search(other, "zebulon")] == ["A-2"]
        assert verify(other.projector) == []
        stored = target.stored()
        assert not any(word.encode() in stored for word in words("A-1"))


def test_an_older_ledger_is_not_taken(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    with place.opened() as services:
        write(services, "A-1")
        erase(services, "A-1")
        back_up(services, path)
    (place.folder / "erasures").unlink()
    into = f"sqlite:///{tmp_path}/restored.db"
    with pytest.raises(BackupError, match="the erasure ledger knows 0"), restored(place, path, into):
        pass
    with restored(place, path, into, without_ledger=True) as other:
        assert len(other.log.all_erased()) == 1


@each_way
def test_a_target_with_something_in_it_is_left_alone(place: Place, into: str, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    other = Place(tmp_path, into, place.clock)
    with place.opened() as services:
        write(services, "A-1")
        back_up(services, path)
    with other.opened() as services:
        write(services, "B-1")
        before = services.log.recorder.page(0, 100)
        with pytest.raises(BackupError, match="not empty"), restored(place, path, into):
            pass
        assert services.log.recorder.page(0, 100) == before


@each_way
def test_a_damaged_backup_is_not_restored_and_the_target_stays_empty(place: Place, into: str, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    with place.opened() as services:
        fill(services.log, 4, 3)
        back_up(services, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    with pytest.raises(BackupError, match="damaged"), restored(place, path, into):
        pass
    path.write_bytes(whole)
    with restored(place, path, into) as other:
        assert other.log.head() > 0


def test_another_master_key_restores_nothing(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    with place.opened() as services:
        write(services, "A-1")
        back_up(services, path)
    settings = place.settings().model_copy(update={"master_key": SecretStr("cd" * 32)})
    with pytest.raises(BackupError, match="was closed with the master key local-"):
        restore_into(settings, path, f"sqlite:///{tmp_path}/restored.db")
    none = settings.model_copy(update={"master_key": None, "master_key_file": tmp_path / "none.key"})
    with pytest.raises(MasterKeyError, match="before you restore"):
        restore_into(none, path, f"sqlite:///{tmp_path}/restored.db")
    assert not (tmp_path / "none.key").exists()


def test_the_newest_backups_of_a_folder_are_kept(place: Place, tmp_path: Path) -> None:
    made: list[Path] = []
    with place.opened() as services:
        write(services, "A-1")
        for _ in range(4):
            made.append(name_for(tmp_path, place.clock.now))
            back_up(services, made[-1])
            place.clock.now += timedelta(days=1)
    (tmp_path / "notes.cjbackup").write_text("not a backup")
    assert prune(tmp_path, 0) == []
    assert sorted(prune(tmp_path, 2)) == made[:2]
    assert sorted(tmp_path.glob("carejourney-*")) == made[2:]
    assert (tmp_path / "notes.cjbackup").exists()


@each_way
def test_a_backup_of_a_release_that_kept_open_glass_in_a_table(place: Place, into: str, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    with place.opened() as services:
        write(services, "A-1")
        with services.people.log.recorder.writing() as tx:
            tx.rows("CREATE TABLE access_glass (person TEXT, client_id TEXT, until_us BIGINT)")
            tx.many("INSERT INTO access_glass VALUES (?,?,?)", [("nurse", "0" * 32, 1)])
        back_up(services, path)
        with restored(place, path, into) as other:
            same_log(services, other)


def test_a_backup_under_a_passphrase(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "some.cjbackup"
    settings = place.settings().model_copy(update={"backup_passphrase": SecretStr("open sesame")})
    with place.opened() as services:
        write(services, "A-1")
        services.settings = settings
        manifest = back_up(services, path)
    assert isinstance(manifest, Manifest)
    assert check(path, closing_of(settings, keyring(settings))) == manifest
    with pytest.raises(BackupError, match="opens with a passphrase"):
        check(path, closing_of(place.settings(), keyring(place.settings())))
    assert KEY
