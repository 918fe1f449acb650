"""Every report that people may ask for who see no clients, with its filters, groups, periods and their differences."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from infra.demo import fill
from infra.services import Services
from tests.infra.conftest import services_at
from tests.infra.suppression.attack import surveyed
from tests.infra.suppression.tables import TABLES

THOROUGH = os.environ.get("CAREJOURNEY_TEST_SURVEY") == "thorough"
PROGRAMMES = ((150, 11), (400, 3), (60, 5), (1_500, 2)) if THOROUGH else ((150, 11),)


@pytest.fixture(scope="module", params=PROGRAMMES, ids=str)
def small_programme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    clients, seed = request.param
    services = services_at(tmp_path_factory.mktemp("survey"))
    fill(services.log, clients, seed)
    services.catch_up()
    yield services
    services.close()


@pytest.mark.parametrize("report", sorted({table.report for table in TABLES}))
def test_no_small_group_follows_from_what_a_report_shows(report: str, small_programme: Services) -> None:
    universes = surveyed(small_programme, tuple(table for table in TABLES if table.report == report), THOROUGH)
    leaks = [leak for universe in universes for leak in universe.leaks(None if THOROUGH else 12, seed=1)]
    assert not leaks, "\n".join(leaks[:40])
    assert any(universe.hidden for universe in universes), "nothing is withheld: the programme is too large to attack"
