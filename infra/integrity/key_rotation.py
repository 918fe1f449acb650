"""Rotate the signing key: the old key certifies the new one.

The new key waits beside the old one until the database knows it, so that being cut off loses neither.
"""

from __future__ import annotations

from pathlib import Path

from domain.entries import microseconds
from infra.eventstore.log import Clock
from infra.integrity.heads import Key
from infra.integrity.seal import certified
from infra.integrity.seal_tables import Seals, add_key
from infra.integrity.signing_key import SigningKey, SigningKeyError, settle

_NEXT = ".next"


def signing_key(path: Path, seals: Seals, *, create: bool) -> SigningKey:
    """The key that signs; a rotation that was cut off is completed. With ``create``, a first key is made.

    Raises:
        SigningKeyError: the key is missing although this log was sealed, or is no key.
    """
    waiting = path.with_name(path.name + _NEXT)
    keys = seals.public_keys()
    if waiting.exists() and keys and SigningKey.read(waiting).key_id == keys[-1].key_id:
        _put_in_place(waiting, path)
    if create and not keys and not path.exists():
        SigningKey.generate().write(path)
    return SigningKey.read(path)


def rotate(path: Path, seals: Seals, clock: Clock, *, anew: bool = False) -> Key:
    """Make a new key, certified by the one in use, and put it in its place; the old one is gone then.

    ``anew`` is for a key that was lost: the new one certifies itself, and whoever verifies is told so.

    Raises:
        SigningKeyError: the key in use is not at hand, or files cannot be written, or another process rotates.
    """
    keys = seals.public_keys()
    waiting = path.with_name(path.name + _NEXT)
    if anew:
        fresh = _waiting(waiting, keys)
        by = fresh
    else:
        by = signing_key(path, seals, create=False)
        if not keys or by.key_id != keys[-1].key_id:
            raise SigningKeyError("the key at hand is not the one that signs this log: nothing was rotated")
        fresh = _waiting(waiting, keys)
    number, since = (keys[-1].number, keys[-1].since) if keys else (0, 0)
    moment = max(microseconds(clock()), since)
    key = certified(Key(number + 1, fresh.key_id, fresh.public_key, moment, ""), by)
    with seals.recorder.writing() as tx:
        if not add_key(tx, key):
            raise SigningKeyError("another process has changed the signing key meanwhile: see `carejourney audit keys`")
    _put_in_place(waiting, path)
    return key


def _waiting(path: Path, keys: list[Key]) -> SigningKey:
    """The key that waits since a rotation was cut off, or a new one."""
    if path.exists():
        key = SigningKey.read(path)
        if key.key_id not in {key.key_id for key in keys}:
            return key
        path.unlink()
    fresh = SigningKey.generate()
    fresh.write(path)
    return fresh


def _put_in_place(waiting: Path, path: Path) -> None:
    try:
        waiting.replace(path)
        settle(path.parent)
    except OSError as error:
        msg = f"the new signing key waits at {waiting} and cannot be moved to {path}: {error.strerror}; move it there"
        raise SigningKeyError(msg) from None
