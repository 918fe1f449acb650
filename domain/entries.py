"""Entries: recorded events with their envelope, and which of them count after corrections and retractions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from operator import attrgetter
from typing import Any, TypedDict
from uuid import UUID

from domain.days import Calendar
from domain.errors import ExpectedError
from domain.events import CATALOGUE, EntryCorrected, EntryRetracted, EntrySetAside, EntryTakenUp, Event, topic

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UnappliedCorrectionError(ExpectedError):
    """What a correction puts in an entry's place is of a type or version that is not known here, or does not fit it."""

    def __init__(self, correction: Entry, reason: Exception) -> None:
        """Name the correction; ``reason`` may quote what it says, and is for whoever words it without that."""
        self.correction, self.reason = correction, reason
        at = f"entry {correction.sequence} (EntryCorrected) at position {correction.position}"
        super().__init__(f"{at} cannot be applied")


class _Batch(TypedDict):
    i: str
    w: str


class Imported(_Batch, total=False):
    """The import that an entry came with: ``i`` batch (hex), ``w`` who ran it, ``t`` when it was recorded here (µs
    UTC), where the entry keeps another knowledge time.
    """

    t: int


class _Placed(TypedDict):
    a: int
    r: int
    i: str


class Meta(_Placed, total=False):
    """An entry's envelope as it is kept: ``a`` clinical time (µs UTC), ``z`` its offset in minutes, ``r``
    knowledge time (µs UTC, 0 before it is recorded), ``i`` event id (hex), ``w`` who, ``u`` and ``y`` the issuer and
    the subject that say who that is, ``o`` their role, ``s`` source, ``f`` facility, ``c`` correlation, ``k``
    causation, ``d`` payload, ``x`` sealed payload. Of an import: ``q`` the source that its line claimed, ``v`` which
    version of what the source holds, ``b`` the batch.
    """

    z: int
    w: str
    u: str
    y: str
    o: str
    s: str
    f: str
    c: str
    k: str
    q: str
    v: str
    b: Imported
    d: dict[str, Any]
    x: str


class _Enveloped:
    """What an envelope says, by name; what it leaves out is empty."""

    __slots__ = ("meta",)
    meta: Meta

    @property
    def recorded(self) -> int:
        """Recorded time, µs UTC."""
        return self.meta["r"]

    @property
    def recorded_at(self) -> datetime:
        """Recorded time, UTC."""
        return moment(self.meta["r"])

    @property
    def occurred_at(self) -> datetime:
        """Clinical time, in the offset it was written with."""
        return moment(self.meta["a"], self.meta.get("z", 0))

    @property
    def actor(self) -> str:
        """The name of who recorded it, for people to read."""
        return self.meta.get("w", "")

    @property
    def issuer(self) -> str:
        """The issuer of their sign-in."""
        return self.meta.get("u", "")

    @property
    def subject(self) -> str:
        """The issuer's name for them."""
        return self.meta.get("y", "")

    @property
    def role(self) -> str:
        """The role in which they recorded it."""
        return self.meta.get("o", "")

    @property
    def source(self) -> str:
        """The way by which it came; of an import *import*."""
        return self.meta.get("s", "")

    @property
    def site(self) -> str:
        """The site at which it was recorded."""
        return self.meta.get("f", "")

    @property
    def correlation_id(self) -> str | None:
        """The request that recorded it, 32 hex digits."""
        return self.meta.get("c")

    @property
    def causation_id(self) -> str | None:
        """The event that led to it, 32 hex digits."""
        return self.meta.get("k")

    @property
    def source_version(self) -> str:
        """Which version of what the source holds it was made of."""
        return self.meta.get("v", "")


class Envelope(_Enveloped):
    """An envelope by itself, before its event is decoded or recorded."""

    __slots__ = ()

    def __init__(self, meta: Meta) -> None:
        """Wrap an envelope as it is kept."""
        self.meta = meta

    @property
    def event_id(self) -> str:
        """The event's id, 32 hex digits."""
        return self.meta["i"]

    @property
    def at(self) -> int:
        """Clinical time, µs UTC."""
        return self.meta["a"]


