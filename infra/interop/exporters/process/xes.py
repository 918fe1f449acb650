"""XES: one trace a client (IEEE 1849-2016), streamed."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

from infra.eventstore.log import EventLog
from infra.interop.exporters.all_charts import Progress, charts
from infra.interop.exporters.left_out import LeftOut
from infra.interop.exporters.process.activities import Activity, activities
from infra.interop.exporters.targets import new_file
from infra.interop.exporters.texts import shown
from projections.chart import Chart

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/>
<date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/></global>
<classifier name="Activity" keys="concept:name"/>
"""


def export_xes(
    log: EventLog,
    path: Path,
    *,
    detailed: bool = False,
    progress: Progress | None = None,
    left: LeftOut | None = None,
) -> int:
    """Write every client's activities; gives the number of events. ``detailed`` takes every entry, not milestones.

    ``left`` as in ``charts``.
    """
    written = 0
    with new_file(path) as part, part.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for chart in charts(log, progress=progress, left=left):
            done = list(activities(chart, detailed=detailed))
            if done:
                file.write(_trace(chart, done))
                written += len(done)
        file.write("</log>\n")
    return written


def _trace(chart: Chart, done: list[Activity]) -> str:
    events = "".join(_event(activity) for activity in done)
    return f"<trace>{_attribute('string', 'concept:name', chart.client_id)}\n{events}</trace>\n"


def _event(activity: Activity) -> str:
    entry = activity.entry
    attributes = [
        _attribute("string", "concept:name", activity.name),
        _attribute("date", "time:timestamp", entry.occurred_at.isoformat(timespec="milliseconds")),
        _attribute("string", "lifecycle:transition", "complete"),
        _attribute("id", "event_id", entry.event_id),
    ]
    if site := entry.site:
        attributes.append(_attribute("string", "org:group", site))
    for key, value in activity.details.items():
        kind, text = ("string", value) if isinstance(value, str) else ("float", repr(float(value)))
        attributes += [_attribute(kind, key, text)] if text else []
    return f"<event>{''.join(attributes)}</event>\n"


def _attribute(kind: str, key: str, value: str) -> str:
    return f"<{kind} key={quoteattr(shown(key))} value={quoteattr(shown(value))}/>"
