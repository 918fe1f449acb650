"""What opens a backup: the master key, a passphrase, or the private key that belongs to a public one.

Each backup has a key of its own. Here it is wrapped, for the header of the file.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from domain.errors import ExpectedError
from infra.eventstore.keyring import KEY_BYTES, Cipher, Keyring, MasterKeyError

_PLACE = b"carejourney backup"
# Cost of scrypt as log2 of N, with r=8 and p=1: 128 MiB, OWASP's Password Storage Cheat Sheet (2023 to 2025).
_COST = 17
_EARLIER_COSTS = frozenset({15})  # and of backups that name none; a header may not ask for less, or for all memory

Closed = dict[str, str]


class BackupError(ExpectedError):
    """A backup cannot be made, read or restored; the message says what to do."""


class Closing(Protocol):
    """Wraps a backup's key, and opens what it wrapped."""

    def close(self, key: bytes) -> Closed:
        """What goes into the header."""
        ...

    def open(self, closed: Closed) -> bytes:
        """The key.

        Raises:
            BackupError: this is not what the backup was closed with.
        """
        ...


@dataclass(frozen=True)
class ByMasterKey:
    """Under the master key in use; one that is accepted opens it too."""

    keyring: Keyring

    def close(self, key: bytes) -> Closed:
        """Wrap like a secret of the log."""
        wrapped = self.keyring.wrap_secret("backup", key)
        return {"kind": "master", "key_id": self.keyring.master.key_id, "wrapped": _text(wrapped)}

    def open(self, closed: Closed) -> bytes:
        """Unwrap it."""
        _is(closed, "master")
        try:
            return self.keyring.open_secret("backup", _bytes(closed["wrapped"]))
        except MasterKeyError as error:
            msg = f"the backup was closed with the master key {closed.get('key_id')}: set or accept that one ({error})"
            raise BackupError(msg) from None


@dataclass(frozen=True)
class ByPassphrase:
    """Under a passphrase (scrypt, 128 MiB); what was closed at an earlier cost opens at that."""

    passphrase: str

    def close(self, key: bytes) -> Closed:
        """Wrap under the stretched passphrase."""
        salt = os.urandom(16)
        wrapped = self._cipher(salt, _COST).seal(key, _PLACE)
        return {"kind": "passphrase", "scrypt": str(_COST), "salt": _text(salt), "wrapped": _text(wrapped)}

    def open(self, closed: Closed) -> bytes:
        """Unwrap it."""
        _is(closed, "passphrase")
        costs = {str(cost): cost for cost in (_COST, *_EARLIER_COSTS)}
        cost = costs.get(closed.get("scrypt", str(min(_EARLIER_COSTS))))
        if cost is None:
            msg = "the backup's header was altered, or is of a newer release: use another copy, or that release"
            raise BackupError(msg)
        return _opened(self._cipher(_bytes(closed["salt"]), cost), closed, "the passphrase is another one")

    def _cipher(self, salt: bytes, cost: int) -> Cipher:
        return Cipher(Scrypt(salt, KEY_BYTES, n=2**cost, r=8, p=1).derive(self.passphrase.encode()))


@dataclass(frozen=True)
class ForRecipient:
    """For the holder of an X25519 private key; who makes the backup needs only the public one (PEM files)."""

    public: Path | None = None
    private: Path | None = None

    def close(self, key: bytes) -> Closed:
        """Wrap under a key agreed with an ephemeral one."""
        recipient = _pem(self.public, private=False)
        assert isinstance(recipient, X25519PublicKey)
        ephemeral = X25519PrivateKey.generate()
        raw = ephemeral.public_key().public_bytes_raw()
        cipher = _agreed(ephemeral.exchange(recipient), raw)
        return {"kind": "recipient", "ephemeral": _text(raw), "wrapped": _text(cipher.seal(key, _PLACE))}

    def open(self, closed: Closed) -> bytes:
        """Unwrap it with the private key."""
        _is(closed, "recipient")
        private = _pem(self.private, private=True)
        assert isinstance(private, X25519PrivateKey)
        raw = _bytes(closed["ephemeral"])
        shared = private.exchange(X25519PublicKey.from_public_bytes(raw))
        return _opened(_agreed(shared, raw), closed, "the private key is another one")


def _is(closed: Closed, kind: str) -> None:
    openers = {
        "master": "the master key: give neither a passphrase nor --identity",
        "passphrase": "a passphrase: set CAREJOURNEY_BACKUP_PASSPHRASE",
        "recipient": "a private key: give it with --identity",
    }
    if closed.get("kind") != kind:
        msg = f"this backup opens with {openers.get(closed.get('kind', ''), 'something that is not known here')}"
        raise BackupError(msg)


def _opened(cipher: Cipher, closed: Closed, otherwise: str) -> bytes:
    try:
        return cipher.open(_bytes(closed["wrapped"]), _PLACE)
    except MasterKeyError:
        msg = f"the backup does not open: {otherwise}, or its header was altered"
        raise BackupError(msg) from None


def _agreed(shared: bytes, salt: bytes) -> Cipher:
    return Cipher(HKDF(hashes.SHA256(), KEY_BYTES, salt, _PLACE).derive(shared))


def _pem(path: Path | None, *, private: bool) -> Any:
    if path is None:
        msg = "no private key: give it with --identity" if private else "no public key: give it with --recipient"
        raise BackupError(msg)
    try:
        raw = path.read_bytes()
        key = serialization.load_pem_private_key(raw, None) if private else serialization.load_pem_public_key(raw)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, X25519PrivateKey if private else X25519PublicKey):
        msg = f"{path} is no X25519 key in PEM: `openssl genpkey -algorithm x25519 -out private.pem` makes one"
        raise BackupError(msg)
    return key


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        msg = "the backup's header was altered: use another copy"
        raise BackupError(msg) from None
