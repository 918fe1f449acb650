"""Touched streams: those of whom something was learned after a moment, folded as of that moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection

from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRow
from infra.history.as_of.counted_entries import Counting
from infra.history.as_of.recorded_streams import KnownEntry, are_ours, is_kept_of, known_entries, latest
from infra.readmodels.fold import Folded, fold_client, fold_clients
from infra.readmodels.generations import Generation
from infra.readmodels.projector import CLIENTS_AT_ONCE, Progress, chunks
from infra.readmodels.raw import Raw
from infra.readmodels.writer import Writers
from infra.runtime.collector import collector_paused
from projections.base import ReadModel

MOST_FRESH = 20_000  # entries that are looked through one by one
_FEW_AT_ONCE = 1_000  # streams of which only some entries are read
_WORTH = 0.95  # of all streams: beyond it, all are folded as quickly
_ADD = (
    "INSERT INTO touched VALUES (?,?,0) ON CONFLICT (client_id) DO UPDATE SET whole=touched.whole | excluded.whole, "
    "folded=CASE WHEN touched.whole>=excluded.whole THEN touched.folded ELSE 0 END"
)
_SELECTED = _ADD.replace("VALUES (?,?,0)", "SELECT {0} WHERE {1}")


def touched_table(schema: str, without_rowid: str) -> str:
    """What makes the table of who is touched."""
    columns = "client_id TEXT PRIMARY KEY NOT NULL, whole INTEGER NOT NULL, folded INTEGER NOT NULL"
    return f"CREATE TABLE {schema}.touched ({columns}){without_rowid}"


class TooManyError(Exception):
    """So much was learned since, or is not in the live read models yet, that a replay is as quick."""


class Touched:
    """Of one moment (µs UTC), and, with ``until``, one end of the log.

    Where every read model says what it ``reads``, only such entries count; where these are kept one by one, only who
    has any that became known later is touched, and nothing else is looked at. Whoever was merged, has something set
    aside or is stopped is always touched, and read whole.
    """

    def __init__(
        self, log: EventLog, then: EventLog, models: Sequence[ReadModel], at: int, until: int | None = None
    ) -> None:
        """Read from a log, which ``then`` shows as of the moment."""
        self._log, self._then, self._models = log, then, models
        self._at, self._end = at, 2**62 if until is None else until
        self._kept = all(map(is_kept_of, models))
        few = all(model.reads or model.provider for model in models)
        self._counting = Counting(log.recorder, models) if few else None
        self._schema = ""
        self._from = -1
        self.reached = 0  # the last position that was known
        self.progress: Progress | None = None

    @property
    def _whole(self) -> int:
        return int(self._counting is None)

    def head(self) -> int:
        """The log's last position."""
        return self._log.head()

    def forget(self, connection: Connection) -> None:
        """Hold nobody."""
        connection.exec_driver_sql("DELETE FROM touched")
        self._from = -1

    def settle(
        self,
        connection: Connection,
        schema: str,
        overlays: Sequence[Generation],
        live: Sequence[Generation],
        head: int,
    ) -> None:
        """Find who is touched as the live read models are in this transaction, and fold them into ``overlays``.

        ``schema`` has the live tables; ``head`` is the log's, asked after the transaction began.

        Raises:
            TooManyError: a replay is as quick.
        """
        raw = Raw(connection)
        self._schema = schema
        self.reached = min(self._then.head(), head)
        kept = raw.rows(f"SELECT coalesce(max(last_position), 0) FROM {schema}.knowledge_block")[0][0]
        tail = self._rows(kept if are_ours(connection, schema) else 0, head)  # what no block holds yet
        entries = known_entries(self._log.recorder, tail)
        self._find(raw, entries, live)
        if self._from < 0:
            self._find_late(raw, entries, tail)
        else:
            self._again(raw, self._rows(self._from, head))
        self._fold(raw, Writers(connection, overlays), entries)
        self._from = head

    def _rows(self, after: int, head: int) -> list[LogRow]:
        if head - after > MOST_FRESH:
            raise TooManyError
        return [row for row in self._log.recorder.page(after, MOST_FRESH) if row.position <= head]

    def _find(self, raw: Raw, tail: Sequence[KnownEntry], live: Sequence[Generation]) -> None:
        """Who is to be read whole, whatever the moment, and who has entries that the live rows may not hold."""
        entries = f"DISTINCT client_id,1,0 FROM {self._schema}.knowledge_entry"
        raw.run(_SELECTED.format(entries, f"whole=1 AND position>{self._from}"))
        stopped = ",".join(str(generation.id) for generation in live)
        quarantined = f"DISTINCT client_id,1,0 FROM {self._schema}.quarantine"
        raw.run(_SELECTED.format(quarantined, f"generation IN ({stopped})"))
        beyond = self._log.recorder.touched(min(generation.position for generation in live), MOST_FRESH)
        if len(beyond) == MOST_FRESH:
            raise TooManyError
        whole = {entry.client_id for entry in tail if entry.whole} | {client_id for _, client_id, _ in beyond}
        raw.many(_ADD, [(client_id, 1) for client_id in sorted(whole)])

    def _find_late(self, raw: Raw, entries: Sequence[KnownEntry], tail: Sequence[LogRow]) -> None:
        """Of whom something was learned after the moment."""
        late = f"> {self._at} OR position > {self._end}"
        if self._kept:
            known = f"DISTINCT client_id,0,0 FROM {self._schema}.knowledge_entry"
            raw.run(_SELECTED.format(known, f"recorded {late}"))
            known_late = [entry for entry in entries if entry.recorded > self._at or entry.position > self._end]
            raw.many(_ADD, [(client_id, 0) for client_id in sorted({entry.client_id for entry in known_late})])
            return
        streams = f"{self._schema}.knowledge_stream"
        raw.run(_SELECTED.format(f"client_id,{self._whole},0 FROM {streams}", f"latest {late}"))
        ends = latest(tail).items()
        raw.many(_ADD, [(key, self._whole) for key, (known, last) in ends if known > self._at or last > self._end])
        raw.flush()
        [(all_of_them, touched)] = raw.rows(f"SELECT (SELECT count(*) FROM {streams}), (SELECT count(*) FROM touched)")
        if self._whole and all_of_them > CLIENTS_AT_ONCE and touched > _WORTH * all_of_them:
            raise TooManyError

    def _again(self, raw: Raw, fresh: Sequence[LogRow]) -> None:
        """Fold those of whom something was added since, whenever it was known."""
        clients = sorted({row.client_id for row in fresh})
        raw.many(_ADD, [(client_id, self._whole) for client_id in clients])
        raw.flush()
        raw.run(f"UPDATE touched SET folded=0 WHERE {raw.among('client_id')}", [raw.listed(clients)])

    def _fold(self, raw: Raw, writers: Writers, tail: Sequence[KnownEntry]) -> None:
        raw.flush()
        waiting = raw.rows("SELECT client_id, whole FROM touched WHERE folded=0 ORDER BY client_id")
        if not waiting:
            return
        few = [client_id for client_id, whole in waiting if not whole]
        entire = [client_id for client_id, whole in waiting if whole]
        done = 0
        with collector_paused():
            for part in chunks(few, _FEW_AT_ONCE if self._kept else CLIENTS_AT_ONCE):
                folded = list(self._folded(raw, part, tail))
                entire += [item.client_id for item in folded if item.stops]
                writers.write([rows for rows in folded if not rows.stops], writers.known(part), again=True)
                done = self._say(done + len(part), len(waiting))
            for part in chunks(entire, CLIENTS_AT_ONCE):
                writers.write(list(fold_clients(self._then, self._models, part)), writers.known(part), again=True)
                done = self._say(done + len(part), len(waiting))
            writers.finish()
        raw.run("UPDATE touched SET folded=1 WHERE folded=0")

    def _folded(self, raw: Raw, client_ids: Sequence[str], tail: Sequence[KnownEntry]) -> Iterator[Folded]:
        """These streams by the entries that count, as far as they were known."""
        if self._kept:
            return self._folded_of_kept(raw, client_ids, tail)
        assert self._counting is not None
        return fold_clients(self._then, self._models, client_ids, self._counting.limit)

    def _folded_of_kept(self, raw: Raw, client_ids: Sequence[str], tail: Sequence[KnownEntry]) -> Iterator[Folded]:
        sql = (
            f"SELECT position FROM {self._schema}.knowledge_entry WHERE {raw.among('client_id')} "
            f"AND recorded<={self._at} AND position<={self._end}"
        )
        wanted = frozenset(client_ids)
        places = {row[0] for row in raw.rows(sql, [raw.listed(client_ids)])}
        places.update(entry.position for entry in tail if entry.client_id in wanted)
        rows = sorted(self._then.recorder.at(list(places)), key=attrgetter("client_id", "sequence"))
        for client_id, of_client in groupby(rows, key=attrgetter("client_id")):
            yield fold_client(self._then, self._models, client_id, list(of_client))

    def _say(self, done: int, all_of_them: int) -> int:
        if self.progress:
            self.progress(done, all_of_them)
        return done
