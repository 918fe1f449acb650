"""Keyring: an AES-256-GCM data key per client, wrapped by the master key; the keyed index of chart numbers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import ExpectedError
from infra.runtime.private_files import make_private_folder

KEY_BYTES = 32
_NONCE_BYTES = 12
_CACHED_KEYS = 20_000
_CLIENTS, PROVIDERS = "8", "5"  # versions of UUIDs
_WRONG = (
    "a sealed value does not open: the master key is not the one that this database was written with; "
    "set the key that belongs to it (`carejourney keys status` names the ones in use)"
)


class MasterKeyError(ExpectedError, kind="no-key"):
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
        make_private_folder(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    return read_master_key(path.read_text())


class Cipher:
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
            raise MasterKeyError(_WRONG) from None


CipherOf = Callable[[str], Cipher | None]
"""The cipher of a stream by its id; None where there is no key, or none any more."""


class MasterKey(Protocol):
    """What wraps data keys: a key at hand, or a key management service. ``context`` ties a wrapped key to its place."""

    @property
    def key_id(self) -> str:
        """The key's public name, another one for each key."""
        ...

    def wrap(self, plain: bytes, context: bytes) -> bytes:
        """Encrypt a key."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Decrypt it.

        Raises:
            MasterKeyError: it was wrapped by another key, or for another place, or the service does not answer.
        """
        ...


