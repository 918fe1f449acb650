"""Saved views as they are kept, beside sessions and jobs: every process of a deployment sees the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple, cast
from uuid import uuid4

import orjson

from domain.entries import microseconds
from domain.errors import ExpectedError
from domain.people import Person
from domain.phrases import Phrase
from infra.eventstore.log import Clock
from infra.eventstore.row_macs import RowCodes
from infra.eventstore.rows import LogRecorder, Writing
from infra.views.view import PLACES, PinPlace, View, ViewError

MOST = 100
"""Views of one person, those taken away not counted."""
KEPT = timedelta(days=30)
"""For so long a deleted view can be had back."""


class NoSuchViewError(ExpectedError, LookupError, kind="not-found"):
    """There is no such view for this person: it is another's, not shared, or gone."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("no such view here: it is gone, or its owner keeps it for themselves; list yours")


class _Row(NamedTuple):
    """A row as it is stored, but for its code."""

    id: str
    owner: str
    owner_name: str
    name: str
    report: str
    question: str
    shared: int
    made: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Views:
    """Keeps, finds and changes views. A row without a right code is as if it were not there."""

    recorder: LogRecorder
    codes: RowCodes
    clock: Clock

    def save(self, owner: Person, name: str, report: str, question: dict[str, str], *, shared: bool) -> View:
        """Keep a checked question; durable when this returns.

        Raises:
            ViewError: the owner has a view of this name, or as many as one may.
        """
        now = microseconds(self.clock())
        row = _Row(uuid4().hex, owner.key, owner.name, name, report, _text(question), int(shared), now, 0)
        with self.recorder.writing() as tx:
            self._forget(tx, now)
            self._check_free(tx, row)
            self._put(tx, row)
        return _view(row)

    def of(self, reader: Person) -> list[View]:
        """What a person may open: their own views and those that others share, by name."""
        sql = f"{_FIND} WHERE deleted=0 AND (owner=? OR shared=1)"
        views = [_view(row) for row in self._rows(self.recorder.query(sql, (reader.key,)))]
        pins = self._pins(reader)
        return sorted(
            (replace(view, pinned=pins[view.id]) for view in views), key=lambda view: (view.name.casefold(), view.id)
        )

    def deleted(self, owner: Person) -> list[View]:
        """What a person deleted and can have back, the last one first."""
        since = microseconds(self.clock() - KEPT)
        sql = f"{_FIND} WHERE owner=? AND deleted>? ORDER BY deleted DESC, id"
        return [_view(row) for row in self._rows(self.recorder.query(sql, (owner.key, since)))]

    def find(self, reader: Person, view_id: str) -> View:
        """One that a person may open.

        Raises:
            NoSuchViewError: there is none.
        """
        views = [view for view in self.of(reader) if view.id == view_id]
        if not views:
            raise NoSuchViewError
        return views[0]

    def owned(self, owner: Person, view_id: str) -> View:
        """One that a person saved themselves.

        Raises:
            NoSuchViewError: it is not this person's.
        """
        view = self.find(owner, view_id)
        if view.owner != owner.key:
            raise NoSuchViewError
        return view

    def every(self) -> dict[str, View]:
        """Every person's, by id: for what is done by a schedule, for nobody to read."""
        return {row.id: _view(row) for row in self._rows(self.recorder.query(f"{_FIND} WHERE deleted=0"))}

    def pinned(self, reader: Person, place: PinPlace) -> list[View]:
        """What a person keeps in sight at a place."""
        return [view for view in self.of(reader) if place in view.pinned]

    def change(
        self,
        owner: Person,
        view_id: str,
        *,
        name: str | None = None,
        shared: bool | None = None,
        question: Mapping[str, str] | None = None,
    ) -> View:
        """Call a view otherwise, share it or no longer, or have it ask a checked question of its report.

        Raises:
            NoSuchViewError: it is not this person's.
            ViewError: another of theirs has this name.
        """
        with self.recorder.writing() as tx:
            row = self._own(tx, owner, view_id)
            changed = row._replace(
                name=row.name if name is None else name,
                shared=row.shared if shared is None else int(shared),
                question=row.question if question is None else _text(question),
            )
            self._check_free(tx, changed)
            self._put(tx, changed)
        return self.find(owner, view_id)

    def delete(self, owner: Person, view_id: str) -> None:
        """Take a view away from everybody; for 30 days ``restore`` brings it back as it was.

        Raises:
            NoSuchViewError: it is not this person's.
        """
        with self.recorder.writing() as tx:
            self._put(tx, self._own(tx, owner, view_id)._replace(deleted=microseconds(self.clock())))

    def restore(self, owner: Person, view_id: str) -> View:
        """Take a deletion back; what was not deleted stays as it is.

        Raises:
            NoSuchViewError: it is not this person's, or was deleted too long ago.
            ViewError: another of theirs has its name by now.
        """
        with self.recorder.writing() as tx:
            self._forget(tx, microseconds(self.clock()))
            row = self._own(tx, owner, view_id, deleted=True)._replace(deleted=0)
            self._check_free(tx, row)
            self._put(tx, row)
        return self.find(owner, view_id)

    def pin(self, reader: Person, view_id: str, places: Iterable[PinPlace]) -> View:
        """Keep a view in sight at these places and at no other, for this person.

        Raises:
            NoSuchViewError: they may not open it.
        """
        view = self.find(reader, view_id)
        rows = [(reader.key, view.id, place) for place in PLACES if place in set(places)]
        with self.recorder.writing() as tx:
            tx.many("DELETE FROM view_pin WHERE owner=? AND view_id=?", [(reader.key, view.id)])
            tx.many("INSERT INTO view_pin (owner, view_id, place) VALUES (?,?,?)", rows)
        return replace(view, pinned=frozenset(place for _, _, place in rows))

    def _pins(self, reader: Person) -> defaultdict[str, frozenset[PinPlace]]:
        pins: defaultdict[str, frozenset[PinPlace]] = defaultdict(frozenset)
        for view_id, place in self.recorder.query("SELECT view_id, place FROM view_pin WHERE owner=?", (reader.key,)):
            pins[view_id] |= frozenset({cast("PinPlace", place)})
        return pins

    def _own(self, tx: Writing, owner: Person, view_id: str, *, deleted: bool = False) -> _Row:
        sql = f"{_FIND} WHERE id=? AND owner=?" + ("" if deleted else " AND deleted=0")
        rows = self._rows(tx.rows(sql, (view_id, owner.key)))
        if not rows:
            raise NoSuchViewError
        return rows[0]

    def _check_free(self, tx: Writing, row: _Row) -> None:
        sql = f"{_FIND} WHERE owner=? AND deleted=0 AND id<>?"
        others = self._rows(tx.rows(sql, (row.owner, row.id)))
        if len(others) >= MOST:
            raise ViewError("name", Phrase("one person keeps at most {most} views: delete one first", most=MOST))
        if row.name.casefold() in {other.name.casefold() for other in others}:
            raise ViewError("name", Phrase("you have a view of this name: choose another name"))

    def _forget(self, tx: Writing, now: int) -> None:
        """Remove what was deleted too long ago, with the pins of everybody to it."""
        before = now - KEPT // timedelta(microseconds=1)
        expired = tx.rows("SELECT id FROM saved_view WHERE deleted>0 AND deleted<=?", (before,))
        tx.many("DELETE FROM view_pin WHERE view_id=?", expired)
        tx.many("DELETE FROM view_paper WHERE view_id=?", expired)
        tx.many("DELETE FROM saved_view WHERE id=?", expired)

    def _put(self, tx: Writing, row: _Row) -> None:
        tx.many("DELETE FROM saved_view WHERE id=?", [(row.id,)])
        places = ",".join("?" * (len(row) + 1))
        tx.many(f"INSERT INTO saved_view ({_COLUMNS}, code) VALUES ({places})", [(*row, self.codes.code(row))])

    def _rows(self, stored: Iterable[Sequence[Any]]) -> list[_Row]:
        return [_Row._make(values) for *values, code in stored if self.codes.holds(values, code)]


_COLUMNS = ", ".join(_Row._fields)
_FIND = f"SELECT {_COLUMNS}, code FROM saved_view"


def _text(question: Mapping[str, str]) -> str:
    return orjson.dumps(dict(question)).decode()


def _view(row: _Row) -> View:
    question: dict[str, str] = orjson.loads(row.question)
    return View(
        row.id, row.owner, row.owner_name, row.name, row.report, question, bool(row.shared), row.made, row.deleted
    )
