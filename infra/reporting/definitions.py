"""Every definition in one list: what the app, the documents, the API and the command line show of a number."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.reporting.reports import REPORTS
from projections.abstinence.queries import all_measures
from projections.completion.definition import LENGTH_OF_STAY, denominators
from projections.outcomes.scales import SCALES
from projections.quality.definition import MEASURES as QUALITY
from projections.status.flags import FLAG_TITLES
from projections.time_to_event.definition import EVENTS, STARTS

OWN_PAGE = "docs/measures.md"


@dataclass(frozen=True, slots=True)
class Definition:
    """One number or flag: which report shows it, what it means, where it comes from, how missing data are read."""

    report: str
    id: str
    title: str
    definition: str
    source: str
    missing: str = ""


def definitions(file: Path | None = None) -> list[Definition]:
    """All definitions in the order of the reports; ``own`` is the programme's file of measures.

    Raises:
        MeasureFileError: that file is wrong; each line of the message says where and the remedy.
    """
    listed: list[Definition] = []
    for name, report in REPORTS.items():
        listed.append(Definition(name, name, report.title, report.definition, report.source))
        listed += _parts(name, file)
    return listed


def rows(file: Path | None = None) -> list[dict[str, Any]]:
    """The same as plain rows."""
    return [asdict(definition) for definition in definitions(file)]


def _parts(report: str, file: Path | None) -> list[Definition]:
    match report:
        case "worklist":
            return [Definition(report, flag, title, title + ".", OWN_PAGE) for flag, title in FLAG_TITLES.items()]
        case "completion":
            rates = [Definition(report, d.id, d.title, d.definition, d.source) for d in denominators(file).values()]
            return [*rates, Definition(report, "length_of_stay", "Length of stay", LENGTH_OF_STAY, OWN_PAGE)]
        case "abstinence":
            return [
                Definition(report, m.id, m.title, m.definition, m.source, m.missing_rule)
                for m in all_measures(file).values()
            ]
        case "quality":
            return [Definition(report, m.id, m.title, m.definition, m.source) for m in QUALITY.values()]
        case "outcomes":
            return [
                Definition(report, s.id, s.title, f"Improved or worse by {s.matters:g} or more.", s.source)
                for s in SCALES.values()
            ]
        case "time-to-event":
            starts = {f"from {name}": start for name, start in STARTS.items()}
            events = {f"to {name}": event for name, event in EVENTS.items()}
            named = (starts | events).items()
            return [Definition(report, name, part.title, part.meaning, OWN_PAGE) for name, part in named]
        case _:
            return []
