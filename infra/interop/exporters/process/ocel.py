"""OCEL 2.0 (JSON): activities of clients, their stays and the groups that they share, streamed.

Source: the OCEL 2.0 specification (ocel-standard.org), JSON format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from domain.entries import Entry
from domain.events import SessionAttended
from infra.eventstore.log import EventLog
from infra.interop.exporters.all_charts import Progress, charts
from infra.interop.exporters.left_out import LeftOut
from infra.interop.exporters.process.activities import Activity, activities
from infra.interop.exporters.process.results import Detail
from infra.interop.exporters.targets import new_file, private
from infra.interop.exporters.texts import all_shown, shown
from projections.chart import Chart

_TEXT = {"type": "string"}
_OBJECT_TYPES: tuple[dict[str, Any], ...] = (
    {"name": "client", "attributes": []},
    {"name": "stay", "attributes": [{"name": "level", **_TEXT}, {"name": "program", **_TEXT}]},
    {"name": "group", "attributes": []},
)
_EPOCH = "1970-01-01T00:00:00Z"


@dataclass
class _Seen:
    """What the head of the file must name, known at its end: in JSON the order of members does not matter.

    ``event_types`` are the attributes of each, with the type of their values.
    """

    event_types: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    groups: set[str] = field(default_factory=set[str])
    events: int = 0


def export_ocel(
    log: EventLog,
    path: Path,
    *,
    detailed: bool = False,
    progress: Progress | None = None,
    left: LeftOut | None = None,
) -> int:
    """Write an object-centric log; gives the number of events.

    Objects: each client, each stay (of its client), each group that sessions name. ``detailed`` takes every entry.
    ``left`` as in ``charts``.
    """
    seen = _Seen()
    objects = path.with_name(f"{path.name}.objects.part")
    try:
        with new_file(path) as part, part.open("wb") as file, private(objects).open("wb") as aside:
            file.write(b'{"events":[')
            for chart in charts(log, progress=progress, left=left):
                _write_chart(chart, seen, file, aside, detailed=detailed)
            file.write(b'],"objects":[')
            for number, group in enumerate(sorted(seen.groups)):
                _put(aside, {"id": group, "type": "group", "attributes": []}, first=aside.tell() == 0 and number == 0)
            aside.flush()
            with objects.open("rb") as back:
                while chunk := back.read(1 << 20):
                    file.write(chunk)
            types = [{"name": name, "attributes": _declared(used)} for name, used in sorted(seen.event_types.items())]
            file.write(b'],"objectTypes":' + orjson.dumps(_OBJECT_TYPES))
            file.write(b',"eventTypes":' + orjson.dumps(types) + b"}")
    finally:
        objects.unlink(missing_ok=True)
    return seen.events


def _write_chart(chart: Chart, seen: _Seen, file: IO[bytes], aside: IO[bytes], *, detailed: bool) -> None:
    done = list(activities(chart, detailed=detailed))
    if not done:
        return
    for made in _objects(chart):
        _put(aside, made, first=aside.tell() == 0)
    for activity in done:
        _put(file, _event(chart, activity, seen), first=seen.events == 0)
        seen.events += 1


def _put(file: IO[bytes], value: dict[str, Any], *, first: bool) -> None:
    file.write((b"\n" if first else b",\n") + orjson.dumps(all_shown(value)))


def _objects(chart: Chart) -> Iterator[dict[str, Any]]:
    stays = [{"objectId": f"stay:{stay.event_id}", "qualifier": "receives"} for stay in chart.journey.stays]
    yield {"id": f"client:{chart.client_id}", "type": "client", "attributes": [], "relationships": stays}
    for stay in chart.journey.stays:
        values = {"level": stay.level, "program": stay.program}
        named = [{"name": name, "value": value, "time": _EPOCH} for name, value in values.items()]
        yield {"id": f"stay:{stay.event_id}", "type": "stay", "attributes": named}


def _event(chart: Chart, activity: Activity, seen: _Seen) -> dict[str, Any]:
    entry = activity.entry
    values = {name: value for name, value in _values(activity) if value != ""}
    used = seen.event_types.setdefault(shown(activity.name), {})
    used |= {shown(name): "float" if isinstance(value, float) else "string" for name, value in values.items()}
    return {
        "id": entry.event_id,
        "type": activity.name,
        "time": entry.occurred_at.isoformat(timespec="milliseconds"),
        "attributes": [{"name": name, "value": value} for name, value in values.items()],
        "relationships": list(_related(chart, entry, seen)),
    }


def _values(activity: Activity) -> Iterator[tuple[str, Detail]]:
    yield "site", activity.entry.site
    yield from activity.details.items()


def _declared(used: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in sorted(used.items())]


def _related(chart: Chart, entry: Entry, seen: _Seen) -> Iterator[dict[str, str]]:
    yield {"objectId": f"client:{chart.client_id}", "qualifier": "of"}
    for stay in chart.journey.stays:
        if stay.start <= entry.at and (stay.end is None or entry.at <= stay.end):
            yield {"objectId": f"stay:{stay.event_id}", "qualifier": "during"}
    if isinstance(entry.event, SessionAttended) and entry.event.group_id:
        group = f"group:{shown(entry.event.group_id)}"
        seen.groups.add(group)
        yield {"objectId": group, "qualifier": "in"}
