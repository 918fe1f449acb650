"""A client's raw stream: who, when, through what, and what each amendment changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from domain.entries import Entry, moment
from infra.eventstore.client_chart import OpenedChart
from infra.eventstore.unreadable import SetAsideBy, Unread
from infra.history.changes.entries import Change, learned

_SAID = ("before", "after")
COLUMNS = (
    *(field.name for field in fields(Change) if field.name not in {"client_id", *_SAID}),
    *("version", "site", "claimed_source", "imported_by", "imported_at", "import_batch"),
    *("correlation_id", "causation_id", "issuer", "subject", "data"),
    *_SAID,
)


def own_entries(chart: OpenedChart) -> list[Entry]:
    """The entries of the chart's own stream, in the order of recording."""
    return [entry for entry in chart.entries if entry.client_id == chart.client_id]


def history(
    chart: OpenedChart, after: int = 0, limit: int | None = None, request: UUID | None = None
) -> list[dict[str, Any]]:
    """The entries of the chart's own stream after a sequence, in the order of recording, nothing left out.

    The chart is opened with what was merged into it: a correction may be about an entry of such a chart. With a
    ``request``, only what that one recorded, by the correlation id; nothing that cannot be read.
    """
    entries = sorted([*own_entries(chart), *own_unread(chart)], key=lambda entry: entry.sequence)
    page = [entry for entry in entries if entry.sequence > after and is_of(entry, request)][:limit]
    return [any_row(entry, chart) for entry in page]


def is_of(entry: Entry | Unread, request: UUID | None) -> bool:
    """Whether a request recorded an entry; None is any request."""
    return request is None or (isinstance(entry, Entry) and entry.correlation_id == request.hex)


def any_row(entry: Entry | Unread, chart: OpenedChart) -> dict[str, Any]:
    """The row of an entry of a chart, whether or not it can be read."""
    return unread_row(entry) if isinstance(entry, Unread) else history_row(entry, chart.entries)


def own_unread(chart: OpenedChart) -> list[Unread]:
    """The entries of the chart's own stream that cannot be read here."""
    return [entry for entry in chart.unread if entry.client_id == chart.client_id]


def unread_row(entry: Unread) -> dict[str, Any]:
    """The place of an entry that cannot be read: its type and version as stored, its times as far as they are known.

    Nothing of what it says; of one that was set aside the decision.
    """
    version = entry.topic.partition(".")[2]
    happened, recorded = (at.isoformat() if at else None for at in (entry.occurred_at, entry.recorded_at))
    known = {
        "sequence": entry.sequence,
        "position": entry.position,
        "event_id": entry.event_id or None,
        "type": entry.type,
    }
    return {
        **dict.fromkeys(COLUMNS),
        **dict.fromkeys(("issuer", "subject", "role", "source", "site"), ""),
        **known,
        "version": int(version) if version.isdecimal() else 0,
        "occurred_at": happened,
        "recorded_at": recorded,
        "actor": entry.actor,
        "late_days": 0,
        "effect": "unreadable" if entry.aside is None else "left_out",
        "data": {} if entry.aside is None else _decision(entry.aside),
    }


def _decision(aside: SetAsideBy) -> dict[str, Any]:
    return {"set_aside_by": aside.actor, "set_aside_at": aside.at.isoformat(), "reason": aside.reason}


def history_row(entry: Entry, recorded: Sequence[Entry]) -> dict[str, Any]:
    """An entry of a chart, all of whose entries are ``recorded``: its envelope, its data, what it changed."""
    row = asdict(learned(entry, recorded))
    del row["client_id"]
    before, after = row.pop("before"), row.pop("after")
    return {
        **row,
        "version": type(entry.event).version,
        "issuer": entry.issuer,
        "subject": entry.subject,
        "site": entry.site,
        **origin_of(entry),
        "correlation_id": entry.correlation_id,
        "causation_id": entry.causation_id,
        "data": entry.event.model_dump(mode="json", by_alias=True, exclude_none=True),
        "before": before,
        "after": after,
    }


def origin_of(entry: Entry) -> dict[str, Any]:
    """Who imported an entry, when (ISO 8601, UTC), in which batch, and the source that was claimed; None where it was
    made here.
    """
    batch, at = entry.imported, entry.imported_at
    if batch is None or at is None:
        return dict.fromkeys(("claimed_source", "imported_by", "imported_at", "import_batch"))
    return {
        "claimed_source": entry.claimed_source,
        "imported_by": batch["w"],
        "imported_at": moment(at).isoformat(),
        "import_batch": batch["i"],
    }
