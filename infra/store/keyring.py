"""Keys: an AES-256-GCM data key per client, wrapped by the master key; and the keyed index of chart numbers."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_CACHED_KEYS = 20_000


class MasterKeyError(Exception):
    """The master key is missing, malformed, or not the one that this database was written with."""


def read_master_key(text: str) -> bytes:
    """Decode a master key given as 64 hex digits or base64 of 32 bytes.

    Raises:
        MasterKeyError: it is neither.
    """
    text = text.strip()
    for decode in (bytes.fromhex, _from_base64):
        try:
            key = decode(text)
        except ValueError:
            continue
        if len(key) == KEY_BYTES:
            return key
    msg = "the master key must be 32 bytes as 64 hex digits or base64 (openssl rand -hex 32 makes one)"
    raise MasterKeyError(msg)


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def master_key_file(path: Path, *, create: bool) -> bytes:
    """Read the master key from a file; with ``create``, make one with mode 600 if there is none.

    Raises:
        MasterKeyError: no file and not allowed to make one, or not a key.
    """
    if not path.exists():
        if not create:
            msg = f"no master key at {path}: set CAREJOURNEY_MASTER_KEY or CAREJOURNEY_MASTER_KEY_FILE"
            raise MasterKeyError(msg)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    return read_master_key(path.read_text())


class Sealer:
    """Seals bytes under one key; the associated data ties a ciphertext to its place."""

    def __init__(self, key: bytes) -> None:
        """Prepare the cipher once."""
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The plain bytes.

        Raises:
            MasterKeyError: the key is another one, or the ciphertext was moved or altered.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
        except InvalidTag:
            msg = "a sealed value does not open: the master key is not the one that this database was written with"
            raise MasterKeyError(msg) from None


class Keyring:
    """Data keys by client, opened with the master key, kept in a bounded cache."""

    def __init__(self, master: bytes) -> None:
        """Use a master key of 32 bytes."""
        self._master = Sealer(master)
        self._cache: dict[str, tuple[bytes, Sealer]] = {}

    def create(self, client_id: str) -> tuple[Sealer, bytes]:
        """A new data key for a client: its sealer, and the key wrapped by the master key.

        It is not kept: the transaction that records it may yet fail, and another process then makes another key.
        """
        key = os.urandom(KEY_BYTES)
        return Sealer(key), self._master.seal(key, client_id.encode())

    def open(self, client_id: str, wrapped: bytes) -> Sealer:
        """The sealer of a client's wrapped data key; a cached one serves only the same wrapped key."""
        cached = self._cache.get(client_id)
        if cached is not None and cached[0] == wrapped:
            return cached[1]
        sealer = Sealer(self._master.open(wrapped, client_id.encode()))
        self._cache[client_id] = wrapped, sealer
        if len(self._cache) > _CACHED_KEYS:
            self._cache.pop(next(iter(self._cache)), None)
        return sealer

    def forget(self, client_id: str) -> None:
        """Drop a key that was destroyed."""
        self._cache.pop(client_id, None)

    def wrap_secret(self, name: str, secret: bytes) -> bytes:
        """Wrap a secret of the whole database under the master key."""
        return self._master.seal(secret, name.encode())

    def open_secret(self, name: str, wrapped: bytes) -> bytes:
        """Unwrap it."""
        return self._master.open(wrapped, name.encode())

def client_id_of(index_key: bytes, reference: str) -> str:
    """The stream id of a chart number: a keyed hash, so that ids do not give chart numbers away (UUID v8)."""
    digest = bytearray(hashlib.blake2b(reference.encode(), key=index_key, digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()
