"""A key service behind a command: the command wraps one key, and everything else works as with a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.bootstrap import open_services
from infra.eventstore.keyring import MasterKeyError
from infra.settings import Settings
from tests.infra.privacy.erasure.erasures import Clock, write

# Stands for a service: AES-GCM under a key of its own, base64 in and out, and a note of each call.
SCRIPT = """
import base64, os, sys, pathlib
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
folder = pathlib.Path(__file__).parent
with (folder / "calls").open("a") as calls:
    print(sys.argv[1], file=calls)
if sys.argv[1] == "key-id":
    print("service/1")
    sys.exit()
aead, given = AESGCM((folder / "service.key").read_bytes()), base64.b64decode(sys.stdin.read())
if sys.argv[1] == "wrap":
    nonce = os.urandom(12)
    print(base64.b64encode(nonce + aead.encrypt(nonce, given, None)).decode())
else:
    print(base64.b64encode(aead.decrypt(given[:12], given[12:], None)).decode())
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    script = tmp_path / "service.py"
    script.write_text(SCRIPT)
    (tmp_path / "service.key").write_bytes(bytes(range(32)))
    url = SecretStr(f"sqlite:///{tmp_path}/log.db")
    return Settings(database_url=url, master_key_command=f"{sys.executable} {script}")


def test_the_service_is_asked_once_a_start_and_holds_the_key(settings: Settings, tmp_path: Path) -> None:
    first = open_services(settings, Clock())
    streams = [write(first, f"A-{number}") for number in range(5)]
    first.close()
    again = open_services(settings, Clock())
    assert [again.log.reference(stream) for stream in streams] == [f"A-{number}" for number in range(5)]
    again.close()
    assert (tmp_path / "calls").read_text().split() == ["wrap", "key-id", "unwrap", "unwrap"]
    assert settings.key_file.stat().st_mode & 0o777 == 0o600
    assert b"service/1" in settings.key_file.read_bytes()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("false", "ended with 1"),
        ("no-such-program", "cannot be run"),
        ("echo not base64", "did not answer base64"),
        ("true", "answered 0 bytes"),
    ],
)
def test_a_service_that_does_not_answer_is_named(settings: Settings, command: str, words: str) -> None:
    open_services(settings, Clock()).close()
    with pytest.raises(MasterKeyError, match=words):
        open_services(settings.model_copy(update={"master_key_command": command}), Clock())


def test_another_service_key_opens_nothing(settings: Settings, tmp_path: Path) -> None:
    open_services(settings, Clock()).close()
    (tmp_path / "service.key").write_bytes(bytes(32))
    with pytest.raises(MasterKeyError, match="ended with 1 on unwrap"):
        open_services(settings, Clock())


def test_a_key_file_that_is_missing_or_no_key_is_named(settings: Settings) -> None:
    open_services(settings, Clock()).close()
    settings.key_file.write_text("nothing of the kind")
    with pytest.raises(MasterKeyError, match="holds no wrapped master key"):
        open_services(settings, Clock())
    settings.key_file.unlink()
    with pytest.raises(MasterKeyError, match="no wrapped master key at"):
        open_services(settings, Clock())
