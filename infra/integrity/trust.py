"""Trust in heads and keys: signatures, certificates, order, and heads saved elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from infra.integrity.findings import Finding
from infra.integrity.heads import NO_HEAD, Head, Key, key_id_of
from infra.integrity.saved_heads import Saved
from infra.integrity.signing_key import is_signed


def wrong_keys(keys: Sequence[Key], saved: Saved, own_key: str) -> Iterator[Finding]:
    """What is wrong with the public keys, beside those that were saved and the one that signs here (if known)."""
    by_id = {key.key_id: key for key in keys}
    for number, key in enumerate(keys, start=1):
        before = keys[number - 2] if number > 1 else key
        certifier = key if key.begins_anew else before
        if key.number != number:
            yield Finding("", "key", f"the public key {number} is missing")
            return
        if key.key_id != _id_of(key) or key.certified_by != certifier.key_id or not _is_certified(key, certifier):
            yield Finding("", "key", f"the public key {number} was altered: its certificate is wrong")
    for key in saved.keys:
        if by_id.get(key.key_id) != key:
            yield Finding("", "key", f"the public key {key.number}, {key.key_id}, was saved and is not in the database")
    if keys and own_key and own_key not in by_id:
        yield Finding("", "key", f"the heads are signed by other keys than the one of this installation, {own_key}")


def notices_of(keys: Sequence[Key], saved: Saved, own_key: str) -> Iterator[str]:
    """What a reader must know of the keys."""
    for key in keys[1:]:
        if key.begins_anew:
            yield f"key {key.number} ({key.key_id}) was not certified by the one before it: ask who began anew, and why"
    if keys and not saved.keys and not own_key:
        yield "nothing outside of the database vouches for its keys: give heads that were saved elsewhere (--heads)"


def wrong_heads(log: str, heads: Sequence[Head], keys: Sequence[Key]) -> Iterator[Finding]:
    """What is wrong with a log's heads: numbers, order, links, signatures."""
    public = {key.key_id: key for key in keys}
    for head in heads:
        if not is_valid(head, public):
            yield Finding(log, "head", f"head {head.number} was altered: its signature is wrong", head.position)
    if heads and (heads[0].number, heads[0].previous) != (1, NO_HEAD):
        yield Finding(log, "head", f"heads are missing before head {heads[0].number}")
    for earlier, later in pairwise(heads):
        if later.number != earlier.number + 1:
            yield Finding(log, "head", f"heads are missing between head {earlier.number} and head {later.number}")
        elif later.previous != earlier.digest():
            yield Finding(log, "head", f"head {later.number} follows another head {earlier.number}", later.position)
        elif (later.size, later.position, later.sealed_at) < (
            earlier.size,
            earlier.position,
            earlier.sealed_at,
        ) or _turned(public.get(earlier.key_id), public.get(later.key_id)):
            yield Finding(log, "head", f"head {later.number} is older than the one before it", later.position)


def unlike_saved(log: str, heads: Sequence[Head], keys: Sequence[Key], saved: Saved) -> Iterator[Finding]:
    """Saved heads that are not in the database as they were saved."""
    public = {key.key_id: key for key in (*keys, *saved.keys)}
    here = {head.number: head for head in heads}
    missing: list[int] = []
    for head in saved.heads:
        if head.log != log:
            continue
        if not is_valid(head, public):
            yield Finding(log, "head", f"the saved head {head.number} was altered: its signature is wrong")
        elif head.number not in here:
            missing.append(head.number)
        elif here[head.number] != head:
            yield Finding(log, "head", f"head {head.number} is not the one that was saved", head.position)
    if missing:
        which = f"head {missing[0]} was" if len(missing) == 1 else f"heads {missing[0]} to {missing[-1]} were"
        yield Finding(log, "head", f"{which} saved and {'is' if len(missing) == 1 else 'are'} not in the database")


def is_valid(head: Head, public: dict[str, Key]) -> bool:
    """Whether one of these keys signed the head."""
    key = public.get(head.key_id)
    return key is not None and is_signed(head.statement(), head.signature, key.public_key)


def _is_certified(key: Key, by: Key) -> bool:
    return is_signed(key.statement(), key.certificate, by.public_key)


def _turned(key: Key | None, other: Key | None) -> bool:
    return key is not None and other is not None and other.number < key.number


def _id_of(key: Key) -> str:
    try:
        return key_id_of(key.public_key)
    except ValueError:
        return ""
