"""Scan state: each entry's hash, link, MAC and place, and the tree over them."""

from __future__ import annotations

import re
from binascii import b2a_base64, unhexlify
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from infra.eventstore.hash_links import (
    CODE_FROM,
    CODE_TO,
    FIRST_LINK,
    LINK_FROM,
    MARK,
    MARK_FROM,
    NO_CODE,
    code_of,
    coder,
    entry_hash,
    link_of,
)
from infra.eventstore.mapper import import_of, recorded_of
from infra.eventstore.rows import LogRow
from infra.integrity.findings import MOST, Finding, Kind
from infra.integrity.tree import Growing

SKEW_US = 5 * 60 * 1_000_000  # entries on their way while a head is signed, and clocks of several servers
ID_FROM, ID_TO = 6, 38  # where an entry's id stands in its state: {"i":"…

_is_id = re.compile("[0-9a-f]{32}").fullmatch


FIRST = (0, FIRST_LINK)  # what stands before a stream's first entry


class _Topics(dict[str, bytes]):
    """How a topic stands in the bytes that are hashed."""

    def __missing__(self, topic: str) -> bytes:
        name = topic.encode()
        header = self[topic] = b"/%d/%b" % (len(name), name)
        return header


class Scan:
    """Takes a log's rows in their order and keeps what they come to.

    ``ends`` has the last sequence of each stream, with how the next entry must name it (empty: any way, since what
    is wrong was found already). ``ids`` is a sum over entry ids at their positions, for comparison with the index.
    A scan that begins in the middle has ``starts``: the first sequence of each stream and what that entry names.
    ``heads`` are the position and moment (µs UTC) of each head, in order: an entry after a head is known since then.
    ``dated_back`` counts those that an import, which they name, brought with an earlier knowledge time, by batch.
    """

    def __init__(self, log: str, key: bytes, *, codes_needed: bool) -> None:
        """Begin; without a ``key`` codes are not looked at, and ``codes_needed`` says whether none may be left out."""
        self.log = log
        self.tree = Growing()
        self.position = 0
        self.findings: list[Finding] = []
        self.ends: dict[str, tuple[int, bytes]] = {}
        self.erasing: set[str] = set()
        self.ids = 0
        self.uncoded: list[int] = []
        self.unlinked = 0
        self.is_readable = True
        self.index_agrees = False
        self.starts: dict[str, tuple[int, bytes]] | None = None
        self.heads: list[tuple[int, int]] = []
        self.dated_back: Counter[str] = Counter()
        self._key = key
        self._coder = coder(key) if key else None
        self._codes_needed = codes_needed
        self._topics = _Topics()
        self._passed = 0

    def take(self, rows: Sequence[LogRow]) -> None:
        """Add rows to the tree, and note what is wrong with them."""
        self.tree.extend(self._leaves(rows))
        for row in rows if self.heads else ():
            self._look_at_time(row)
        self.position = rows[-1].position

    def find(self, kind: Kind, what: str, row: LogRow) -> None:
        """Note a difference at a row."""
        if len(self.findings) < MOST:
            self.findings.append(Finding(self.log, kind, what, row.position, str(row.client_id), row.sequence))

    def _look_at_time(self, row: LogRow) -> None:
        heads = self.heads
        while self._passed < len(heads) and heads[self._passed][0] < row.position:
            self._passed += 1
        if not self._passed or not hasattr(row.state, "hex"):
            return
        if recorded_of(row.state) >= heads[self._passed - 1][1] - SKEW_US:
            return
        batch = import_of(row.state)
        if batch is None:
            self.find(
                "backdated",
                "its knowledge time is before a head that was signed before it, and it names no import",
                row,
            )
        else:
            self.dated_back[f"batch {batch['i']}, run by {batch['w']}"] += 1

    def _leaves(self, rows: Sequence[LogRow]) -> list[bytes]:
        # This loop meets every entry of the log: what is usual is decided here, the rest in _odd.
        leaves: list[bytes] = []
        topics, ends, coder, ids = self._topics, self.ends, self._coder, self.ids
        for row in rows:
            position, client_id, sequence, topic, state = row
            try:
                place = position.to_bytes(8, "big", signed=True)
                ids += hash((unhexlify(state[ID_FROM:ID_TO]), position))
                if state[MARK_FROM:LINK_FROM] != MARK or state[CODE_TO:] != b'"}':
                    leaves.append(sha256(b"\x00" + place + self._without_link(row)).digest())
                    continue
                who = b"%b/%d%b" % (client_id.encode(), sequence, topics[topic])
                entry = sha256(who + state[:CODE_FROM]).digest()
                last, link = ends.get(client_id, FIRST)
                code = state[CODE_FROM:CODE_TO]
                is_usual = sequence == last + 1 and state[LINK_FROM:CODE_FROM] == link and (last or _is_id(client_id))
                if is_usual and coder:
                    expected = coder.copy()
                    expected.update(entry)
                    is_usual = code == b2a_base64(expected.digest(), newline=False)
                if is_usual or not self._odd(row, code, entry):
                    ends[client_id] = sequence, b2a_base64(b"\x01" + entry, newline=False)
                else:
                    ends[client_id] = sequence, b""
                leaves.append(sha256(b"\x00" + place + entry + code).digest())
            except (TypeError, AttributeError, ValueError, OverflowError) as error:
                self.find("unreadable", f"the row cannot be read ({type(error).__name__}): it was altered", row)
                leaves.append(sha256(repr(row).encode()).digest())
        self.ids = ids
        if "ClientErased.1" in topics:
            self.erasing.update(row.client_id for row in rows if row.topic == "ClientErased.1")
        return leaves

    def _odd(self, row: LogRow, code: bytes, entry: bytes) -> bool:
        """Say what is wrong with a row; False when nothing is, and the next entry must name it as it stands."""
        if not _is_id(row.client_id):
            self.find("unreadable", "the stream's id was altered", row)
            return True
        if self._key and code != code_of(entry, self._key):
            if code != NO_CODE or self._codes_needed:
                self._is_not_ours(row)
                return True
            self.uncoded.append(row.position)
        if self.starts is not None and row.client_id not in self.ends:
            self.starts[row.client_id] = row.sequence, row.state[LINK_FROM:CODE_FROM]
            return False
        last, link = self.ends.get(row.client_id, FIRST)
        if row.sequence != last + 1:
            self._is_out_of_place(row, last)
            return True
        if link and row.state[LINK_FROM:CODE_FROM] != link:
            what = (
                f"entry {last} of the stream was altered or replaced" if last else "it names an entry before the first"
            )
            self.find("altered", f"{what}: entry {row.sequence} follows another one", row)
        return False

    def _is_not_ours(self, row: LogRow) -> None:
        last, link = self.ends.get(row.client_id, FIRST)
        follows = row.sequence == last + 1 and row.state[LINK_FROM:CODE_FROM] == link
        what = "the entry was altered, or not recorded by this system"
        self.find("forged" if follows else "altered", f"{what}: its code is wrong", row)

    def _is_out_of_place(self, row: LogRow, last: int) -> None:
        if row.sequence > last + 1:
            first, final = last + 1, row.sequence - 1
            which = f"entry {first} is" if first == final else f"entries {first} to {final} are"
            self.find("missing", f"{which} missing before entry {row.sequence} of the stream", row)
        else:
            self.find("order", f"entry {row.sequence} comes after entry {last} of its stream", row)

    def _without_link(self, row: LogRow) -> bytes:
        """The hash of an entry that has no link: of before there were links, or not ours."""
        entry = entry_hash(*row[1:])
        if self._topics:
            self.find(
                "unlinked", "the entry has no link to the one before it: it was altered, or not recorded here", row
            )
            self.ends[row.client_id] = row.sequence, b""
        else:
            self.unlinked += 1
            last = self.ends.get(row.client_id, FIRST)[0]
            if row.sequence != last + 1:
                self._is_out_of_place(row, last)
            self.ends[row.client_id] = row.sequence, link_of(entry)
        return entry
