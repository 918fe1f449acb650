"""Newest versions of a source's items that became no entry, so that older ones are recognised later.

One becomes none that is left over, that says what is recorded already, or that somebody has to look at. They stand in
a stream of the provider's: what a source calls its items says nothing of whose chart they are for, and an item that
became nothing may be of nobody who is known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from domain.events import VersionsLeftOver
from domain.provider import label
from infra.eventstore.log import EventLog
from infra.eventstore.stream import read_stream
from infra.interop.importers.items import Line, entry_id
from infra.interop.importers.versions import covers, is_older

KIND = VersionsLeftOver.__name__
_FORMAT = "fhir"  # the only one whose items have versions
_STREAM = label(VersionsLeftOver.kind, _FORMAT)


class LeftVersions:
    """The versions that were left over, as they are recorded and as this import adds to them."""

    def __init__(self, log: EventLog, erased: Collection[str]) -> None:
        """Nothing is added of the ``erased`` streams."""
        self._log = log
        self._erased = erased
        self._known: dict[str, tuple[str, ...]] | None = None
        self._new: dict[str, str] = {}

    def is_older(self, version: str, ids: Iterable[str]) -> bool:
        """Whether a newer version was seen of the item that makes entries under these ids."""
        return bool(version) and any(is_older(version, known) for known in self._of(ids))

    def add(self, version: str, ids: Collection[str], client_id: str = "") -> None:
        """The version of an item (of a client, if that is known) becomes no entry."""
        if not version or not ids or client_id in self._erased:
            return
        if not any(covers(known, version) for known in self._of(ids)):
            first = next(iter(ids))
            self._new[first] = version
            self._keep(self._read(), first, version)

    def take(self, now: str) -> Line | None:
        """The line that records what was added since the last call; None where nothing was."""
        if not self._new:
            return None
        versions, self._new = self._new, {}
        data = {"format": _FORMAT, "versions": versions}
        event_id = entry_id("left over", *(part for pair in sorted(versions.items()) for part in pair))
        return {"type": KIND, "occurred_at": now, "event_id": event_id, "data": data, "source": "import"}

    def _of(self, ids: Iterable[str]) -> set[str]:
        known = self._read()
        return {version for item in ids for version in known.get(item, ())}

    def _read(self) -> dict[str, tuple[str, ...]]:
        if self._known is None:
            self._known = {}
            for entry in read_stream(self._log, self._log.provider_id(_STREAM), opened=True):
                if isinstance(entry.event, VersionsLeftOver):
                    for item, version in (entry.event.versions or {}).items():
                        self._keep(self._known, item, version)
        return self._known

    @staticmethod
    def _keep(known: dict[str, tuple[str, ...]], item: str, version: str) -> None:
        """Note a version of an item, without those that it makes needless."""
        others = (other for other in known.get(item, ()) if not covers(version, other))
        known[item] = (*others, version)
