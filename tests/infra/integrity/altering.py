"""What somebody can do who can write the whole database but has no key: one function each, at a random place."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.eventstore.hash_links import CODE_FROM, LINK_FROM, entry_hash, link_of
from infra.integrity.heads import Head, Key
from infra.integrity.seal import certified
from infra.integrity.signing_key import SigningKey
from tests.infra.integrity.logs import Copy

EVENTS = "stored_events"
ACCESSES = "carejourney_access_events"
Row = tuple[int, str, int, str, bytes]


def rows(db: sqlite3.Connection, table: str = EVENTS) -> list[Row]:
    return db.execute(
        f"SELECT rowid, originator_id, originator_version, topic, state FROM {table} ORDER BY rowid"
    ).fetchall()


def flipped(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def another(text: str, random: Random) -> str:
    """The text with one character changed for another."""
    place = random.randrange(len(text))
    return text[:place] + random.choice([c for c in "0123456789abcdefT." if c != text[place]]) + text[place + 1 :]


def bit_of_a_state(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        row = random.choice(rows(db))
        db.execute(f"UPDATE {EVENTS} SET state=? WHERE rowid=?", (flipped(row[4], random), row[0]))


def topic(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        row = random.choice(rows(db))
        db.execute(f"UPDATE {EVENTS} SET topic=? WHERE rowid=?", (another(row[3], random), row[0]))


def bytes_between_topic_and_state(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        row = random.choice(rows(db))
        cut = random.randrange(1, 9)
        moved = row[3] + row[4][:cut].decode(errors="ignore"), row[4][cut:]
        db.execute(f"UPDATE {EVENTS} SET topic=?, state=? WHERE rowid=?", (*moved, row[0]))


def kind_of_a_column(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        row = random.choice(rows(db))
        how = random.choice(["state=CAST(state AS TEXT)", "topic=CAST(topic AS BLOB)", "topic=CAST(X'ff41' AS TEXT)"])
        db.execute(f"UPDATE {EVENTS} SET {how} WHERE rowid=?", (row[0],))


def stream_of_a_row(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        row, other = random.choice(rows(db)), another(random.choice(rows(db))[1], random)
        db.execute(f"UPDATE {EVENTS} SET originator_id=? WHERE rowid=?", (other, row[0]))


def sequence_of_a_row(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        row = random.choice(rows(db))
        db.execute(
            f"UPDATE {EVENTS} SET originator_version=? WHERE rowid=?", (row[2] + random.choice([20, 21, 99]), row[0])
        )


def position_of_a_row(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        found = rows(db)
        place = random.choice([-(2**63), -5, 0, found[-1][0] + 1, 2**62])
        db.execute(f"UPDATE {EVENTS} SET rowid=? WHERE rowid=?", (place + (place == -(2**63)), random.choice(found)[0]))


def middle_row_removed(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        _remove(db, random.choice(rows(db)[:-1])[0])


def tail_removed(copy: Copy, random: Random) -> None:
    """With everything beside it, heads too: only the heads that were saved elsewhere know."""
    with copy.database(copy.care) as db:
        found = rows(db)
        last = found[-1 - random.randrange(1, len(found))][0]
        for row in found:
            if row[0] > last:
                _remove(db, row[0])
        db.execute("DELETE FROM audit_head WHERE log='care' AND position>?", (last,))


def _remove(db: sqlite3.Connection, position: int) -> None:
    db.execute(f"DELETE FROM {EVENTS} WHERE rowid=?", (position,))
    db.execute("DELETE FROM event_index WHERE position=?", (position,))


def two_rows_swapped(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        (one, *_), (other, *_) = random.sample(rows(db), 2)
        for table, column in ((EVENTS, "rowid"), ("event_index", "position")):
            for old, new in ((one, 10**9), (other, one), (10**9, other)):
                db.execute(f"UPDATE {table} SET {column}=? WHERE {column}=?", (new, old))


def two_states_swapped(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        one, other = random.sample(rows(db), 2)
        for row, state in ((one, other[4]), (other, one[4])):
            db.execute(f"UPDATE {EVENTS} SET state=? WHERE rowid=?", (state, row[0]))


def forged_at_the_end(copy: Copy, random: Random) -> None:
    """Well linked and in the index, copied from another entry; its code is a guess."""
    with copy.database(copy.care) as db:
        found = rows(db)
        model = random.choice(found)
        last = [row for row in found if row[1] == model[1]][-1]
        event_id = random.randbytes(16)
        state = b'{"i":"' + event_id.hex().encode() + model[4][38:]
        state = state[:LINK_FROM] + link_of(entry_hash(*last[1:])) + state[CODE_FROM:]
        position = found[-1][0] + 1
        db.execute(
            f"INSERT INTO {EVENTS} (rowid, originator_id, originator_version, topic, state) VALUES (?,?,?,?,?)",
            (position, model[1], last[2] + 1, model[3], state),
        )
        db.execute("INSERT INTO event_index VALUES (?,?)", (event_id, position))


def forged_in_the_middle(copy: Copy, random: Random) -> None:
    """A stream written anew from one entry on: links are right, codes cannot be."""
    with copy.database(copy.care) as db:
        found = rows(db)
        start = random.choice(found)
        stream = [row for row in found if row[1] == start[1] and row[2] >= start[2]]
        state = stream[0][4].replace(b'"w":"', b'"w":"not-', 1)
        previous = b""
        for number, row in enumerate(stream):
            state = state if number == 0 else row[4][:LINK_FROM] + link_of(previous) + row[4][CODE_FROM:]
            previous = entry_hash(row[1], row[2], row[3], state)
            db.execute(f"UPDATE {EVENTS} SET state=? WHERE rowid=?", (state, row[0]))


def link_taken_off(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        row = random.choice(rows(db))
        db.execute(f"UPDATE {EVENTS} SET state=? WHERE rowid=?", (row[4][:-72] + b"}", row[0]))


def head_altered(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        log, number = random.choice(db.execute("SELECT log, number FROM audit_head").fetchall())
        change = random.choice(
            ["size=size+1", "position=position+1", "sealed_at=sealed_at-1", "root=", "signature=", "previous="]
        )
        if change.endswith("="):
            [(old,)] = db.execute(f"SELECT {change[:-1]} FROM audit_head WHERE log=? AND number=?", (log, number))
            change += f"'{flipped(bytes.fromhex(old), random).hex()}'"
        db.execute(f"UPDATE audit_head SET {change} WHERE log=? AND number=?", (log, number))


def heads_removed(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        log, number = random.choice(db.execute("SELECT log, number FROM audit_head").fetchall())
        which = random.choice(["=", ">=", "<="])
        db.execute(f"DELETE FROM audit_head WHERE log=? AND number{which}?", (log, number))


def key_altered(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        column = random.choice(["public_key", "certificate", "key_id"])
        number, old = random.choice(db.execute(f"SELECT number, {column} FROM audit_key").fetchall())
        db.execute(
            f"UPDATE audit_key SET {column}=? WHERE number=?", (flipped(bytes.fromhex(old), random).hex(), number)
        )


def sealed_anew_by_a_stranger(copy: Copy, random: Random) -> None:
    """Everything after an alteration is signed again, with a key of one's own."""
    stranger = SigningKey(Ed25519PrivateKey.from_private_bytes(random.randbytes(32)))
    own = certified(Key(1, stranger.key_id, stranger.public_key, 1, ""), stranger)
    with copy.database(copy.care) as db:
        db.execute("DELETE FROM audit_key")
        db.execute(
            "INSERT INTO audit_key VALUES (?,?,?,?,?,?)",
            (own.number, own.key_id, own.public_key, own.since, own.certified_by, own.certificate),
        )
        columns = "log, number, size, position, root, sealed_at, previous, key_id, signature"
        previous: dict[str, str] = {}
        for row in db.execute(f"SELECT {columns} FROM audit_head ORDER BY log, number").fetchall():
            head = Head(*row[:6], previous=previous.get(row[0], "0" * 64), key_id=own.key_id)
            previous[head.log] = head.digest()
            db.execute(
                "UPDATE audit_head SET previous=?, key_id=?, signature=? WHERE log=? AND number=?",
                (head.previous, head.key_id, stranger.sign(head.statement()), head.log, head.number),
            )


