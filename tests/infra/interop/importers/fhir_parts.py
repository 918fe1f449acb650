"""Resources of other systems, a line each: what a test does not care about has a usual value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from infra.eventstore.log import EventLog
from infra.interop.exporters.all_charts import charts
from infra.interop.importers.converted import ConvertedResult
from infra.interop.importers.fhir.patients import Sending
from infra.interop.importers.fhir.run import import_fhir
from projections.chart import Chart

Resource = dict[str, Any]
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
NORTH, SOUTH = "http://north.example/mrn", "http://south.example/mrn"


def patient(key: str = "p1", number: str = "N-1", system: str = NORTH, **more: Any) -> Resource:
    """A Patient with a chart number of one hospital."""
    return {
        "resourceType": "Patient",
        "id": key,
        "identifier": [{"type": MR, "system": system, "value": number}],
        "name": [{"family": "Sample", "given": ["Pat"]}],
        "birthDate": "1990-02-03",
        **more,
    }


def about(kind: str, key: str, subject: Any = "Patient/p1", **more: Any) -> Resource:
    """A resource about a patient."""
    named = {"reference": subject} if isinstance(subject, str) else subject
    return {"resourceType": kind, "id": key, "subject": named, **more}


def stay(key: str = "e1", subject: Any = "Patient/p1", **more: Any) -> Resource:
    """An Encounter: two weeks of residential treatment."""
    usual: Resource = {
        "status": "finished",
        "class": {"code": "IMP"},
        "type": [{"text": "Residential"}],
        "period": {"start": "2026-01-05T09:00:00-05:00", "end": "2026-01-20T09:00:00-05:00"},
    }
    return about("Encounter", key, subject, **(usual | more))


def score(key: str = "o1", value: int = 12, subject: Any = "Patient/p1", **more: Any) -> Resource:
    """An Observation: a PHQ-9."""
    usual: Resource = {
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "44261-6"}]},
        "effectiveDateTime": "2026-01-06T10:00:00-05:00",
        "valueInteger": value,
    }
    return about("Observation", key, subject, **(usual | more))


def screen(key: str = "s1", loinc: str = "19295-5", **more: Any) -> Resource:
    """An Observation: a urine test for opioids."""
    usual: Resource = {
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "effectiveDateTime": "2026-01-07T10:00:00-05:00",
    }
    return about("Observation", key, **(usual | more))


def bundle(*resources: Resource, urls: bool = False, base: str = "https://s.example/fhir") -> Resource:
    """A Bundle; with ``urls`` each resource has its ``fullUrl`` on a server."""
    entries: list[Resource] = [
        {"resource": one} | ({"fullUrl": f"{base}/{one['resourceType']}/{one['id']}"} if urls else {})
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def written(folder: Path, value: Resource, name: str = "in.json") -> Path:
    """The file that holds it."""
    target = folder / name
    target.write_bytes(orjson.dumps(value))
    return target


class Store:
    """A log, and what importing into it came to."""

    def __init__(self, log: EventLog, folder: Path) -> None:
        self.log, self.folder = log, folder
        self.result = ConvertedResult()

    def take(self, *resources: Resource, **more: Any) -> Store:
        """Import resources as one file."""
        return self.take_file(bundle(*resources), **more)

    def take_file(self, value: Resource, sending: Sending | None = None) -> Store:
        """Import one file."""
        self.result = import_fhir(self.log, [written(self.folder, value)], sending=sending)
        return self

    @property
    def left(self) -> dict[str, str]:
        """What was left over by place."""
        return {one.place: one.reason for one in self.result.left}

    @property
    def charts(self) -> dict[str, Chart]:
        """Charts that are open, by number."""
        found = charts(self.log, opened=True)
        return {str(self.log.reference(chart.client_id)): chart for chart in found if not chart.closed}

    @property
    def chart(self) -> Chart:
        """The only chart."""
        [chart] = self.charts.values()
        return chart

    def stays(self, number: str = "N-1") -> list[tuple[str, bool]]:
        """(level, whether it is open) of a chart's stays."""
        return [(one.level, one.open) for one in self.charts[number].journey.stays]
