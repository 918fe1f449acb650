"""The file of a backup: no byte of it can be changed, and only what closed it opens it."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, strategies as st

from infra.eventstore.keyring import Keyring, LocalMasterKey
from infra.ops.backup import container
from infra.ops.backup.container import Writer, read_header, read_lines
from infra.ops.backup.encryption import BackupError, ByMasterKey, ByPassphrase, Closing, ForRecipient
from infra.ops.backup.rows import line_of, row_of

KEY = bytes(range(32))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of several small chunks."""
    monkeypatch.setattr(container, "CHUNK_BYTES", 200)
    out = io.BytesIO()
    writer = Writer(out, KEY, {"created_at": "2026-03-02T12:00:00+00:00", "closed_with": {}})
    for number in range(60):
        writer.line(b"line %d" % number)
    writer.finish()
    path = tmp_path / "some.cjbackup"
    path.write_bytes(out.getvalue())
    return path


def test_lines_come_back_in_order(file: Path) -> None:
    assert list(read_lines(file, KEY)) == [b"line %d" % number for number in range(60)]
    assert b"line 1" not in file.read_bytes()
    assert read_header(file)["created_at"] == "2026-03-02T12:00:00+00:00"


def test_any_changed_or_missing_byte_is_found(file: Path) -> None:
    whole, random = file.read_bytes(), Random(7)
    for _ in range(300):
        place = random.randrange(len(whole))
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << random.randrange(8)]) + whole[place + 1 :])
        with pytest.raises(BackupError):
            list(read_lines(file, KEY))
        file.write_bytes(whole[:place])
        with pytest.raises(BackupError):
            list(read_lines(file, KEY))
    file.write_bytes(whole + b"x")
    with pytest.raises(BackupError, match="follows the end"):
        list(read_lines(file, KEY))


def test_chunks_cannot_change_places_or_be_left_out(file: Path) -> None:
    whole = file.read_bytes()
    start = len(container.MAGIC) + len(whole.split(b"\n")[1]) + 1
    first = 4 + int.from_bytes(whole[start : start + 4], "big")
    second = 4 + int.from_bytes(whole[start + first : start + first + 4], "big")
    head, one, two, rest = (
        whole[:start],
        whole[start : start + first],
        whole[start + first : start + first + second],
        whole[start + first + second :],
    )
    for changed in (head + two + one + rest, head + two + rest, head + one + one + rest, head + one + rest):
        file.write_bytes(changed)
        with pytest.raises(BackupError, match="damaged"):
            list(read_lines(file, KEY))


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(BackupError, match="is no backup"):
        read_header(other)
    with pytest.raises(BackupError, match="No such file"):
        read_header(tmp_path / "none")


@pytest.fixture(params=["master", "passphrase", "recipient"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Closing, Closing, Closing]:
    """What closes, what opens, and what is another one of its kind."""
    if request.param == "master":
        old, new = LocalMasterKey(KEY), LocalMasterKey(KEY[::-1])
        return ByMasterKey(Keyring(old)), ByMasterKey(Keyring(new, [old])), ByMasterKey(Keyring(new))
    if request.param == "passphrase":
        return ByPassphrase("open sesame"), ByPassphrase("open sesame"), ByPassphrase("open barley")
    private, other = (_private(tmp_path / f"{name}.pem") for name in ("own", "other"))
    return ForRecipient(public=tmp_path / "own.pem.pub"), ForRecipient(private=private), ForRecipient(private=other)


def _private(path: Path) -> Path:
    key = X25519PrivateKey.generate()
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, none))
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.with_name(path.name + ".pub").write_bytes(public)
    return path


def test_only_what_closed_it_opens_it(pair: tuple[Closing, Closing, Closing]) -> None:
    closes, opens, other = pair
    closed = closes.close(KEY)
    assert KEY.hex() not in str(closed)
    assert opens.open(closed) == KEY
    with pytest.raises(BackupError, match=r"another one|set or accept that one"):
        other.open(closed)


def test_a_wrong_kind_of_key_is_named(tmp_path: Path) -> None:
    closed = ByPassphrase("open sesame").close(KEY)
    with pytest.raises(BackupError, match="CAREJOURNEY_BACKUP_PASSPHRASE"):
        ByMasterKey(Keyring(KEY)).open(closed)
    text = tmp_path / "no.pem"
    text.write_text("no key")
    with pytest.raises(BackupError, match="no X25519 key in PEM"):
        ForRecipient(public=text).close(KEY)


@given(st.lists(st.one_of(st.none(), st.integers(-(2**53), 2**53), st.text(), st.binary(), st.floats(allow_nan=False))))
def test_any_row_comes_back_as_it_was(row: list[object]) -> None:
    finite = [value for value in row if not (isinstance(value, float) and value in (float("inf"), float("-inf")))]
    assert row_of(line_of(finite)) == finite
