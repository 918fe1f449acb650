"""What FHIR brings back of any journey, field by field: all but the losses that the docs list, and each of those."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
import pytest

from domain.after_death import uncounted
from domain.entries import Entry, Meta, effective, microseconds, offset_minutes
from domain.events import (
    AlumniContacted,
    AppointmentCancelled,
    AppointmentRescheduled,
    AppointmentScheduled,
    AssessmentCompleted,
    ChartsMerged,
    ClientDetailsUpdated,
    ClientDied,
    CoverageDenied,
    CoverageVerified,
    EntrySetAside,
    EntryTakenUp,
    InstrumentScored,
    LevelOfCareEnded,
    LevelOfCareStarted,
    MedicationStopped,
    NotSamePerson,
    OverlapResolved,
    SessionAttended,
    SessionMissed,
)
from domain.journey import fold
from infra.bootstrap import Services
from infra.interop.exporters.all_charts import charts, recorded
from infra.interop.fhir.mapping import NOT_CARRIED, resources
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import Prepared
from infra.interop.importers.fhir.run import import_fhir
from infra.simulator.demo import fill
from tests.infra.conftest import services_at
from tests.spec import Fact, ago, fact

ROOT = Path(__file__).parents[4]
DOCS = ROOT / "docs/fhir.md"
SIMULATED = 10
PERSON = {"ClientRegistered", "ClientDetailsUpdated", "ClientDied"}  # one resource of several entries
ENVELOPE = {
    "w": "actor",
    "u": "issuer",
    "y": "subject",
    "o": "role",
    "s": "source",
    "c": "correlation_id",
    "k": "causation_id",
}


def generated() -> list[list[Fact]]:
    """Random histories, the same in every run: made in a process of its own, since Hypothesis draws on what is loaded."""
    command = [sys.executable, "-m", "tests.infra.interop.importers.fhir_histories"]
    return pickle.loads(subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout)


def lines(number: int, facts: list[Fact]) -> Iterator[Prepared]:
    """A history as a chart of its own, with everything that an envelope may hold."""
    for given_fact in facts:
        event = given_fact.event
        target = getattr(event, "target", None)
        if target is not None:
            event = event.model_copy(update={"target": UUID(hex=_own(number, target.hex))})
        meta: Meta = {
            "i": _own(number, given_fact.event_id),
            "a": microseconds(given_fact.at) + 123_456,
            "z": offset_minutes(given_fact.at),
            "r": 0,
            "w": "nurse",
            "u": "https://idp.example",
            "y": "4711",
            "o": "clinician",
            "s": "another system",
            "f": "North",
            "c": UUID(int=7).hex,
            "k": UUID(int=8).hex,
        }
        client = given_fact.client if given_fact.client != "C-1" else f"G-{number}"
        yield Prepared.of(1, client, event, meta)


def _own(number: int, event_id: str) -> str:
    return uuid5(NAMESPACE_URL, f"{number}-{event_id}").hex


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Simulated and random journeys, and two charts that were merged."""
    services = services_at(tmp_path_factory.mktemp("there"))
    fill(services.log, SIMULATED, 11)
    merged = [
        fact(LevelOfCareStarted(level="residential"), ago(9), client="M-1"),
        fact(SessionAttended(kind="group", minutes=90), ago(8), client="M-2"),
        fact(ChartsMerged(other_client="M-2"), ago(7), client="M-1"),
        fact(SessionAttended(kind="individual", minutes=45), ago(6), client="M-2"),
    ]
    unrated = AssessmentCompleted(
        assessor="a.meyer",
        edition=3,
        asam=(1, 1, 1, 1, 1, 1),
        recommended_level="residential",
        needs_24h_supervision=False,
        mental_health_severity="none",
        home="supportive",
        substance_free_home=True,
        motivated=True,
        unrated=True,
    )
    denied = CoverageDenied(payer="a payer", level="residential", reason="not necessary")
    deaths = [fact(ClientDied(), ago(3)), fact(ClientDied(), ago(2))]
    again = fact(LevelOfCareStarted(level="residential"), ago(1))
    apart = fact(NotSamePerson(other_client="M-1"), ago(7))
    resolved = fact(OverlapResolved(stays=(UUID(int=1), UUID(int=2)), counts=UUID(int=1)), ago(6))
    asides = [fact(kind(target=UUID(int=3), reason="x"), ago(5)) for kind in (EntrySetAside, EntryTakenUp)]
    twice = [fact(AppointmentScheduled(appointment_id="v", starts_at=ago(-1)), ago(8 - n)) for n in range(2)]
    kept = [
        fact(AppointmentRescheduled(appointment_id="v", starts_at=ago(-2), cause="in my own words"), ago(6)),
        fact(SessionMissed(kind="individual", excused=True, appointment_id="v"), ago(5)),
        fact(AppointmentRescheduled(appointment_id="v", starts_at=ago(-3), notice_hours=0), ago(4.5)),
        fact(SessionMissed(kind="individual", slot="morning", appointment_id="v"), ago(4)),
        fact(AppointmentScheduled(appointment_id="w", starts_at=ago(-1), clinician="a.meyer", minutes=50), ago(5)),
        fact(AppointmentCancelled(appointment_id="w", cause="illness", notice_hours=2.5), ago(4)),
        fact(AppointmentRescheduled(appointment_id="nowhere", starts_at=ago(-1)), ago(4)),
        fact(AppointmentCancelled(appointment_id="nowhere"), ago(4)),
    ]
    moved = [fact(ClientDetailsUpdated(phone=number), ago(days)) for number, days in (("1", 8), ("2", 7))]
    seldom = [
        *twice,
        *kept,
        *moved,
        fact(unrated, ago(9)),
        fact(denied, ago(8)),
        apart,
        resolved,
        *asides,
        *deaths,
        again,
    ]
    written = "Written_so here"  # no word of ours: as it is, and not as a word is shown
    short = [
        fact(LevelOfCareStarted(level="intensive_outpatient", override_reason=written), ago(3)),
        fact(LevelOfCareEnded(level="intensive_outpatient", reason="left_against_advice"), ago(2.98)),
    ]
    named = [
        fact(LevelOfCareStarted(level="residential", program=written, clinician=written, site="South"), ago(9)),
        fact(SessionAttended(kind="group", minutes=60, topic=written, clinician=written), ago(8)),
        fact(MedicationStopped(drug="naltrexone"), ago(8)),
        fact(InstrumentScored(instrument=written, score=3), ago(7)),
        fact(AppointmentScheduled(appointment_id="x", starts_at=ago(-1), kind="individual"), ago(7)),
        fact(AppointmentCancelled(appointment_id="x", cause=written), ago(6)),
        fact(LevelOfCareEnded(level="residential", reason="completed"), ago(4)),
        fact(AlumniContacted(topic=written), ago(3)),
    ]
    first, last = ago(3).date(), ago(9).date()
    backward = CoverageVerified(
        payer="a payer", member_ref="m-1", level="residential", authorized_from=first, authorized_to=last
    )
    journeys = [*generated(), merged, seldom, named, short, [fact(backward, ago(3))]]
    write_batch(services.log, [line for number, facts in enumerate(journeys) for line in lines(number, facts)])
    yield services
    services.close()