def index_of_entries(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        [event_id] = random.choice(db.execute("SELECT event_id FROM event_index").fetchall())
        table = random.choice(["event_index", "event_index_recent"])
        if table == "event_index_recent":  # as after the import of a large batch
            db.execute("INSERT INTO event_index_recent SELECT * FROM event_index")
            db.execute("DELETE FROM event_index")
        how = random.choice(
            [
                f"UPDATE {table} SET position=position+1",
                f"DELETE FROM {table}",
                f"UPDATE {table} SET event_id=randomblob(16)",
            ]
        )
        db.execute(f"{how} WHERE event_id=?", (event_id,))


def key_of_a_chart(copy: Copy, random: Random) -> None:
    with copy.database(copy.care) as db:
        found = db.execute("SELECT client_id, wrapped_key, reference FROM chart").fetchall()
        (client, wrapped, sealed), other = random.sample(found, 2)
        changes = {
            "wrapped_key=?": flipped(wrapped, random),
            "reference=?": flipped(sealed, random),
            "wrapped_key=? ": other[1],
            "reference=? ": other[2],
            "client_id=?": random.randbytes(16),
        }
        how, value = random.choice(list(changes.items()))
        db.execute(f"UPDATE chart SET {how} WHERE client_id=?", (value, client))


def key_of_a_chart_removed(copy: Copy, random: Random) -> None:
    """As if it was erased, with or without a note of it."""
    with copy.database(copy.care) as db:
        [client] = random.choice(db.execute("SELECT client_id FROM chart").fetchall())
        db.execute("DELETE FROM chart WHERE client_id=?", (client,))
        if random.random() < 0.5:
            db.execute("UPDATE erasure SET client_id=?", (client,))


def access_altered(copy: Copy, random: Random) -> None:
    with copy.database(copy.access) as db:
        row = random.choice(rows(db, ACCESSES))
        db.execute(f"UPDATE {ACCESSES} SET state=? WHERE rowid=?", (flipped(row[4], random), row[0]))


def access_removed(copy: Copy, random: Random) -> None:
    with copy.database(copy.access) as db:
        row = random.choice(rows(db, ACCESSES))
        db.execute(f"DELETE FROM {ACCESSES} WHERE rowid=?", (row[0],))
        db.execute("DELETE FROM access_client WHERE position=?", (row[0],))


def index_of_accesses(copy: Copy, random: Random) -> None:
    with copy.database(copy.access) as db:
        client, position = random.choice(db.execute("SELECT client_id, position FROM access_client").fetchall())
        how = random.choice(["DELETE FROM access_client", "UPDATE access_client SET client_id='x'"])
        db.execute(f"{how} WHERE client_id=? AND position=?", (client, position))


def saved_heads(copy: Copy, random: Random) -> None:
    """A digit of a saved head or key."""
    lines = copy.heads.read_text().splitlines()
    number = random.randrange(len(lines))
    start = lines[number].index(
        random.choice(
            ['"root":"', '"signature":"'] if '"root"' in lines[number] else ['"public_key":"', '"certificate":"']
        )
    )
    place = lines[number].index(':"', start) + 2 + random.randrange(64)
    digit = random.choice([c for c in "0123456789abcdef" if c != lines[number][place]])
    lines[number] = lines[number][:place] + digit + lines[number][place + 1 :]
    copy.heads.write_text("\n".join([*lines, ""]))


def rolled_back(copy: Copy, random: Random) -> None:
    """An older copy of the database is put in place."""
    older = copy.folder.parent / "older"
    shutil.copy(older / "log.db", copy.care)
    if random.random() < 0.5:
        shutil.copy(older / "log.access.db", copy.access)


ALTERATIONS: list[Callable[[Copy, Random], None]] = [
    bit_of_a_state,
    bit_of_a_state,
    bit_of_a_state,
    topic,
    bytes_between_topic_and_state,
    kind_of_a_column,
    stream_of_a_row,
    sequence_of_a_row,
    position_of_a_row,
    middle_row_removed,
    tail_removed,
    two_rows_swapped,
    two_states_swapped,
    forged_at_the_end,
    forged_in_the_middle,
    link_taken_off,
    head_altered,
    heads_removed,
    key_altered,
    sealed_anew_by_a_stranger,
    index_of_entries,
    key_of_a_chart,
    key_of_a_chart_removed,
    access_altered,
    access_removed,
    index_of_accesses,
    saved_heads,
    rolled_back,
]
