"""Heads, proofs and verification over HTTP: for auditors, and a look at an entry is on record."""

from __future__ import annotations

import runpy
from uuid import UUID

import pytest
from http_support import Api

from infra.integrity.seal_setup import seal
from tests.conftest import ROOT

SCRIPT = runpy.run_path(str(ROOT / "docs/verify/carejourney_verify.py"))
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def event_id(api: Api) -> str:
    """An entry of a chart, under the second head."""
    api.done("A-1", "register-client")
    seal(api.services)
    api.admit("A-2")
    seal(api.services)
    [first, *_] = api.services.log.stream(api.services.log.client_id("A-1"))
    return str(UUID(first.meta["i"]))


@pytest.mark.parametrize("role", ["intake", "clinician", "analyst", "reporting", "admin"])
@pytest.mark.parametrize("path", ["heads", f"proofs/{NOBODY}", "verify"])
def test_integrity_is_for_auditors(api: Api, role: str, path: str) -> None:
    assert api.get(f"/api/v1/audit/{path}", role).status_code == 403


def test_heads_come_page_by_page_with_their_keys(api: Api, event_id: str) -> None:
    first = api.get("/api/v1/audit/heads?limit=1", "auditor").json()
    second = api.get(f"/api/v1/audit/heads?limit=1&cursor={first['next_cursor']}", "auditor").json()
    heads = [*first["heads"], *second["heads"]]
    assert [(head["number"], head["size"]) for head in heads] == [(1, 1), (2, 4)]
    assert {head["key_id"] for head in heads} == {key["key_id"] for key in first["keys"]}
    assert api.get("/api/v1/audit/heads?log=access", "auditor").json()["heads"] == []


def test_a_proof_over_http_is_believed_by_the_script(api: Api, event_id: str) -> None:
    answer = api.get(f"/api/v1/audit/proofs/{event_id}", "auditor")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    SCRIPT["check_proof"](answer.content)
    grown = api.get(f"/api/v1/audit/proofs/{event_id}?from_head=1", "auditor")
    proof, _ = SCRIPT["check_proof"](grown.content)
    assert (proof["from_head"]["number"], proof["head"]["number"]) == (1, 2)


def test_a_proof_is_recorded_as_a_look_at_the_chart(api: Api, event_id: str) -> None:
    api.get(f"/api/v1/audit/proofs/{event_id}", "auditor")
    [entry] = [entry for entry in api.services.people.log.every() if entry.kind == "ChartsRead"]
    assert entry.clients == (api.services.log.client_id("A-1"),)
    assert entry.role == "auditor"


def test_what_cannot_be_proved_is_not_found(api: Api, event_id: str) -> None:
    api.done("A-3", "register-client")
    [fresh] = api.services.log.stream(api.services.log.client_id("A-3"))
    for path in (NOBODY, fresh.meta["i"], f"{event_id}?from_head=7"):
        answer = api.get(f"/api/v1/audit/proofs/{path}", "auditor")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_verification_says_what_was_altered(api: Api, event_id: str) -> None:
    body = api.get("/api/v1/audit/verify", "auditor").json()
    assert (body["holds"], body["findings"]) == (True, [])
    assert (body["logs"][0]["entries"], body["logs"][0]["sealed"]) == (4, 4)
    with api.services.log.recorder.writing() as tx:
        tx.rows(f"DELETE FROM {tx.events_table} WHERE {tx.position_column}=3")
    body = api.get("/api/v1/audit/verify", "auditor").json()
    assert not body["holds"]
    assert {"missing", "rolled-back"} <= {finding["kind"] for finding in body["findings"]}
    assert api.get(f"/api/v1/audit/proofs/{event_id}", "auditor").status_code == 500
