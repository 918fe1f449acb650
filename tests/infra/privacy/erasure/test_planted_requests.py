"""The table of erasures is an index: who asked, and that it was done, is said by entries of the chart."""

from __future__ import annotations

from datetime import timedelta

from domain.entries import microseconds
from infra.bootstrap import Services
from infra.privacy.erasure.ledger import ledger_of
from infra.privacy.erasure.requests import confirm, waiting_requests
from tests.infra.privacy.erasure.erasures import ASKS, CONFIRMS, Place, ask, write
from tests.infra.privacy.erasure.test_requests import refused


def set_row(services: Services, sql: str, *values: object) -> None:
    with services.log.recorder.writing() as tx:
        tx.many(sql, [values])


def test_a_row_that_names_another_asker_lets_nobody_confirm_their_own_request(place: Place) -> None:
    with place.opened() as services:
        write(services, "A-1")
        ask(services, "A-1")
        set_row(services, "UPDATE erasure SET requested_by='somebody else', ground='retention_ended'")
        [waiting] = waiting_requests(services.log, services.now())
        assert (waiting.requested_by, waiting.ground) == ("a.meyer", "court_order")
        refused("two_people", services, ASKS)


def test_a_row_that_lasts_longer_prolongs_nothing(place: Place) -> None:
    with place.opened() as services:
        write(services, "A-1")
        ask(services, "A-1")
        set_row(services, "UPDATE erasure SET expires_at=?", microseconds(services.now() + timedelta(days=999)))
        place.clock.now += timedelta(hours=73)
        assert waiting_requests(services.log, services.now()) == []
        refused("request_waits", services)


def test_a_planted_request_waits_for_nobody(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        [*_, last] = services.log.stream(client)
        for request_id in (last.event_id, "0" * 32):
            sql = "INSERT INTO erasure VALUES (?,'requested',?,'x',0,?,'court_order','',0,0)"
            set_row(services, sql, bytes.fromhex(client), request_id, 2**62)
            assert waiting_requests(services.log, services.now()) == []
            refused("request_waits", services, CONFIRMS)
            set_row(services, "DELETE FROM erasure WHERE client_id=?", bytes.fromhex(client))


def test_a_planted_erasure_is_not_taken_into_the_ledger(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        sql = "INSERT INTO erasure VALUES (?,'erased',?,'x',0,0,'court_order','y',0,1)"
        set_row(services, sql, bytes.fromhex(client), "0" * 32)
        services.complete_erasures()
        ledger = ledger_of(services.log, services.settings.ledger_file)
        assert ledger.read() == []
        set_row(services, "DELETE FROM erasure WHERE client_id=?", bytes.fromhex(client))
        ask(services, "A-1")
        confirm(services.log, "A-1", author=CONFIRMS, now=services.now())
        services.complete_erasures()
        assert [erasure.client_id for erasure in ledger.read()] == [client]
