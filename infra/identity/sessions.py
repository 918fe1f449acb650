"""Web sessions in a table: a random id in the cookie, its hash here; they end when idle, when old, when revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

import orjson

from domain.entries import microseconds, moment
from domain.vocabulary import Role
from infra.eventstore.keyring import Cipher, MasterKeyError
from infra.eventstore.log import Clock
from infra.eventstore.row_macs import RowCodes
from infra.eventstore.rows import LogRecorder
from infra.identity.people import Principal

_TOUCH = timedelta(minutes=1)  # a session is marked as used no more often: reading must not mean writing


class ReplayedSignInError(Exception):
    """This sign-in was finished before: its state was used."""


@dataclass(frozen=True, slots=True)
class Session:
    """A person at a browser. ``id_token`` is what tells the provider whom to sign out."""

    who: Principal
    began: datetime
    id_token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a finished sign-in says: the person, and the provider's own name for the session."""

    who: Principal
    state: str = ""
    provider_session: str = ""
    id_token: str = ""


class _Row(NamedTuple):
    """A row as it is stored, but for its code. ``began`` and ``seen`` are in µs UTC."""

    id_hash: str
    state_hash: str
    name: str
    role: str
    sites: str | None
    issuer: str
    subject: str
    provider_session: str
    id_token: str
    began: int
    seen: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, reads, renews and ends sessions.

    A stolen table opens no session: it holds hashes of the ids. A written one opens none either: each row has a code.
    """

    recorder: LogRecorder
    cipher: Cipher
    codes: RowCodes
    clock: Clock
    idle: timedelta
    longest: timedelta

    def begin(self, signed_in: SignedIn) -> str:
        """Start a session; the answer is its id, for the cookie and for nobody else.

        Raises:
            ReplayedSignInError: the sign-in's state began a session before.
        """
        token = secrets.token_urlsafe(32)
        now = microseconds(self.clock())
        row = _Row._make((_hash(token), _hash(signed_in.state or token), *_values(signed_in, self.cipher), now, now))
        with self.recorder.writing() as tx:
            if tx.rows("SELECT 1 FROM web_session WHERE state_hash=?", (row.state_hash,)):
                raise ReplayedSignInError
            tx.many("DELETE FROM web_session WHERE began<?", [(now - _us(self.longest),)])
            places = ",".join("?" * (len(row) + 1))
            tx.many(f"INSERT INTO web_session ({_COLUMNS}, code) VALUES ({places})", [(*row, self.codes.code(row))])
        return token

    def read(self, token: str | None, *, attended: bool = True) -> Session | None:
        """Whose session it is; None when it is unknown, altered, ended, idle for too long or too old.

        What a page asks by itself is not ``attended``: it keeps no session from becoming idle.
        """
        if not token or len(token) > 200:
            return None
        row = self._row(_hash(token))
        if row is None:
            return None
        now = microseconds(self.clock())
        if self._ends(row) <= now:
            self.end(token)
            return None
        if attended and now - row.seen >= _us(_TOUCH):
            self._change(row.id_hash, seen=now)
        return _session(row, self.cipher)

    def left(self, token: str | None) -> int:
        """Whole seconds until the session ends if nobody does anything; 0 where there is none."""
        row = self._row(_hash(token or ""))
        return max(0, (self._ends(row) - microseconds(self.clock())) // 1_000_000) if row is not None else 0

    def lasts(self, name: str) -> bool:
        """Whether a session still holds, by its name as ``Principal.session`` has it."""
        row = self._row(name)
        return row is not None and microseconds(self.clock()) < self._ends(row)

    def renew(self, token: str) -> str:
        """Give a session another id, as whenever it may do more than before; the old id opens nothing more."""
        fresh = secrets.token_urlsafe(32)
        self._change(_hash(token), id_hash=_hash(fresh))
        return fresh

    def end(self, token: str) -> None:
        """End one session."""
        self._end("id_hash=?", _hash(token))

    def end_of_provider_session(self, issuer: str, provider_session: str) -> None:
        """End the sessions that began with one session at the provider (back-channel logout)."""
        self._end("issuer=? AND provider_session=?", issuer, provider_session)

    def end_of_person(self, issuer: str, subject: str) -> None:
        """End every session of a person, by the provider's name for them."""
        self._end("issuer=? AND subject=?", issuer, subject)

    def end_of_name(self, name: str) -> None:
        """End every session of whoever is shown by a name."""
        self._end("name=?", name)

    def _row(self, id_hash: str) -> _Row | None:
        rows = self.recorder.query(_FIND, (id_hash,))
        return self._checked(rows[0]) if rows else None

    def _checked(self, row: Sequence[Any]) -> _Row | None:
        *values, code = row
        return _Row._make(values) if self.codes.holds(values, code) else None

    def _ends(self, row: _Row) -> int:
        """When a session ends if nobody does anything, in µs UTC."""
        return min(row.began + _us(self.longest), row.seen + _us(self.idle))

    def _change(self, name: str, **values: Any) -> None:
        """Change a row as it stands now, unless it is gone or was altered."""
        with self.recorder.writing() as tx:
            rows = [row for row in map(self._checked, tx.rows(_FIND, (name,))) if row is not None]
            changed = [row._replace(**values) for row in rows]
            sql = "UPDATE web_session SET id_hash=?, seen=?, code=? WHERE id_hash=?"
            tx.many(sql, [(row.id_hash, row.seen, self.codes.code(row), name) for row in changed])

    def _end(self, condition: str, *values: str) -> None:
        # the row stays, without an id that anybody holds, so that its sign-in cannot be used again
        if values[-1]:
            with self.recorder.writing() as tx:
                ended = "id_hash='ended ' || state_hash, id_token='', code=''"
                tx.many(f"UPDATE web_session SET {ended} WHERE {condition}", [values])


_COLUMNS = ", ".join(_Row._fields)
_FIND = f"SELECT {_COLUMNS}, code FROM web_session WHERE id_hash=?"


def _values(signed_in: SignedIn, cipher: Cipher) -> tuple[Any, ...]:
    who = signed_in.who
    sites = orjson.dumps(sorted(who.sites)).decode() if who.sites is not None else None
    sealed = cipher.seal(signed_in.id_token.encode(), b"id-token").hex() if signed_in.id_token else ""
    return who.name, who.role, sites, who.issuer, who.subject, signed_in.provider_session, sealed


def _session(row: _Row, cipher: Cipher) -> Session:
    who = Principal(
        row.name,
        cast("Role", row.role),
        None if row.sites is None else frozenset(orjson.loads(row.sites)),
        via="web",
        session=row.id_hash,
        issuer=row.issuer,
        subject=row.subject,
    )
    return Session(who, moment(row.began), _opened(row.id_token, cipher))


def _opened(id_token: str, cipher: Cipher) -> str:
    """What was sealed, or nothing once the key is another one: then the provider asks whom to sign out."""
    try:
        return cipher.open(bytes.fromhex(id_token), b"id-token").decode() if id_token else ""
    except MasterKeyError:
        return ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
