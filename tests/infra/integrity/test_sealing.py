"""Heads follow each other and the log; what was altered is never signed over; being cut off loses no key."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from infra.bootstrap import open_services
from infra.eventstore.event_ids import last_sequence
from infra.eventstore.setup import open_log
from infra.integrity import seal as sealing_module
from infra.integrity.heads import NO_HEAD, Head, Key, NotAHeadError, line_of, record_of
from infra.integrity.key_rotation import rotate, signing_key
from infra.integrity.saved_heads import RolledBackError, SavedHeadsError, read_saved, save
from infra.integrity.seal import NEWEST, ROUND, AlteredLogError, Notary, certified, due, leaf_of_row
from infra.integrity.seal_setup import logs_of, seal, sealing, seals_of
from infra.integrity.seal_tables import Seals, add_head, add_key
from infra.integrity.signing_key import SigningKey, SigningKeyError, is_signed
from infra.integrity.tree import TILE, tree_hash
from infra.integrity.verify import Checked, Verifier
from tests.day import UTC_DAYS
from tests.infra.integrity.logs import Copy, settings_of
from tests.infra.integrity.sealed import SealedLog, file_log, sealed_log
from tests.infra.privacy.erasure.erasures import Clock, Place, write
from tests.spec import KEY, NOW


@pytest.fixture
def sealed(tmp_path: Path) -> SealedLog:
    return file_log(tmp_path, 5)


def test_each_head_is_the_tree_over_the_log_and_names_the_one_before(tmp_path: Path) -> None:
    random = Random(3)
    log = file_log(tmp_path, 1)
    for _ in range(12):
        log.write(random.choice([1, 2, 40, 500]))
        log.seal()
    heads = log.seals.heads("care")
    rows = log.log.recorder.page(0, 10_000)
    for head in heads:
        covered = rows[: head.size]
        assert (head.root, head.position) == (
            tree_hash([leaf_of_row(row) for row in covered]).hex(),
            covered[-1].position,
        )
        assert is_signed(head.statement(), head.signature, log.key.public_key)
    assert [head.number for head in heads] == list(range(1, 14))
    assert heads[0].previous == NO_HEAD
    assert all(other.previous == one.digest() for one, other in pairwise(heads))
    assert len(log.seals.tiles("care")) == len(rows) // TILE >= 1


def test_nothing_new_makes_no_head(sealed: SealedLog) -> None:
    assert sealed.seal() == []
    assert len(sealed.seals.heads("care")) == 1


def test_an_empty_log_has_no_head(tmp_path: Path) -> None:
    log = SealedLog(open_log(f"sqlite:///{tmp_path}/log.db", KEY, UTC_DAYS))
    assert (log.seal(), log.seals.heads()) == ([], [])


def test_of_two_who_seal_at_once_one_is_first(sealed: SealedLog) -> None:
    [head] = sealed.seals.heads("care")
    with sealed.log.recorder.writing() as tx:
        assert not add_head(tx, replace(head, size=6), [])
        assert not add_key(tx, sealed.seals.public_keys()[0])
    assert sealed.seals.heads() == [head]


def test_a_clock_that_steps_back_makes_no_older_head(sealed: SealedLog) -> None:
    sealed.write(1)
    [head] = Notary(sealed.seals, sealed.key, lambda: NOW - timedelta(days=2)).seal([sealed.named])
    assert head.sealed_at == sealed.seals.heads("care")[0].sealed_at


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET topic='NoteAdded.2' WHERE rowid=1030",
        "DELETE FROM stored_events WHERE rowid>1030",
        "UPDATE stored_events SET rowid=9000 WHERE rowid=1040",
        "UPDATE audit_tile SET root=X'00'",
        "DELETE FROM audit_tile",
        "UPDATE audit_tile SET position=position-1",
        "UPDATE audit_head SET size=size-1",
        "UPDATE audit_head SET sealed_at=sealed_at+1",
        "UPDATE audit_head SET signature='00'",
    ],
)
def test_what_was_altered_is_not_signed_over(tmp_path: Path, statement: str) -> None:
    log = file_log(tmp_path, TILE + 16)
    log.write(2)
    with log.log.recorder.writing() as tx:
        tx.rows(statement)
    with pytest.raises(AlteredLogError, match="audit verify"):
        log.seal()


def alter(log: SealedLog, position: int) -> None:
    """What somebody does who can write the database: the entry's bytes, and nothing beside."""
    with log.log.recorder.writing() as tx:
        changed = "CAST(replace(state, '\"a\":', '\"a\": ') AS BLOB)"
        tx.rows(f"UPDATE {tx.events_table} SET state={changed} WHERE {tx.position_column}={position}")


