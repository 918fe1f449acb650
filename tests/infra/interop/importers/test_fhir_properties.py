"""No import makes more people, stays or positives than its input plainly says, whatever statuses, texts and references."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st

from domain.events import DrugScreenResulted
from infra.eventstore.setup import open_log
from tests.day import UTC_DAYS
from tests.depth import cases
from tests.infra.interop.importers.conftest import MID_2026
from tests.infra.interop.importers.fhir_parts import NORTH, Resource, Store, bundle, patient, screen, stay
from tests.spec import KEY

BASE = "https://s.example/fhir"
FOLLOWED = (
    lambda who: {"reference": f"Patient/p{who}"},
    lambda who: {"reference": f"Patient/p{who}/_history/{who + 1}"},
    lambda who: {"reference": f"{BASE}/Patient/p{who}"},
    lambda who: {"reference": f"{BASE}/Patient/p{who}/_history/1"},
    lambda who: {"identifier": {"system": NORTH, "value": f"N-{who}"}},
)
NOT_FOLLOWED = (
    lambda who: {"reference": f"https://other.example/fhir/Patient/p{who}"},
    lambda who: {"reference": f"Patient/q{who}"},
    lambda who: {"reference": f"urn:uuid:00000000-0000-4000-8000-00000000000{who}"},
    lambda who: {"identifier": {"system": "http://elsewhere.example", "value": f"X-{who}"}},
    lambda who: {"display": f"p{who}"},
)
LEVELS = ("Residential", "Medical detox", "IOP", "ASAM Level 2.5", "Intensive Outpatient Program (IOP)", "Aftercare")
NO_LEVELS = ("Non-residential", "Refused detox", "residential house tour", "IOP?", "pre-IOP", "detox/residential", "")
LONG = {"start": "2026-01-05T09:00:00-05:00", "end": "2026-01-20T09:00:00-05:00"}
ODD = ({"start": LONG["end"], "end": LONG["start"]}, {"start": LONG["start"]}, {"end": LONG["end"]}, {"start": "2026"})
POSITIVE, NEGATIVE = ("Positive", "DETECTED", "reactive"), ("Negative", "Not detected", "none detected.")
UNCLEAR = ("Not positive", "False positive", "Positive?", "pos/neg", "positive control", "undetermined", "n/a")


@dataclass(frozen=True)
class Told:
    """A resource, whom it is plainly about, and what it plainly says: a stay, a positive, a negative, or nothing."""

    resource: Resource
    who: int
    says: str


@st.composite
def told(draw: st.DrawFn, number: int) -> Told:
    """A stay or a screen, each of its parts plain or not."""
    who = draw(st.integers(0, 2))
    followed = draw(st.booleans())
    subject: Any = draw(st.sampled_from(FOLLOWED if followed else NOT_FOLLOWED))(who)
    if draw(st.booleans()):
        status = draw(st.sampled_from(("finished", "finished", "planned", "cancelled", "entered-in-error", "nonsense")))
        text, period = draw(st.sampled_from(LEVELS + NO_LEVELS)), draw(st.sampled_from((LONG, LONG, *ODD)))
        made = stay(f"e{number}", subject, status=status, type=[{"text": text}] if text else [], period=period)
        plain = status == "finished" and text in LEVELS and period is LONG
        return Told(
            {key: value for key, value in made.items() if value != []}, who, "stay" if plain and followed else ""
        )
    status = draw(st.sampled_from(("final", "amended", "corrected", "preliminary", "entered-in-error", "registered")))
    said = draw(st.sampled_from(POSITIVE + NEGATIVE + UNCLEAR))
    value: Resource = draw(st.sampled_from(({"valueString": said}, {"valueCodeableConcept": {"text": said}})))
    plain = status in ("final", "amended", "corrected") and followed and said not in UNCLEAR
    meaning = "positive" if said in POSITIVE else "negative"
    return Told({**screen(f"s{number}", status=status, **value), "subject": subject}, who, meaning if plain else "")


@settings(max_examples=cases(60, 2_000), deadline=None)
@given(st.data())
def test_an_import_says_what_its_input_says(data: st.DataObject) -> None:
    resources = [data.draw(told(number)) for number in range(data.draw(st.integers(1, 6)))]
    people = [patient(f"p{who}", f"N-{who}", birthDate=f"199{who}-01-01") for who in range(3)]
    entries = data.draw(st.permutations([*people, *(one.resource for one in resources)]))
    with tempfile.TemporaryDirectory() as folder:
        log = open_log(f"sqlite:///{folder}/log.db", KEY, UTC_DAYS, lambda: MID_2026)
        store = Store(log, Path(folder)).take_file(bundle(*entries, urls=True, base=BASE))
        charts = store.charts
        assert set(charts) == {"N-0", "N-1", "N-2"}
        expected = Counter((f"N-{one.who}", one.says) for one in resources if one.says)
        found: Counter[tuple[str, str]] = Counter()
        for number, chart in charts.items():
            found.update((number, "stay") for _ in chart.journey.stays)
            screens = (event for _, event in chart.events(DrugScreenResulted))
            found.update((number, "positive" if event.positive else "negative") for event in screens)
        assert found == expected
        silent = sorted(f"{one.resource['resourceType']}/{one.resource['id']}" for one in resources if not one.says)
        assert sorted(store.left) == silent
        again = store.take_file(bundle(*entries, urls=True, base=BASE))
        assert again.result.recorded == 0
        log.close()