class Entry(_Enveloped):
    """One recorded event. ``at`` and ``recorded`` are µs UTC; ``day`` is the calendar day where it happened.

    ``day`` is a proleptic ordinal (``date.fromordinal``) in the zone that the log's calendar gives the entry's site
    (envelope ``f``), the house's where it has none; the UTC offset that it was written with decides nothing.
    ``amended_by`` is the correction that replaced what was first written.
    """

    __slots__ = (
        "amended_by",
        "at",
        "calendar",
        "client_id",
        "day",
        "event",
        "event_id",
        "position",
        "sequence",
    )

    def __init__(
        self, client_id: str, sequence: int, position: int, meta: Meta, event: Event, calendar: Calendar
    ) -> None:
        """Wrap one decoded row of the log; ids are 32 hex digits."""
        self.client_id = client_id
        self.sequence = sequence
        self.position = position
        self.meta = meta
        self.event = event
        self.event_id = meta["i"]
        at = meta["a"]
        self.at = at
        self.day = calendar.day(at, meta.get("f", ""))
        self.calendar = calendar
        self.amended_by: Entry | None = None

    def __eq__(self, other: object) -> bool:
        """The same entry saying the same thing."""
        return isinstance(other, Entry) and self._said() == other._said()

    def __hash__(self) -> int:
        """By the entry's id."""
        return hash(self.event_id)

    def _said(self) -> tuple[object, ...]:
        amended_by = self.amended_by.event_id if self.amended_by else None
        return self.client_id, self.sequence, self.position, self.event_id, self.at, self.day, self.event, amended_by

    @property
    def type(self) -> str:
        """The event type's name."""
        return type(self.event).__name__

    @property
    def minute(self) -> int:
        """The minutes of its day that had passed by its clinical time, as clocks show them at its site."""
        return self.calendar.minute(self.at, self.meta.get("f", ""))

    @property
    def imported(self) -> Imported | None:
        """The import that it came with; None for what was recorded here, and for imports of before they were named."""
        return self.meta.get("b")

    @property
    def imported_at(self) -> int | None:
        """When an import recorded it, whatever knowledge time it keeps, µs UTC; None where ``imported`` is."""
        batch = self.meta.get("b")
        return None if batch is None else batch.get("t", self.meta["r"])

    @property
    def claimed_source(self) -> str:
        """The system it came through: of an import, as its line says."""
        return claimed_source(self.meta)

    def replaced(self, event: Event, at: int, offset: int, amended_by: Entry) -> Entry:
        """The same entry saying something else: its place and author stay, the correction is named."""
        meta: Meta = {**self.meta, "a": at, "z": offset}
        entry = Entry(self.client_id, self.sequence, self.position, meta, event, self.calendar)
        entry.amended_by = amended_by
        return entry


def claimed_source(meta: Mapping[str, Any]) -> str:
    """The source of an envelope; of an import, the one that its line claims."""
    return meta.get("q", meta.get("s", ""))


def moment(microseconds: int, offset_minutes: int = 0) -> datetime:
    """µs since 1970 UTC as a datetime with the given UTC offset."""
    zone = timezone(timedelta(minutes=offset_minutes)) if offset_minutes else UTC
    return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(zone)


def microseconds(value: datetime) -> int:
    """An aware datetime as µs since 1970 UTC."""
    return (value - _EPOCH) // _MICROSECOND


def offset_minutes(value: datetime) -> int:
    """An aware datetime's UTC offset in whole minutes."""
    offset = value.utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def known_at(entries: Iterable[Entry], as_of: int) -> list[Entry]:
    """The entries recorded at or before ``as_of`` (µs UTC)."""
    return [entry for entry in entries if entry.meta["r"] <= as_of]


