"""Two people, in time, on the record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.events import ClientErased, EntryRetracted, ErasureRequested
from domain.refusals import CommandRefusedError
from infra.bootstrap import Services
from infra.eventstore.client_chart import NoSuchChartError
from infra.eventstore.log import Author
from infra.privacy.erasure.requests import confirm, waiting_requests, withdraw
from tests.infra.privacy.erasure.erasures import ASKS, CONFIRMS, Place, ask, write


def refused(criterion: str, services: Services, by: Author = CONFIRMS) -> None:
    with pytest.raises(CommandRefusedError) as refusal:
        confirm(services.log, "A-1", author=by, now=services.now())
    assert [found.criterion for found in refusal.value.refusals] == [criterion]


def test_one_asks_another_confirms_and_both_are_entries_of_the_chart(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        ask(services, "A-1")
        [waiting] = waiting_requests(services.log, services.now())
        assert (waiting.client_id, waiting.requested_by, waiting.ground) == (client, "a.meyer", "court_order")
        confirm(services.log, "A-1", author=CONFIRMS, now=services.now())
        *_, asked, erased = services.log.stream(client, opened=True)
        assert isinstance(asked.event, ErasureRequested)
        assert asked.event.basis is None
        assert isinstance(erased.event, ClientErased)
        assert (erased.event.requested_by, erased.event.confirmed_by) == ("a.meyer", "b.okafor")
        assert erased.event.request is not None
        assert (erased.event.request.hex, erased.meta.get("w")) == (asked.event_id, "b.okafor")
        assert erased.meta.get("k") == asked.event_id
        assert waiting_requests(services.log, services.now()) == []
        refused("chart_not_erased", services)


@pytest.mark.parametrize("name", ["a.meyer", " A.Meyer ", "A.MEYER"])
def test_nobody_confirms_their_own_request(place: Place, name: str) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        ask(services, "A-1")
        refused("two_people", services, Author(name, "admin"))
        assert services.log.cipher(client) is not None


def test_a_request_runs_out(place: Place) -> None:
    with place.opened() as services:
        write(services, "A-1")
        refused("request_waits", services)
        ask(services, "A-1")
        place.clock.now += timedelta(hours=73)
        refused("request_waits", services)
        assert waiting_requests(services.log, services.now()) == []
        ask(services, "A-1", CONFIRMS)
        confirm(services.log, "A-1", author=ASKS, now=services.now())


def test_a_clock_that_steps_back_prolongs_nothing_and_loses_nothing(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        ask(services, "A-1")
        place.clock.now -= timedelta(hours=5)
        confirm(services.log, "A-1", author=CONFIRMS, now=services.now())
        assert services.log.erased([client]) == {client}


def test_a_request_is_withdrawn(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        ask(services, "A-1")
        with pytest.raises(CommandRefusedError, match="no_request_waits"):
            ask(services, "A-1", CONFIRMS)
        withdraw(services.log, "A-1", author=CONFIRMS, reason="was not meant", now=services.now())
        *_, asked, taken_back = services.log.stream(client)
        assert isinstance(taken_back.event, EntryRetracted)
        assert taken_back.meta.get("k") == asked.event_id
        refused("request_waits", services)
        ask(services, "A-1")
        confirm(services.log, "A-1", author=CONFIRMS, now=services.now())


def test_an_unknown_chart_cannot_be_erased(place: Place) -> None:
    with place.opened() as services, pytest.raises(NoSuchChartError):
        ask(services, "A-9")
