"""What a release says while another one's read models are live, that both can be asked, and a log that was put back."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest
from http_support import Api

import infra.bootstrap
from api.http.app import create_app
from infra.bootstrap import Services, open_services
from infra.readmodels.generations import GENERATION
from infra.reporting.reports import REPORTS, ReportParams, run_report
from infra.simulator.demo import fill
from tests.infra.readmodels.releases import programs, release

RESTING = "Another release's read models are live: this one reads them and does not fill them."


@contextmanager
def newer(api: Api, monkeypatch: pytest.MonkeyPatch, *, renames: bool = True) -> Generator[Services]:
    """The next release over the same stores; its stays have other columns."""
    monkeypatch.setattr(infra.bootstrap, "READ_MODELS", release(1, renames=renames))
    services = open_services(api.services.settings, api.clock)
    try:
        yield services
    finally:
        services.close()


@pytest.mark.parametrize("renames", [False, True], ids=["the same columns", "other columns"])
def test_an_old_release_can_be_asked_and_says_that_it_rests(
    api: Api, monkeypatch: pytest.MonkeyPatch, renames: bool
) -> None:
    fill(api.services.log, 12, 11)
    api.services.catch_up()
    assert "note" not in api.get("/readyz").json()
    before = {name: run_report(name, api.services, ReportParams()) for name in REPORTS}
    with newer(api, monkeypatch, renames=renames) as new:
        new.catch_up()
        assert api.get("/readyz").json() == {"status": "ready", "note": RESTING}
        for path in ("projections", "operations"):
            rows = api.get(f"/api/v1/{path}", "admin").json()["projections"]
            assert {row["projection"] for row in rows if row["state"] == "newer"} == {"stays"}
        shown = {name: run_report(name, api.services, ReportParams()) for name in REPORTS}
        if renames:
            assert shown == before
        assert sum(programs(new.projector).values()) > 0
        assert api.done("Z-1", "register-client")
        api.services.catch_up()
        new.catch_up()
        assert api.services.wait_for(api.services.log.head(), 0.0)
        api.services.projector.rollback()
    assert {row["state"] for row in api.get("/api/v1/projections", "admin").json()["projections"]} == {"current"}
    assert "note" not in api.get("/readyz").json()


def test_a_new_release_is_not_ready_until_its_columns_are_there(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(api.services.log, 3, 11)
    api.services.catch_up()
    with newer(api, monkeypatch) as new:
        there = Api(new, api.clock, create_app(new))
        answer = there.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (
            503,
            "The read models of this release are being built.",
        )
        new.catch_up()
        assert there.get("/readyz").json() == {"status": "ready"}


def test_read_models_ahead_of_the_log_are_no_answer(api: Api) -> None:
    api.done("A-1", "register-client")
    api.services.catch_up()
    with api.services.reads.writing() as connection:
        connection.execute(GENERATION.update().values(position=9))
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert "ahead of the log" in answer.json()["detail"]
    rows = api.get("/api/v1/operations", "admin").json()["projections"]
    assert {(row["state"], row["position"], row["head"], row["lag"]) for row in rows} == {("ahead", 9, 1, 0)}
    api.services.catch_up()
    assert api.get("/readyz").json() == {"status": "ready"}
