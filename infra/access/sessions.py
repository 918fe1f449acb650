"""Web sessions in a table: a random id in the cookie, its hash here; they end when idle, when old, when revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import orjson

from domain.entries import microseconds, moment
from domain.vocabulary import Role
from infra.access.people import Principal
from infra.store.keyring import MasterKeyError, Sealer
from infra.store.log import Clock
from infra.store.rows import LogRecorder

_TOUCH = timedelta(minutes=1)  # a session is marked as used no more often: reading must not mean writing
_COLUMNS = "name, role, sites, subject, provider_session, id_token, began, seen"


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
    """What a finished sign-in says: the person, and the provider's own names for person and session."""

    who: Principal
    state: str = ""
    subject: str = ""
    provider_session: str = ""
    id_token: str = ""


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, reads, renews and ends sessions. A stolen table opens no session: it holds hashes of the ids."""

    recorder: LogRecorder
    sealer: Sealer
    clock: Clock
    idle: timedelta
    longest: timedelta

    def begin(self, found: SignedIn) -> str:
        """Start a session; the answer is its id, for the cookie and for nobody else.

        Raises:
            ReplayedSignInError: the sign-in's state began a session before.
        """
        token = secrets.token_urlsafe(32)
        now = microseconds(self.clock())
        state = _hash(found.state or token)
        row = (*_values(found, self.sealer), now, now)
        with self.recorder.writing() as tx:
            if tx.rows("SELECT 1 FROM web_session WHERE state_hash=?", (state,)):
                raise ReplayedSignInError
            tx.many("DELETE FROM web_session WHERE began<?", [(now - _us(self.longest),)])
            sql = f"INSERT INTO web_session (id_hash, state_hash, {_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)"
            tx.many(sql, [(_hash(token), state, *row)])
        return token

    def read(self, token: str | None, *, attended: bool = True) -> Session | None:
        """Whose session it is; None when it is unknown, ended, idle for too long or too old.

        What a page asks by itself is not ``attended``: it keeps no session from becoming idle.
        """
        if not token or len(token) > 200:
            return None
        found = self.recorder.query(f"SELECT {_COLUMNS} FROM web_session WHERE id_hash=?", (_hash(token),))
        if not found:
            return None
        now = microseconds(self.clock())
        began, seen = int(found[0][6]), int(found[0][7])
        if now - began >= _us(self.longest) or now - seen >= _us(self.idle):
            self.end(token)
            return None
        if attended and now - seen >= _us(_TOUCH):
            with self.recorder.writing() as tx:
                tx.many("UPDATE web_session SET seen=? WHERE id_hash=?", [(now, _hash(token))])
        return _session(found[0], token, self.sealer)

    def left(self, token: str | None) -> int:
        """Whole seconds until the session ends if nobody does anything; 0 where there is none."""
        found = self.recorder.query("SELECT began, seen FROM web_session WHERE id_hash=?", (_hash(token or ""),))
        now = microseconds(self.clock())
        ends = [min(began + _us(self.longest), seen + _us(self.idle)) for began, seen in found]
        return max(0, (ends[0] - now) // 1_000_000) if ends else 0

    def lasts(self, name: str) -> bool:
        """Whether a session still holds, by its name as ``Principal.session`` has it."""
        found = self.recorder.query("SELECT began, seen FROM web_session WHERE id_hash=?", (name,))
        now = microseconds(self.clock())
        return any(now - began < _us(self.longest) and now - seen < _us(self.idle) for began, seen in found)

    def renew(self, token: str) -> str:
        """Give a session another id, as whenever it may do more than before; the old id opens nothing more."""
        fresh = secrets.token_urlsafe(32)
        with self.recorder.writing() as tx:
            tx.many("UPDATE web_session SET id_hash=? WHERE id_hash=?", [(_hash(fresh), _hash(token))])
        return fresh

    def end(self, token: str) -> None:
        """End one session."""
        self._end("id_hash", _hash(token))

    def end_of_provider_session(self, provider_session: str) -> None:
        """End the sessions that began with one session at the provider (back-channel logout)."""
        self._end("provider_session", provider_session)

    def end_of_subject(self, subject: str) -> None:
        """End every session of a person, by the provider's name for them."""
        self._end("subject", subject)

    def end_of_name(self, name: str) -> None:
        """End every session of a person, by the name that entries are signed with."""
        self._end("name", name)

    def _end(self, column: str, value: str) -> None:
        # the row stays, without an id that anybody holds, so that its sign-in cannot be used again
        if value:
            with self.recorder.writing() as tx:
                sql = f"UPDATE web_session SET id_hash='ended ' || state_hash, id_token='' WHERE {column}=?"
                tx.many(sql, [(value,)])


def _values(found: SignedIn, sealer: Sealer) -> tuple[Any, ...]:
    who = found.who
    sites = orjson.dumps(sorted(who.sites)).decode() if who.sites is not None else None
    sealed = sealer.seal(found.id_token.encode(), b"id-token").hex() if found.id_token else ""
    return who.name, who.role, sites, found.subject, found.provider_session, sealed


def _session(row: Sequence[Any], token: str, sealer: Sealer) -> Session:
    name, role, sites, _, _, id_token, began, _ = row
    who = Principal(
        name,
        cast("Role", role),
        None if sites is None else frozenset(orjson.loads(sites)),
        via="web",
        session=_hash(token),
    )
    return Session(who, moment(int(began)), _opened(id_token, sealer))


def _opened(id_token: str, sealer: Sealer) -> str:
    """What was sealed, or nothing once the key is another one: then the provider asks whom to sign out."""
    try:
        return sealer.open(bytes.fromhex(id_token), b"id-token").decode() if id_token else ""
    except MasterKeyError:
        return ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
