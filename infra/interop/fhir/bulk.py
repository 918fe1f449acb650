"""Bulk export: one NDJSON file for each kind of resource, as FHIR Bulk Data has it, with the notice beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

import orjson

from infra.access_log.context import HasPeople
from infra.disclosure.consents import described
from infra.disclosure.record_guard import must_not_be_erased
from infra.eventstore.client_chart import OpenedChart, open_chart
from infra.identity.people import Principal
from infra.interop.exporters.all_charts import Progress, recorded
from infra.interop.exporters.left_out import LeftOut
from infra.interop.exporters.targets import new_folder
from infra.interop.fhir.bundles import newer_than
from infra.interop.fhir.disclosure import Disclosed, Recipient, disclose
from infra.interop.fhir.mapping import NOT_CARRIED, resources
from projections.chart import Chart

_AT_ONCE = 200


@dataclass
class BulkResult:
    """Resources by kind, what became of each chart, and who was left out since an entry cannot be read."""

    written: Counter[str] = field(default_factory=Counter[str])
    disclosed: Disclosed = field(default_factory=Disclosed)
    left: LeftOut = field(default_factory=LeftOut)


def export_fhir(
    services: HasPeople,
    who: Principal,
    folder: Path,
    to: Recipient,
    client: str | None = None,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> BulkResult:
    """Write the resources of every chart, or of one, that a consent lets leave; ``since`` takes only what changed.

    Raises:
        NoSuchChartError: nothing is recorded under the chart number.
        ChartErasedError: the one chart was erased.
        TargetExistsError: the folder exists and is not empty.
    """
    result = BulkResult()
    if client is not None:
        must_not_be_erased(services, services.log.client_id(client))
    charts = [open_chart(services.log, client)] if client is not None else _everybody(services, progress, result.left)
    with new_folder(folder) as part, ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        consents = stack.enter_context((part / "disclosures.ndjson").open("wb"))
        for chart, decision in disclose(services, who, to, charts, result.disclosed):
            consents.write(orjson.dumps({"patient": chart.client_id, **described(decision)}) + b"\n")
            made = resources(Chart(chart.client_id, chart.sequence, chart.entries), chart.reference)
            for resource in newer_than(made, since):
                kind: str = resource["resourceType"]
                if kind not in files:
                    files[kind] = stack.enter_context((part / f"{kind}.ndjson").open("wb"))
                files[kind].write(orjson.dumps(resource) + b"\n")
                result.written[kind] += 1
        (part / "README.txt").write_text(_readme(to, result))
    return result


def _everybody(services: HasPeople, progress: Progress | None, left: LeftOut) -> Iterator[OpenedChart]:
    """Every chart with its number, as recorded; numbers are looked up for a run of charts at once."""
    reading = recorded(services.log, opened=True, progress=progress, left=left)
    while run := list(islice(reading, _AT_ONCE)):
        numbers = services.log.references([client_id for client_id, _, _ in run])
        for client_id, sequence, entries in run:
            if not Chart(client_id, sequence, entries).closed:
                yield OpenedChart(client_id, numbers[client_id], entries, services.log.calendar)


def _readme(to: Recipient, result: BulkResult) -> str:
    left = "".join(f"  {count} × {reason}\n" for reason, count in sorted(result.disclosed.withheld.items()))
    without = "".join(f"  {name}: {why}\n" for name, why in NOT_CARRIED.items())
    count = result.disclosed.charts
    charts = "1 chart" if count == 1 else f"{count} charts"
    return (
        f"FHIR R4 resources for {to.name}, for the purpose: {to.purpose}.\n"
        f"{charts}, one NDJSON file for each kind of resource. disclosures.ndjson holds, for\n"
        "each patient, the consent that this disclosure rests on and the notice that goes with it (42 CFR 2.32).\n\n"
        f"Charts that did not leave:\n{left or '  none' + chr(10)}\nNot carried by FHIR from here:\n{without}"
    )