def effective(entries: Sequence[Entry]) -> list[Entry]:
    """What counts, in clinical order (ties in the order of recording): corrected entries say their replacement,
    retracted ones are gone, and the correcting and retracting entries themselves are left out. What was set aside
    amends nothing and does not count.

    A correction or retraction can itself be corrected or retracted, in any depth: the latest one wins.
    """
    kinds = {type(entry.event) for entry in entries}
    if EntrySetAside in kinds:
        aside = set_aside(entries)
        entries = [entry for entry in entries if entry.event_id not in aside]
    if EntryCorrected not in kinds and EntryRetracted not in kinds:
        return sorted(entries, key=_CLINICAL_ORDER)
    removed, amended = _amendments(entries)
    kept: list[Entry] = []
    for entry in entries:
        if entry.event_id in removed or isinstance(entry.event, EntryCorrected | EntryRetracted):
            continue
        correction = amended.get(entry.event_id)
        kept.append(_apply(entry, correction) if correction else entry)
    return sorted(kept, key=_CLINICAL_ORDER)


def set_aside(entries: Iterable[Entry]) -> dict[str, Entry]:
    """By event id what is set aside, whether or not it can be read, each with the decision that holds: the newest one.

    A decision that was set aside itself, when it could not be read, decides nothing.
    """
    decisions = [entry for entry in entries if isinstance(entry.event, EntrySetAside | EntryTakenUp)]
    aside: dict[str, Entry] = {}
    decided: set[str] = set()
    for entry in sorted(decisions, key=recording_order, reverse=True):
        assert isinstance(entry.event, EntrySetAside | EntryTakenUp)
        target = entry.event.target.hex
        if entry.event_id in aside or target in decided:
            continue
        decided.add(target)
        if isinstance(entry.event, EntrySetAside):
            aside[target] = entry
    return aside


def recording_order(entry: Entry) -> tuple[int, int]:
    """The place of an entry in the order of recording."""
    return entry.position, entry.sequence


_CLINICAL_ORDER = attrgetter("at", "position", "sequence")


def _amendments(entries: Sequence[Entry]) -> tuple[set[str], dict[str, Entry]]:
    """The ids that are retracted, and the correction that counts for each corrected id."""
    removed: set[str] = set()
    amended: dict[str, Entry] = {}
    for entry in _settling(entries):
        event = entry.event
        if entry.event_id in removed:
            continue
        if isinstance(event, EntryRetracted):
            removed.add(event.target.hex)
        elif isinstance(event, EntryCorrected):
            newer = amended.pop(entry.event_id, None)
            amended.setdefault(event.target.hex, newer or entry)
    return removed, amended


def _settling(entries: Sequence[Entry]) -> list[Entry]:
    """The amendments, newest first, but each after all that amend it, even where those were recorded before it."""
    amendments = [entry for entry in entries if isinstance(entry.event, EntryCorrected | EntryRetracted)]
    of: dict[str, list[Entry]] = {}
    for entry in amendments:
        of.setdefault(_target(entry), []).append(entry)
    ordered: dict[str, Entry] = {}
    visited: set[str] = set()
    for root in reversed(amendments):
        stack = [root]
        while stack:
            entry = stack[-1]
            if entry.event_id in visited:
                ordered.setdefault(stack.pop().event_id, entry)
            else:
                visited.add(entry.event_id)
                stack += [other for other in of.get(entry.event_id, ()) if other.event_id not in visited]
    return list(ordered.values())


def _target(entry: Entry) -> str:
    assert isinstance(entry.event, EntryCorrected | EntryRetracted)
    return entry.event.target.hex


def _apply(entry: Entry, correction: Entry) -> Entry:
    event = correction.event
    assert isinstance(event, EntryCorrected)
    new = event.replacement
    data: Mapping[str, Any] = new.data
    try:
        loaded = CATALOGUE.load(topic(new.type, new.version), dict(data))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise UnappliedCorrectionError(correction, error) from None  # a traceback would show what it says
    return entry.replaced(loaded, microseconds(new.occurred_at), offset_minutes(new.occurred_at), correction)


def as_uuid(hex_digits: str) -> UUID:
    """An id of the log as a UUID."""
    return UUID(hex=hex_digits)
