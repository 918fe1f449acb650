"""Requests made up from the OpenAPI document, as each role: no 5xx, nothing outside the role, every refusal a problem."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis import GenerationMode

from api.http import routes_live
from api.http.access import PUBLIC, ROLES, ROUTES, may
from api.http.app import create_app
from api.http.problems import MEDIA_TYPE
from infra.bootstrap import Services, open_services
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.day import clock_of_the_day
from tests.depth import cases

REQUESTS = cases(90, 2_000)  # of a role in all, if it asks every operation
ONE_IN = cases(6, 1)  # of the operations a role asks one in so many, the next role others
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
# What made-up requests meet: text that is valid JSON and UTF-8 may still be no header or path.
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("schema")
    found = open_services(Settings(database_url=SecretStr(f"sqlite:///{folder}/log.db"), demo=True), clock_of_the_day())
    fill(found.log, 6, 7)
    found.catch_up()
    # before Hypothesis looks at loaded modules: a job of an administrator would load it in another thread meanwhile
    importlib.import_module("projections.disclosure.attack")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes_live, "LONGEST_SECONDS", 0.0)
        yield found
    found.close()


@pytest.fixture(scope="module")
def schema(services: Services) -> Any:
    return schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", create_app(services, lambda: None)
    )  # nothing is projected in between


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.filterwarnings("ignore")
def test_whatever_is_asked_each_role_gets_what_it_may(schema: Any, role: str) -> None:
    every = [found.ok() for found in schema.get_all_operations()]
    each = -(-REQUESTS // (len(every) * len(MODES)))
    operations = every[ROLES.index(role) % ONE_IN :: ONE_IN]
    answered: Counter[int] = Counter()
    for operation in operations:
        area = ROUTES[f"{operation.method.upper()} {operation.path}"]
        for mode in MODES:
            _ask(operation, mode, each, role, area, answered)
    print(f"{role}: {answered.total()} requests, {dict(sorted(answered.items()))}")
    assert answered.total() >= each * len(operations) / 2  # some operations have few invalid requests, or none


def _ask(operation: Any, mode: GenerationMode, each: int, role: str, area: str, answered: Counter[int]) -> None:
    strategy = operation.as_strategy(generation_mode=mode)

    @settings(max_examples=each, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=QUIET)
    @given(case=strategy)
    def ask(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer demo-{role}"})
        answered[answer.status_code] += 1
        told = f"{case.method} {case.formatted_path} → {answer.status_code}: {answer.content[:300]!r}"
        assert answer.status_code < 500 or answer.status_code == 503, told
        if area != PUBLIC and not may(role, area):
            assert answer.status_code >= 400, told
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].partition(";")[0] == MEDIA_TYPE, told
            assert re.match(r"urn:uuid:", answer.json()["instance"]), told
        if answer.status_code in {401, 403} and area != PUBLIC and may(role, area):
            assert answer.json()["type"] == "/problems/not-allowed", told

    try:
        ask()
    except BaseException as error:
        if "Unsatisfiable" not in type(error).__name__:  # an operation without parameters has no invalid request
            raise