@pytest.fixture(scope="module")
def back(there: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """What came back in another store."""
    folder = tmp_path_factory.mktemp("back")
    with (folder / "all.ndjson").open("wb") as file:
        for chart in charts(there.log, opened=True):
            for resource in resources(chart, there.log.reference(chart.client_id) or ""):
                file.write(orjson.dumps(resource) + b"\n")
    services = services_at(folder)
    import_fhir(services.log, [folder / "all.ndjson"], keep_recorded_at=True)
    yield services
    services.close()


late: set[str] = set()  # the entries of ``everything`` that came after the death of their client


def everything(services: Services) -> Iterator[tuple[Entry, Entry | None]]:
    """Each recorded entry, and what it counts as."""
    for _, _, entries in recorded(services.log, opened=True):
        counted = effective(entries)
        counts = {entry.event_id: entry for entry in counted}
        late.update(uncounted(fold(counted), counted))
        yield from ((entry, counts.get(entry.event_id)) for entry in entries)


def lost(before: Entry, counts: Entry | None, after: Entry | None) -> set[str]:
    """What of an entry did not come back, in the words of the list."""
    kind = "ChartsMerged" if before.type == "ChartClosed" else before.type
    if counts is None and kind not in ("EntryCorrected", "EntryRetracted", "ChartsMerged"):
        return {"EntryRetracted"} if after is None else {"a retracted entry came back"}
    if after is None and before.event_id in late:
        return {"after_death"}
    if counts is None or after is None:
        return {(counts or before).type if kind != "ChartsMerged" else kind}
    said, now = counts.event.model_dump(), after.event.model_dump()
    fields = {f"{counts.type}.{name}" for name, value in said.items() if (value or None) != (now.get(name) or None)}
    by = counts.amended_by or counts
    envelope = {name for key, name in ENVELOPE.items() if by.meta.get(key) != after.meta.get(key)}
    if (after.at, after.day, after.type) != (counts.at, counts.day, counts.type):
        fields.add(f"{counts.type} at another time")
    if counts.amended_by is not None and counts.meta.get("w") != after.meta.get("w"):
        envelope.add("EntryCorrected")
    if abs(after.meta["r"] - by.meta["r"]) >= 1_000:
        envelope.add("recorded_at")
    if by.meta.get("f") != after.meta.get("f"):
        envelope.add(f"{counts.type}.site")
    return envelope | ({counts.type} if fields and counts.type in PERSON else fields)


def test_what_does_not_come_back_is_what_the_list_says_all_of_it(there: Services, back: Services) -> None:
    came = {entry.event_id: entry for entry, _ in everything(back)}
    found: dict[str, Entry] = {}
    for entry, counts in everything(there):
        found |= dict.fromkeys(lost(entry, counts, came.get(entry.event_id)), entry)
    assert set(found) == set(NOT_CARRIED), {name: found[name] for name in set(found) - set(NOT_CARRIED)}
    assert set(came) <= {entry.event_id for entry, _ in everything(there)}


def test_the_docs_list_the_same() -> None:
    rows = dict(re.findall(r"^\| `([A-Za-z_.]+)` \| (.+) \|$", DOCS.read_text(), flags=re.M))
    assert {name: why.replace("`", "") for name, why in rows.items()} == NOT_CARRIED