@pytest.mark.parametrize("position", [1, TILE // 2, TILE])
def test_an_entry_that_was_altered_under_a_kept_sum_is_not_signed_over(tmp_path: Path, position: int) -> None:
    log = file_log(tmp_path, TILE + 16)
    log.write(2)
    alter(log, position)
    with pytest.raises(AlteredLogError, match="entries 1 to 1024 of the log care are not those that were sealed"):
        log.seal()
    assert len(log.seals.heads("care")) == 1


def test_a_row_that_is_no_entry_is_not_signed_over(tmp_path: Path) -> None:
    log = file_log(tmp_path, TILE + 16)
    log.write(2)
    with log.log.recorder.writing() as tx:
        tx.rows(f"UPDATE {tx.events_table} SET state='x' WHERE {tx.position_column}=9")
    with pytest.raises(AlteredLogError, match="is no entry: nothing is signed"):
        log.seal()


def test_what_is_read_anew_moves_on_with_each_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing_module, "NEWEST", 0)
    monkeypatch.setattr(sealing_module, "ROUND", 3)
    log = file_log(tmp_path, 3 * TILE)
    alter(log, 2 * TILE + 5)
    log.write(1)
    assert [head.number for head in log.seal()] == [2]  # its turn has not come
    log.write(1)
    with pytest.raises(AlteredLogError, match="entries 2049 to 3072"):
        log.seal()


def test_every_entry_is_read_anew_within_a_round_however_the_log_grows() -> None:
    random = Random(5)
    for start in (0, 1, 7, 300):
        tiles, first = start, random.randrange(1_000)
        seen: set[int] = set()
        for number in range(first, first + ROUND):
            found = due(number, tiles)
            assert set(range(max(0, tiles - NEWEST), tiles)) <= set(found)
            assert len(found) <= NEWEST + tiles // ROUND + 1
            seen |= set(found)
            tiles += random.choice([0, 0, 1, 9])
        assert set(range(start)) <= seen


def test_another_key_does_not_sign(sealed: SealedLog) -> None:
    sealed.write(1)
    sealed.key = SigningKey.generate()
    with pytest.raises(SigningKeyError, match="put that one in its place"):
        sealed.seal()


def test_heads_on_postgresql(postgres_url: str) -> None:
    log = sealed_log(postgres_url, TILE + 3)
    with pytest.raises(ZeroDivisionError), log.log.recorder.writing() as tx:
        tx.insert([(log.log.client_id("A-0"), last_sequence(tx, log.log.client_id("A-0")) + 1, "X.1", b"{}")])
        raise ZeroDivisionError  # positions that were drawn are not used
    log.write(5)
    log.seal()
    assert [head.size for head in log.seals.heads("care")] == [TILE + 3, TILE + 8]
    report = Verifier(log.seals, log.log.code_key).verify([Checked(log.named, lambda _: iter(()))])
    assert report.findings == []
    log.log.close()


class TestSigningKeys:
    """Files, and being cut off between file and database."""

    def test_a_key_is_readable_by_its_owner_only_and_never_written_over(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "signing"
        SigningKey.generate().write(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        before = path.read_bytes()
        with pytest.raises(SigningKeyError, match="cannot be written"):
            SigningKey.generate().write(path)
        assert path.read_bytes() == before
        assert [file.name for file in path.parent.iterdir()] == ["signing"]

    @pytest.mark.parametrize(
        "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    def test_what_is_no_key_is_said(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "signing").write_bytes(content)
        with pytest.raises(SigningKeyError, match="no Ed25519 key"):
            SigningKey.read(tmp_path / "signing")

    def test_a_first_key_is_made_only_where_nothing_was_sealed(self, sealed: SealedLog, tmp_path: Path) -> None:
        with pytest.raises(SigningKeyError, match="no signing key"):
            signing_key(tmp_path / "signing", sealed.seals, create=True)
        empty = Seals.opened(open_log(f"sqlite:///{tmp_path}/other.db", KEY, UTC_DAYS).recorder)
        made = signing_key(tmp_path / "signing", empty, create=True)
        assert signing_key(tmp_path / "signing", empty, create=True).key_id == made.key_id

    def test_cut_off_before_the_database_knew_the_old_key_signs_on(self, sealed: SealedLog, tmp_path: Path) -> None:
        path = tmp_path / "signing"
        sealed.key.write(path)
        waiting = SigningKey.generate()
        waiting.write(tmp_path / "signing.next")
        assert signing_key(path, sealed.seals, create=False).key_id == sealed.key.key_id
        assert rotate(path, sealed.seals, lambda: NOW).key_id == waiting.key_id

    def test_cut_off_after_the_database_knew_the_new_key_is_put_in_place(
        self, sealed: SealedLog, tmp_path: Path
    ) -> None:
        path = tmp_path / "signing"
        sealed.key.write(path)
        fresh = SigningKey.generate()
        fresh.write(tmp_path / "signing.next")
        with sealed.log.recorder.writing() as tx:
            add_key(tx, certified(Key(2, fresh.key_id, fresh.public_key, 1, ""), sealed.key))
        assert signing_key(path, sealed.seals, create=False).key_id == fresh.key_id
        assert not (tmp_path / "signing.next").exists()

    def test_a_key_that_is_not_the_one_in_use_certifies_nothing(self, sealed: SealedLog, tmp_path: Path) -> None:
        SigningKey.generate().write(tmp_path / "signing")
        with pytest.raises(SigningKeyError, match="nothing was rotated"):
            rotate(tmp_path / "signing", sealed.seals, lambda: NOW)
        assert len(sealed.seals.public_keys()) == 1

    def test_after_a_loss_a_new_key_begins_and_verification_says_so(self, sealed: SealedLog, tmp_path: Path) -> None:
        key = rotate(tmp_path / "signing", sealed.seals, lambda: NOW, anew=True)
        sealed.key = signing_key(tmp_path / "signing", sealed.seals, create=False)
        sealed.write(2)
        sealed.seal()
        verifier = Verifier(sealed.seals, sealed.log.code_key, own_key=key.key_id)
        report = verifier.verify([Checked(sealed.named, lambda _: iter(()))])
        assert report.findings == []
        assert any("was not certified by the one before it" in notice for notice in report.notices)


class TestSavedHeads:
    """The file that is only added to."""

    @pytest.fixture
    def saved(self, sealed: SealedLog, tmp_path: Path) -> Callable[[], int]:
        return lambda: save(tmp_path / "heads", sealed.seals)

    def test_it_gets_what_it_has_not(self, sealed: SealedLog, saved: Callable[[], int], tmp_path: Path) -> None:
        assert (saved(), saved()) == (2, 0)
        before = (tmp_path / "heads").read_bytes()
        sealed.write(1)
        sealed.seal()
        assert saved() == 1
        assert (tmp_path / "heads").read_bytes().startswith(before)
        assert read_saved(tmp_path / "heads").heads == sealed.seals.heads()
        assert read_saved(tmp_path / "heads").newest("care") == 2

    def test_of_a_long_file_the_end_is_enough(
        self, sealed: SealedLog, saved: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("infra.integrity.saved_heads._END", 1_000)
        for _ in range(5):
            saved()
            sealed.write(1)
            sealed.seal()
        assert saved() == 1
        assert read_saved(tmp_path / "heads").heads == sealed.seals.heads()
        assert read_saved(tmp_path / "heads").keys == sealed.seals.public_keys()

    @pytest.mark.parametrize("kept", [1, 40, 250, 400])
    def test_a_line_that_was_cut_off_is_written_again(
        self, saved: Callable[[], int], tmp_path: Path, kept: int
    ) -> None:
        saved()
        path = tmp_path / "heads"
        whole = read_saved(path)
        path.write_bytes(path.read_bytes()[:-kept])
        saved()
        found = read_saved(path)
        assert (set(found.heads), set(found.keys)) == (set(whole.heads), set(whole.keys))

    def test_it_knows_of_a_database_that_went_back(self, sealed: SealedLog, saved: Callable[[], int]) -> None:
        sealed.write(1)
        sealed.seal()
        saved()
        with sealed.log.recorder.writing() as tx:
            tx.rows("DELETE FROM audit_head WHERE number=2")
        with pytest.raises(RolledBackError, match="an older copy"):
            saved()

    @pytest.mark.parametrize(
        "line", ['{"kind":"head"}', "nonsense", "[]", '{"kind":"note"}', '{"kind":"key","number":"1"}']
    )
    def test_a_line_that_is_no_head_is_named(self, saved: Callable[[], int], tmp_path: Path, line: str) -> None:
        saved()
        with (tmp_path / "heads").open("a") as file:
            file.write(line + "\n")
        with pytest.raises(SavedHeadsError, match="line 3"):
            read_saved(tmp_path / "heads")

    def test_a_file_that_is_not_there_is_named(self, sealed: SealedLog, tmp_path: Path) -> None:
        with pytest.raises(SavedHeadsError, match="audit heads --out"):
            read_saved(tmp_path / "none")
        (tmp_path / "folder").mkdir()
        with pytest.raises(SavedHeadsError, match="CAREJOURNEY_HEADS_FILE"):
            save(tmp_path / "folder", sealed.seals)

    def test_heads_and_keys_come_back_as_they_were(self, sealed: SealedLog) -> None:
        for record in (*sealed.seals.public_keys(), *sealed.seals.heads()):
            assert record_of(line_of(record)) == record
        with pytest.raises(NotAHeadError):
            record_of({**line_of(sealed.seals.heads()[0]), "size": True})


class TestServices:
    """Sealing as the settings have it."""

    @pytest.fixture
    def copy(self, tmp_path: Path) -> Copy:
        return Copy(tmp_path)

    def test_a_server_seals_when_it_starts_and_when_it_stops(self, copy: Copy) -> None:
        place = Place(copy.folder, f"sqlite:///{copy.care}", Clock())
        with place.opened() as services:
            write(services, "A-1")
            with sealing(services):
                write(services, "A-2")
            heads = seals_of(services).heads("care")
            assert heads[-1].size == services.log.head() == 12
            assert set(read_saved(copy.heads).heads) == set(seals_of(services).heads())
            assert stat.S_IMODE(copy.signing.stat().st_mode) == 0o600

    def test_never_means_never(self, copy: Copy) -> None:
        services = open_services(settings_of(copy).model_copy(update={"seal_every": 0}))
        write(services, "A-1")
        with sealing(services):
            assert seals_of(services).heads() == []
        assert seals_of(services).heads() == []
        services.close()

    def test_a_database_that_went_back_is_not_sealed(self, copy: Copy) -> None:
        place = Place(copy.folder, f"sqlite:///{copy.care}", Clock())
        with place.opened() as services:
            write(services, "A-1")
            seal(services)
            saved: list[Head] = read_saved(copy.heads).heads
            with services.log.recorder.writing() as tx:
                tx.rows("DELETE FROM audit_head")
            with pytest.raises(RolledBackError):
                seal(services)
            assert read_saved(copy.heads).heads == saved
            assert [log.name for log in logs_of(services)] == ["care", "access"]
