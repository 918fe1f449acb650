"""Hash links and MACs: each entry names its stream's previous one by hash and carries the log's MAC.

Both stand at the end of the stored state: ``,"h":"`` then 44 characters, base64 of 0x01 and the previous entry's
SHA-256 (32 zero bytes for a first entry), then 20 characters, base64 of the code, then ``"}``. An entry's hash
covers client, sequence, topic and the state up to the code; the code is keyed BLAKE2b of that hash. What was
recorded before there were links has none, and is hashed whole. This format is fixed.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b, sha256
from hmac import compare_digest

Row = tuple[str, int, str, bytes]

MARK = b',"h":"'
LINK_FROM, CODE_FROM, CODE_TO = -66, -22, -2  # where link and code stand, from the end
MARK_FROM = LINK_FROM - len(MARK)
CODE_BYTES = 15
NO_CODE = b"A" * 20  # written while there was no master key
_VERSION = b"\x01"


class StreamGapError(ValueError):
    """An entry was to be recorded after one that is not there."""


class SequenceTakenError(Exception):
    """Another writer has used this place in the stream."""


def is_linked(state: bytes) -> bool:
    """Whether a stored state ends in link and code."""
    return state[MARK_FROM:LINK_FROM] == MARK and state.endswith(b'"}')


def entry_hash(client_id: str, sequence: int, topic: str, state: bytes) -> bytes:
    """What an entry is known by: SHA-256 of who, which one, what, and the state up to its code."""
    return _hash_of(client_id, sequence, topic, state[:CODE_FROM] if is_linked(state) else state)


def _hash_of(client_id: str, sequence: int, topic: str, covered: bytes) -> bytes:
    name = topic.encode()
    return sha256(b"%b/%d/%d/%b%b" % (client_id.encode(), sequence, len(name), name, covered)).digest()


def link_of(previous: bytes) -> bytes:
    """How an entry names the previous one of its stream."""
    return b2a_base64(_VERSION + previous, newline=False)


FIRST_LINK = link_of(bytes(32))


def code_of(entry: bytes, key: bytes) -> bytes:
    """The code of an entry's hash; without a key, one that says so."""
    if not key:
        return NO_CODE
    code = coder(key).copy()
    code.update(entry)
    return b2a_base64(code.digest(), newline=False)


def is_coded(client_id: str, sequence: int, topic: str, state: bytes, key: bytes) -> bool:
    """Whether a stored entry carries the code that only this key makes; without a key, or a link, none does."""
    if not key or not is_linked(state):
        return False
    code = code_of(_hash_of(client_id, sequence, topic, state[:CODE_FROM]), key)
    return compare_digest(state[CODE_FROM:CODE_TO], code)


@lru_cache(8)
def coder(key: bytes) -> blake2b:
    """What makes codes with a key: copied for each of them, which is twice as quick as to begin anew."""
    return blake2b(key=key, digest_size=CODE_BYTES)


def linked(rows: Iterable[Row], ends: dict[str, tuple[int, bytes]], key: bytes) -> list[Row]:
    """The rows with link and code. ``ends`` has the last entry of each stream (sequence, hash), and is moved on.

    Raises:
        SequenceTakenError: a stream has an entry at a row's place already.
        StreamGapError: a row would leave a gap in its stream.
    """
    linked_rows: list[Row] = []
    for client_id, sequence, topic, state in rows:
        last, previous = ends.get(client_id, _BEFORE_ALL)
        if sequence <= last:
            raise SequenceTakenError
        if sequence != last + 1:
            msg = f"entry {sequence} of a stream cannot follow entry {last}"
            raise StreamGapError(msg)
        covered = b"%b%b%b" % (state[:-1], MARK, link_of(previous))
        entry = _hash_of(client_id, sequence, topic, covered)
        ends[client_id] = sequence, entry
        linked_rows.append((client_id, sequence, topic, b'%b%b"}' % (covered, code_of(entry, key))))
    return linked_rows


_BEFORE_ALL = (0, bytes(32))
