"""A passphrase is stretched at today's cost, and what was closed at an earlier one still opens."""

from __future__ import annotations

import base64
import os

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from infra.eventstore.keyring import Cipher
from infra.ops.backup.encryption import BackupError, ByPassphrase

KEY = bytes(range(32))
WORDS = ByPassphrase("open sesame")


def closed_at(n: int) -> dict[str, str]:
    salt = os.urandom(16)
    wrapped = Cipher(Scrypt(salt, 32, n=n, r=8, p=1).derive(b"open sesame")).seal(KEY, b"carejourney backup")
    return {
        "kind": "passphrase",
        "salt": base64.b64encode(salt).decode(),
        "wrapped": base64.b64encode(wrapped).decode(),
    }


def test_a_new_backup_is_closed_at_todays_cost() -> None:
    closed = WORDS.close(KEY)
    assert closed["scrypt"] == "17"
    assert WORDS.open(closed) == KEY
    salt = base64.b64decode(closed["salt"])
    cipher = Cipher(Scrypt(salt, 32, n=2**17, r=8, p=1).derive(b"open sesame"))
    assert cipher.open(base64.b64decode(closed["wrapped"]), b"carejourney backup") == KEY


def test_one_of_an_earlier_release_opens() -> None:
    assert WORDS.open(closed_at(2**15)) == KEY


@pytest.mark.parametrize("cost", ["1", "14", "40", "x", ""])
def test_a_header_asks_for_no_other_cost(cost: str) -> None:
    with pytest.raises(BackupError, match="header"):
        WORDS.open({**closed_at(2), "scrypt": cost})