class LocalMasterKey:
    """A master key of 32 bytes that this process holds: from a file, the environment or a service."""

    def __init__(self, key: bytes) -> None:
        """Use the key; its id is a keyed hash, which says nothing of it."""
        self._cipher = Cipher(key)
        self.key_id = "local-" + hashlib.blake2b(b"carejourney master key", key=key, digest_size=8).hexdigest()

    def wrap(self, plain: bytes, context: bytes) -> bytes:
        """AES-256-GCM, the context as associated data."""
        return self._cipher.seal(plain, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The plain key."""
        return self._cipher.open(wrapped, context)


class LockedMasterKey:
    """Stands for a master key that is missing: everything that needs it says why it cannot be done."""

    key_id = "missing"

    def __init__(self, problem: str) -> None:
        """Keep what to tell."""
        self.problem = problem

    def wrap(self, plain: bytes, context: bytes) -> bytes:  # noqa: ARG002
        """Refuse."""
        raise MasterKeyError(self.problem)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:  # noqa: ARG002
        """Refuse."""
        raise MasterKeyError(self.problem)


# A wrapped key begins with which master key wrapped it; one of exactly 60 bytes is of the time before that.
_MARK = b"\x02"
_TAG_BYTES = 8
_UNTAGGED = _NONCE_BYTES + KEY_BYTES + 16
TAG_LENGTH = len(_MARK) + _TAG_BYTES


def tag_of(key_id: str) -> bytes:
    """How a wrapped key begins that this master key wrapped."""
    return _MARK + hashlib.blake2b(key_id.encode(), digest_size=_TAG_BYTES).digest()


class Keyring:
    """Data keys by client, opened with the master key, kept in a bounded cache.

    New keys are wrapped by ``master``; what one of ``accepted`` wrapped opens too, until a rotation is done.
    """

    def __init__(self, master: bytes | MasterKey, accepted: Sequence[MasterKey] = ()) -> None:
        """Use a master key (32 bytes, or what wraps for us) and accept others for reading."""
        self.master: MasterKey = LocalMasterKey(master) if isinstance(master, bytes) else master
        self.accepted = tuple(accepted)
        self._by_tag = {tag_of(key.key_id): key for key in (*self.accepted, self.master)}
        self._cache: dict[str, tuple[bytes, Cipher]] = {}

    @classmethod
    def locked(cls, problem: str) -> Keyring:
        """A keyring without a key: whatever needs one raises ``MasterKeyError`` with this text."""
        return cls(LockedMasterKey(problem))

    @property
    def problem(self) -> str:
        """Why there is no master key to work with; nothing when there is one."""
        return self.master.problem if isinstance(self.master, LockedMasterKey) else ""

    @property
    def is_locked(self) -> bool:
        """Whether there is no master key to work with."""
        return bool(self.problem)

    def create(self, client_id: str) -> tuple[Cipher, bytes]:
        """A new data key for a client: its cipher, and the key wrapped by the master key.

        It is not kept: the transaction that records it may yet fail, and another process then makes another key.
        """
        key = os.urandom(KEY_BYTES)
        return Cipher(key), self._wrap(key, client_id.encode())

    def open(self, client_id: str, wrapped: bytes) -> Cipher:
        """The cipher of a client's wrapped data key; a cached one serves only the same wrapped key."""
        cached = self._cache.get(client_id)
        if cached is not None and cached[0] == wrapped:
            return cached[1]
        cipher = Cipher(self._unwrap(wrapped, client_id.encode()))
        self._cache[client_id] = wrapped, cipher
        if len(self._cache) > _CACHED_KEYS:
            self._cache.pop(next(iter(self._cache)), None)
        return cipher

    def forget(self, client_id: str) -> None:
        """Drop a key that was destroyed."""
        self._cache.pop(client_id, None)

    def wrap_secret(self, name: str, secret: bytes) -> bytes:
        """Wrap a secret of the whole database under the master key."""
        return self._wrap(secret, name.encode())

    def open_secret(self, name: str, wrapped: bytes) -> bytes:
        """Unwrap it."""
        return self._unwrap(wrapped, name.encode())

    def is_current(self, wrapped: bytes) -> bool:
        """Whether the master key in use wrapped it."""
        return len(wrapped) != _UNTAGGED and wrapped.startswith(tag_of(self.master.key_id))

    def rewrap(self, wrapped: bytes, place: str) -> bytes:
        """The same key wrapped by the master key in use; ``place`` is the client's id or the secret's name.

        Raises:
            MasterKeyError: neither the master key nor an accepted one opens it.
        """
        return self._wrap(self._unwrap(wrapped, place.encode()), place.encode())

    def _wrap(self, key: bytes, context: bytes) -> bytes:
        return tag_of(self.master.key_id) + self.master.wrap(key, context)

    def _unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        if self.is_locked:
            return self.master.unwrap(wrapped, context)
        if len(wrapped) == _UNTAGGED:
            return self._unwrap_untagged(wrapped, context)
        master = self._by_tag.get(wrapped[:TAG_LENGTH])
        if master is None:
            raise MasterKeyError(_WRONG)
        return master.unwrap(wrapped[TAG_LENGTH:], context)

    def _unwrap_untagged(self, wrapped: bytes, context: bytes) -> bytes:
        for key in (self.master, *self.accepted):
            try:
                return key.unwrap(wrapped, context)
            except MasterKeyError:
                continue
        raise MasterKeyError(_WRONG)


def derived(index_key: bytes, purpose: str) -> bytes:
    """A key for one purpose, from the key that a log keeps for its index of chart numbers."""
    return hmac.digest(index_key, purpose.encode(), "sha256")


def client_id_of(index_key: bytes, reference: str) -> str:
    """The stream id of a chart number: a keyed hash, so that ids do not give chart numbers away (UUID v8)."""
    return _hashed(index_key, reference, _CLIENTS)


def provider_id_of(index_key: bytes, label: str) -> str:
    """The stream id of one of the provider's labels. Its version tells the kind of the stream (UUID v5, by name)."""
    return _hashed(index_key, label, PROVIDERS)


def of_provider(stream_id: str) -> bool:
    """Whether a stream (32 hex digits) is the provider's own, and no client's."""
    return stream_id[12] == PROVIDERS


def _hashed(index_key: bytes, text: str, version: str) -> str:
    digest = bytearray(hashlib.blake2b(text.encode(), key=index_key, digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | int(version) << 4
    digest[8] = digest[8] & 0x3F | 0x80
    return digest.hex()


def id_bytes(hex_digits: str) -> bytes:
    """An id as the side tables keep it."""
    return bytes.fromhex(hex_digits)
