"""The role table: complete, and what each role may not do."""

from __future__ import annotations

import pytest
from http_support import Api

from api.http.access import AMENDING_COMMANDS, AREAS, ROLES, may
from api.http.context import check_site
from api.http.identity import Principal, allowed
from domain.commands import RECORDING
from infra.disclosure.record_guard import NotYoursError

PUBLIC = {"/healthz", "/readyz"}
WRITING = {area for area in AREAS if area.startswith("command:")} | {"group-sessions"}


def test_every_command_has_an_area() -> None:
    assert {f"command:{name}" for name in (*RECORDING, *AMENDING_COMMANDS)} == WRITING - {"group-sessions"}


def test_an_area_that_is_not_in_the_table_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        allowed("everything")


@pytest.mark.parametrize("role", ROLES)
def test_what_no_role_of_its_kind_may(role: str) -> None:
    areas = {area for area in AREAS if may(role, area)}
    if role == "reporting":
        assert areas == {"publications", "definitions"}
    if role == "analyst":
        assert areas == {"reports", "publications", "definitions", "live", "provider"}
    if role == "auditor":
        assert not areas & WRITING
    if role == "admin":
        assert areas == {
            "publications",
            "publishing",
            "definitions",
            "live",
            "projections",
            "operating",
            "schedules",
            "erasure",
            "setting-aside",
            "provider",
            "defining",
            "importing",
        }
    assert ("reports" in areas) == (role in {"clinician", "auditor", "analyst"})


def test_every_operation_but_the_public_ones_asks_for_a_sign_in(api: Api) -> None:
    document = api.app.openapi()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert ("security" in operation) == (path not in PUBLIC), path


def test_a_chart_of_another_site_is_not_shown(api: Api) -> None:
    api.admit("A-1")
    client_id = api.services.log.client_id("A-1")
    check_site(api.services, Principal("x", "clinician", frozenset({"north"})), client_id)
    with pytest.raises(NotYoursError):
        check_site(api.services, Principal("x", "clinician", frozenset({"south"})), client_id)
