"""What an import brings a second time: known, corrected, retracted, or listed for somebody to decide.

An item of a source makes the same entry ids each time. What is recorded under them is compared with what the source
says now. Only what nobody here has touched since is corrected by itself; a person's own correction or retraction
stands, and the difference is listed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from domain.entries import Envelope
from domain.events import (
    CATALOGUE,
    ClientDetailsUpdated,
    ClientRegistered,
    ConsentGiven,
    EntryCorrected,
    EntryRetracted,
    Event,
)
from domain.same_event import may_become
from infra.eventstore.event_ids import IDS_AT_ONCE, known_question
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import opened
from infra.eventstore.stream import read_stream
from infra.interop.importers.events.lines import Prepared
from infra.interop.importers.items import Converted, LeftOver, Line, Unconverted, Withdrawn
from infra.interop.importers.left_versions import LeftVersions
from infra.interop.importers.registration import birth_dates
from infra.interop.importers.source_history import (
    DETAILS,
    SourceHistory,
    VersionContent,
    amending,
    correction_id,
    moved_id,
    retraction_id,
    update_id,
)

_BY_SOURCE = "Corrected by the source that it was imported from."
_WITHDRAWN = "The source says that it was entered in error."
_ANOTHER_KIND = "The source says that it was something else."
_OLDER = "is an older version of what was imported before: correct it here if it counts"
_OLDER_THAN_LEFT = "is an older version of what was left over before: record it here if it counts"

Item = tuple[Converted | Withdrawn | Unconverted, Prepared | str]
"""What was converted, with its line; or what is withdrawn, with the chart number."""
ContentSeen = dict[str, bytes]
"""Digests of what this import has brought, by entry id."""


@dataclass
class Settled:
    """What a batch comes to: new lines, lines that correct or retract, how many were known, what was left over.

    ``differs`` counts those left over because something else is recorded here.
    """

    fresh: list[Prepared] = field(default_factory=list[Prepared])
    amendments: list[Line] = field(default_factory=list[Line])
    known: int = 0
    differs: int = 0
    left: list[LeftOver] = field(default_factory=list[LeftOver])

    def differ(self, item: Converted | Withdrawn | Unconverted, reason: str) -> None:
        """List a difference that is not taken over."""
        self.leave(item, reason)
        self.differs += 1

    def leave(self, item: Converted | Withdrawn | Unconverted, reason: str) -> None:
        """List what is not recorded."""
        kind = item.kind or (item.line["type"] if isinstance(item, Converted) else "")
        differs = isinstance(item, Unconverted) and item.differs
        self.left.append(LeftOver(item.place, kind, reason, differs))
        self.differs += differs


def recorded(log: EventLog, event_ids: Iterable[str]) -> dict[str, str]:
    """The stream that holds each of these event ids; those that are not recorded are left out."""
    wanted = list(dict.fromkeys(event_ids))
    ids_by_position: dict[int, str] = {}
    for start in range(0, len(wanted), IDS_AT_ONCE):
        rows = log.recorder.query(*known_question(wanted[start : start + IDS_AT_ONCE]))
        ids_by_position |= {position: bytes(raw).hex() for raw, position in rows}
    entries = log.recorder.at(sorted(ids_by_position)) if ids_by_position else []
    return {ids_by_position[entry.position]: entry.client_id for entry in entries}


def person_of(log: EventLog, client_id: str, target: str) -> list[dict[str, Any]]:
    """The details of a person: as a source sent them under ``target``, if that is an entry; then those in force."""
    chart = SourceHistory(read_stream(log, client_id, opened=True))
    details = chart.told_by_source(target) if target and chart.is_of_person(target) else []
    return [*details, chart.details()]


def settled(log: EventLog, batch: Sequence[Item], seen: ContentSeen, versions: LeftVersions) -> Settled:
    """What a batch comes to, given what is recorded and what the same import brought before (``seen``, added to).

    ``versions`` are those of items that became no entry; added to.
    """
    return _Settling(log, batch, seen, versions).run()


class _Settling:
    def __init__(self, log: EventLog, batch: Sequence[Item], seen: ContentSeen, versions: LeftVersions) -> None:
        self._log = log
        self._batch = batch
        self._seen = seen
        self._versions = versions
        self._where = recorded(log, (event_id for item, _ in batch for event_id in _ids(item)))
        self._charts: dict[str, SourceHistory] = {}
        self._registered: dict[str, frozenset[date]] = {}
        self._result = Settled()

    def run(self) -> Settled:
        for item, given in self._batch:
            if isinstance(item, Withdrawn | Unconverted):
                self._take_away(item, self._log.client_id(item.client) if item.client else "")
            elif isinstance(given, Prepared):
                self._settle(item, given)
        return self._result

    def _chart(self, client_id: str) -> SourceHistory:
        if client_id not in self._charts:
            self._charts[client_id] = SourceHistory(read_stream(self._log, client_id, opened=True))
        return self._charts[client_id]

    def _settle(self, item: Converted, line: Prepared) -> None:
        client_id = self._log.client_id(line.reference)
        if self._was_brought(item, line):
            return
        if reason := self._outdated(item):
            self._older(item, line, client_id, reason)
            return
        made = self._made()
        target = self._target(item, line, client_id)
        if target is None and self._where.get(line.event_id, client_id) != client_id:
            self._elsewhere(item, line, self._where[line.event_id])
        elif target is None:
            self._take(item, line, client_id)
        elif item.ours:
            self._result.known += 1
        else:
            self._compare(item, line, target, client_id)
            self._missing(item, target, client_id)
        if self._made() == made:
            self._note(item, client_id)

    def _elsewhere(self, item: Converted, line: Prepared, holder: str) -> None:
        """What is recorded on another chart is listed until it is retracted there; a consent there is revoked at once.

        Once it is retracted, it is recorded here under an id of its own: an id stands for one entry.
        """
        held = self._chart(holder).effective.get(line.event_id)
        if held is None and not item.ours:
            self._result.amendments.append({**item.line, "event_id": moved_id(item.line)})
            return
        self._result.differ(item, "is recorded on another chart: retract it there if it was moved")
        if held is not None and isinstance(held.event, ConsentGiven) and not item.ours:
            self._revoke(item, self._log.reference(holder) or "", line.event_id, holder)

    def _was_brought(self, item: Converted, line: Prepared) -> bool:
        """Whether this import brought the same id before: the same again is known, something else is listed."""
        content = [self._log.client_id(line.reference), line.state.topic, item.line["occurred_at"], item.line["data"]]
        digest = hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=12).digest()
        before = self._seen.setdefault(line.event_id, digest)
        if before is digest:
            return False
        if before == digest:
            self._result.known += 1
        else:
            self._result.differ(item, "stands twice in what was given, with different content: only the first counts")
        return True

    def _target(self, item: Converted, line: Prepared, client_id: str) -> str | None:
        """The recorded entry that the line speaks of: under its own id, a former one, or as another kind of entry."""
        for event_id in (line.event_id, moved_id(item.line), *item.formerly):
            if self._where.get(event_id) == client_id:
                return event_id
        if isinstance(opened(line.state)[1], ClientRegistered | ClientDetailsUpdated):
            return None  # a death is no registration, whatever else the Patient made before
        counting = self._chart(client_id).effective if any(event_id in self._where for event_id in item.others) else {}
        return next((event_id for event_id in item.others if event_id in counting), None)

    def _take(self, item: Converted, line: Prepared, client_id: str) -> None:
        """A new entry; a chart is registered once."""
        event = opened(line.state)[1]
        if isinstance(event, ClientRegistered) and not item.ours:
            born = self._birth_dates(client_id)
            if born is not None:
                remark = (
                    "" if event.birth_date in born else " with another birth date: look whether this is another person"
                )
                self._result.differ(item, "the chart is registered already" + remark)
                return
            self._registered[client_id] = frozenset(day for day in (event.birth_date,) if day)
        self._result.fresh.append(line)

    def _birth_dates(self, client_id: str) -> frozenset[date] | None:
        if client_id not in self._registered:
            dates = birth_dates(self._chart(client_id).effective.values())
            if dates is None:
                return None
            self._registered[client_id] = dates
        return self._registered[client_id]

    def _compare(self, item: Converted, line: Prepared, target: str, client_id: str) -> None:
        chart = self._chart(client_id)
        meta, event = opened(line.state)
        incoming = VersionContent(Envelope(meta).at, event)
        if isinstance(event, ClientRegistered | ClientDetailsUpdated) and chart.is_of_person(target):
            self._details(item, target, chart, event)
            return
        versions = chart.versions(target)
        if chart.was_withdrawn(target):
            self._result.differ(item, "was entered in error by its source, which says it again: compare them")
        elif chart.was_taken_back(target):
            self._result.differ(item, "was revoked when its source gave it no more, and is given again: record it here")
        elif incoming == versions[-1]:
            self._result.known += 1
        elif incoming in versions and not chart.is_of_newer(_version(item), target):
            self._result.differ(item, "is an older version of what was imported later: correct it here if it counts")
        elif not chart.counts(target):
            self._result.differ(item, "was retracted here, and the source says something else now")
        elif not chart.is_untouched(target):
            self._result.differ(item, "was corrected here, and the source says something else now: compare them")
        elif not may_become(type(versions[-1].event).__name__, item.line["type"]):
            self._result.amendments += [_replaced(item.line, target, self._now()), item.line]
        else:
            self._result.amendments.append(_correction(item.line, target, len(versions), self._now()))

    def _details(self, item: Converted, target: str, chart: SourceHistory, event: Event) -> None:
        """A registration that says something else is an update of the details that differ."""
        by_source = chart.told_by_source(target)
        given = {name: value for name in DETAILS if (value := getattr(event, name, None)) is not None}
        changed = {name: value for name, value in given.items() if by_source[-1].get(name) != value}
        was_imported = any(given.items() <= earlier.items() for earlier in by_source[:-1])
        now = chart.details()
        if not changed or all(now.get(name) == value for name, value in changed.items()):
            self._result.known += 1
        elif {"name", "birth_date"} <= changed.keys():
            self._result.differ(item, "has another name and another birth date now: look whether it is another person")
        elif was_imported and not chart.is_of_newer(_version(item), target):
            self._result.differ(item, "is an older version of what was imported later: update it here if it counts")
        elif any(now.get(name) != by_source[-1].get(name) for name in changed):
            self._result.differ(item, "was updated here, and the source says something else now: compare them")
        else:
            data = {name: value.isoformat() if isinstance(value, date) else value for name, value in changed.items()}
            self._result.amendments.append(_update(item.line, target, len(by_source), data, self._now()))

    def _missing(self, item: Converted, target: str, client_id: str) -> None:
        """Entries that the item made before and makes no more."""
        held = [event_id for event_id in item.others if event_id != target and self._where.get(event_id) == client_id]
        counting = self._chart(client_id).effective if held else {}
        for event_id in held:
            if event_id not in counting:
                continue
            if isinstance(counting[event_id].event, ConsentGiven):
                self._revoke(item, item.line["client"], event_id, client_id)
            else:
                kind = counting[event_id].type
                self._result.differ(item, f"{kind} was recorded of it before and is not said any more: retract it here")

    def _outdated(self, item: Converted | Withdrawn | Unconverted) -> str:
        """Why an item does not count: something was recorded of a newer version of it already, here or on another
        chart, or a newer one was left over; nothing where it does.
        """
        version = _version(item)
        if not version:
            return ""
        held = list(self._held(item))
        if any(chart.is_of_older(version, event_id) for event_id, chart in held):
            return _OLDER
        was_left = self._versions.is_older(version, _ids(item))
        return "" if not was_left else _OLDER if held else _OLDER_THAN_LEFT

    def _held(self, item: Converted | Withdrawn | Unconverted) -> Iterator[tuple[str, SourceHistory]]:
        """The recorded entries of an item, each with the chart that it is on."""
        return ((event_id, self._chart(self._where[event_id])) for event_id in _ids(item) if event_id in self._where)

    def _list_older(self, item: Converted | Withdrawn | Unconverted, reason: str) -> None:
        (self._result.differ if reason == _OLDER else self._result.leave)(item, reason)

    def _older(self, item: Converted, line: Prepared, client_id: str, reason: str) -> None:
        """An older version changes nothing; what it says as the newer one does is known."""
        target = self._target(item, line, client_id)
        meta, event = opened(line.state)
        if target is not None and self._chart(client_id).says(target, VersionContent(Envelope(meta).at, event)):
            self._result.known += 1
        else:
            self._list_older(item, reason)

    def _take_away(self, item: Withdrawn | Unconverted, client_id: str) -> None:
        """What becomes no entry; that its version was seen is kept."""
        older = self._outdated(item)
        if older and item.client:
            self._list_older(item, older)
            return
        made = self._made()
        if isinstance(item, Withdrawn):
            self._withdraw(item, client_id)
        else:
            self._unsay(item, client_id)
        if not older and self._made() == made:
            self._note(item, client_id)

    def _made(self) -> int:
        """How many entries this batch will record."""
        return len(self._result.fresh) + len(self._result.amendments)

    def _note(self, item: Converted | Withdrawn | Unconverted, client_id: str) -> None:
        """Keep that a version was seen of which no entry is made, unless something is recorded of it."""
        version = _version(item)
        if version and not any(chart.is_of(version, event_id) for event_id, chart in self._held(item)):
            self._versions.add(version, item.whole if isinstance(item, Converted) else item.ids, client_id)

    def _withdraw(self, item: Withdrawn, client_id: str) -> None:
        held = [event_id for event_id in item.ids if self._where.get(event_id) == client_id]
        if not held:
            self._result.leave(item, item.reason)
        for target in held:
            chart = self._chart(client_id)
            if not chart.counts(target):
                self._result.known += 1
            elif not chart.is_untouched(target):
                self._result.differ(item, "was corrected here, and the source says that it was entered in error")
                if isinstance(chart.effective[target].event, ConsentGiven):
                    self._revoke(item, item.client, target, client_id)
            else:
                self._result.amendments.append(_retraction(item, target, self._now()))

    def _unsay(self, item: Unconverted, client_id: str) -> None:
        """What nobody says any more is listed; a consent is revoked at once, since nothing may leave on it."""
        held = [event_id for event_id in item.ids if self._where.get(event_id) == client_id]
        counting = self._chart(client_id).effective if held else {}
        made = [counting[event_id] for event_id in held if event_id in counting]
        given = [entry for entry in made if isinstance(entry.event, ConsentGiven)]
        for entry in given:
            self._revoke(item, item.client, entry.event_id, client_id)
        if made and not given:
            self._result.differ(item, f"{item.reason}; what was recorded of it before stays: retract it here")
        else:
            self._result.leave(item, item.reason)

    def _revoke(self, item: Converted | Withdrawn | Unconverted, client: str, target: str, client_id: str) -> None:
        """Revoke a consent that its source does not give any more, unless it is revoked."""
        line = self._chart(client_id).revocation(client, target, self._now(), _version(item))
        if line is None:
            self._result.known += 1
        else:
            self._result.amendments.append(line)

    def _now(self) -> str:
        return self._log.clock().isoformat()


def _ids(item: Converted | Withdrawn | Unconverted) -> tuple[str, ...]:
    if isinstance(item, Withdrawn | Unconverted):
        return item.ids
    return (item.line["event_id"], moved_id(item.line), *item.formerly, *item.others, *item.whole)


def _version(item: Converted | Withdrawn | Unconverted) -> str:
    return item.line.get("source_version", "") if isinstance(item, Converted) else item.version


def _correction(line: Line, target: str, number: int, now: str) -> Line:
    kind = line["type"]
    replacement = {
        "type": kind,
        "occurred_at": line["occurred_at"],
        "data": line["data"],
        "version": CATALOGUE.current(kind).version,
    }
    data = {"target": target, "replacement": replacement, "reason": _BY_SOURCE}
    return amending(line, target, EntryCorrected.__name__, now, data, correction_id(target, number))


def _update(line: Line, target: str, number: int, data: dict[str, Any], now: str) -> Line:
    return amending(line, target, ClientDetailsUpdated.__name__, now, data, update_id(target, number))


def _replaced(line: Line, target: str, now: str) -> Line:
    """The retraction of an entry in whose place its source says one of another kind."""
    data = {"target": target, "reason": _ANOTHER_KIND}
    return amending(line, target, EntryRetracted.__name__, now, data, retraction_id(target))


def _retraction(item: Withdrawn, target: str, now: str) -> Line:
    data = {"target": target, "reason": _WITHDRAWN}
    envelope = {"client": item.client, "source": "import", "source_version": item.version}
    return amending(envelope, target, EntryRetracted.__name__, now, data, retraction_id(target))
