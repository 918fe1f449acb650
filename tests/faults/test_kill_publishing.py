"""kill -9 at random moments over publishing: a publication is whole or is not there, and what was said is never lost."""

from __future__ import annotations

from random import Random

import orjson
import pytest

from infra.access_log.entries import Access
from infra.bootstrap import Services
from infra.identity.people import operator
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import prepare
from infra.publications.publisher import KIND, publications_of, publish, verify
from infra.simulator import simulate
from tests.depth import by_night
from tests.faults.child_publishing import MONTHS
from tests.faults.forked import Child
from tests.faults.test_kill import ROUNDS, random as random
from tests.faults.test_kill_seals import prepared
from tests.infra.privacy.erasure.conftest import place as place
from tests.infra.privacy.erasure.erasures import Place
from tests.infra.publications.years import PLAN

on_each_store = pytest.mark.parametrize("place", ["sqlite", by_night("postgres")], indirect=True)


def filled(bare: Place) -> Place:
    place = prepared(bare)
    place.clock.now = MONTHS[-1]
    lines = (dict(line) for client in simulate(40, 7, until=MONTHS[0], months=15) for line in client)
    with place.opened() as services:
        entries = [
            prepare(number, orjson.dumps(line), b"programme", MONTHS[0], keep_recorded_at=True)
            for number, line in enumerate(lines)
        ]
        write_batch(services.log, entries)
        services.catch_up()
    return place


def killed(place: Place, after: float | None) -> list[str]:
    """What a child acknowledged in so many seconds, until it was killed; None: until it was done."""
    with Child("tests.faults.child_publishing", str(place.folder), place.url) as child:
        assert child.stdout.readline().strip() == "ready"
        if child.wait(after) is None:
            child.kill()
        return child.lines()


def sound(services: Services) -> list[str]:
    """Each publication as it is acknowledged, once nothing is wrong with any."""
    assert verify(services) == []
    every = publications_of(services).all()
    assert [one.number for one in every] == [*range(1, len(every) + 1)]
    return [f"{one.number} {one.digest}" for one in every]


@on_each_store
def test_publishing_that_was_killed_leaves_whole_publications(place: Place, random: Random) -> None:
    place = filled(place)
    said: set[str] = set()
    for _ in range(ROUNDS):
        said |= set(killed(place, random.uniform(0.3, 4.0)))
        with place.opened() as services:
            assert said - {"done"} <= set(sound(services))
    said |= set(killed(place, None))
    with place.opened() as services:
        every = sound(services)
    assert "done" in said
    assert said - {"done"} <= set(every)
    assert len(every) >= 2


@on_each_store
def test_an_announced_publication_that_never_came_is_no_gap(place: Place) -> None:
    with filled(place).opened() as services:
        lost = Access(KIND, operator("publication publish"), services.now(), about="0" * 63 + "1")
        services.people.log.record([lost])
        assert sound(services) == []
        one = publish(services, PLAN, operator("publication publish"))
        assert sound(services) == [f"1 {one.digest}"]
