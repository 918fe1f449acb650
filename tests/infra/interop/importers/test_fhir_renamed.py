"""FHIR in: a Patient who changed their name, where the files name no source, and what is theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.events import ClientDetailsUpdated, ConsentRevoked, InstrumentScored
from infra.eventstore.log import EventLog
from infra.interop.importers.events.run import import_file
from infra.interop.importers.fhir.patients import Sending
from tests.infra.interop.importers.event_lines import Write, line
from tests.infra.interop.importers.fhir_parts import MR, Resource, Store, patient, score, stay
from tests.infra.interop.importers.test_fhir_again import consent

RENAMED: list[Resource] = [{"family": "Newname", "given": ["Pat"]}]
STAY = [("residential", False)]
UNNAMED: list[list[Resource]] = [[{"type": MR, "value": "N-1"}], [{"value": "N-1"}], []]


@pytest.fixture
def here(tmp_path: Path, embedded: EventLog) -> Store:
    """An empty embedded log."""
    return Store(embedded, tmp_path)


def person(identifier: list[Resource], **more: Any) -> Resource:
    """A Patient whose numbers name no system."""
    given = patient(identifier=identifier, **more)
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("born", ["1990-02-03", None])
@pytest.mark.parametrize("identifier", UNNAMED)
def test_is_the_same_person_under_the_same_number(here: Store, identifier: list[Resource], born: str | None) -> None:
    here.take(person(identifier, birthDate=born), stay(), score(), consent())
    renamed = person(identifier, birthDate=born, name=RENAMED)
    here.take(renamed, stay(), score(value=3), consent(status="inactive"))
    assert here.result.by_type == {"ClientDetailsUpdated": 1, "EntryCorrected": 1, "ConsentRevoked": 1}
    [number] = here.charts
    assert (here.stays(number), [one.score for _, one in here.chart.events(InstrumentScored)]) == (STAY, [3])
    assert here.take(renamed, stay(), score(value=3)).result.recorded == 0
    assert [event.name for _, event in here.chart.events(ClientDetailsUpdated)][-1] == "Pat Newname"


@pytest.mark.parametrize("more", [{"name": RENAMED}, {"birthDate": None}])
@pytest.mark.parametrize("identifier", UNNAMED)
def test_under_another_number_as_well_nothing_is_taken(here: Store, identifier: list[Resource], more: Resource) -> None:
    """Whoever has the id and the birth date may be the same person, and so may a namesake without one: one stay must not count twice."""
    here.take(person(identifier), stay(), consent())
    here.take(person([{"type": MR, "value": "N-2"}], **more), stay(), score(), consent())
    assert (len(here.charts), here.result.by_type) == (1, {"ConsentRevoked": 1})
    assert set(here.left) == {"Patient/p1", "Encounter/e1", "Observation/o1", "Consent/k1"}


@pytest.mark.parametrize("sending", [None, Sending("lab")])
def test_on_a_chart_that_was_registered_here_a_consent_is_revoked(
    here: Store, write: Write, sending: Sending | None
) -> None:
    """Nothing of theirs is taken until somebody looks, but nothing may leave meanwhile."""
    registered = line(client="N-1", type="ClientRegistered", data={"name": "Pat Sample", "birth_date": "1990-02-03"})
    import_file(here.log, str(write(registered)))
    here.take(patient(), stay(), consent(), sending=sending)
    here.take(patient(name=RENAMED), stay(), score(), consent(status="inactive"), sending=sending)
    assert (here.result.by_type, here.stays()) == ({"ConsentRevoked": 1}, STAY)
    assert here.left["Patient/p1"].startswith("the chart is registered already with another name")


@pytest.mark.parametrize("sending", [None, Sending("lab")])
def test_nor_does_one_stay_given_where_two_claim_the_number(here: Store, sending: Sending | None) -> None:
    here.take(patient(), consent(), sending=sending)
    here.take(patient(), patient("p2", birthDate="1955-01-01"), consent(status="inactive"), sending=sending)
    assert here.result.by_type == {"ConsentRevoked": 1}
    assert here.take(patient(), consent(status="inactive"), sending=sending).result.recorded == 0


@pytest.mark.parametrize("about", [{"reference": "Patient/p9"}, {"reference": "Group/g1"}, {"display": "Pat"}])
def test_nor_where_its_source_gives_it_of_nobody_any_more(here: Store, about: Resource) -> None:
    lab = Sending("lab")
    here.take(patient(), consent(), sending=lab).take(patient(), consent(patient=about), sending=lab)
    assert (here.result.by_type, len(here.chart.of(ConsentRevoked))) == ({"ConsentRevoked": 1}, 1)
    assert "Consent/k1" in here.left
