"""Definitions of the provider over HTTP: recorded, asked of any moment, amended, and refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from http_support import Api, criteria, fields

from api.http.examples import DEFINITIONS
from domain.provider import DEFINING
from tests.poison import BAD_ID, HIDDEN, poison_definition

KINDS = {
    "define-site": ("site", "North"),
    "define-program": ("program", "IOP"),
    "define-staff": ("staff", "clinician-7"),
    "define-group": ("group", "iop-evening"),
    "adopt-code-list": ("code_list", "ICD-10-CM"),
    "define-consent-form": ("consent_form", "probation"),
}
PATH = "/api/v1/provider/"
FROM = "2026-01-05T18:00:00Z"


def define(api: Api, what: str, since: str = FROM, key: str = "", **more: Any) -> Any:
    body = {"occurred_at": since, "data": DEFINITIONS[what] | more}
    headers = {"Idempotency-Key": key} if key else {}
    return api.as_("admin").post(f"{PATH}commands/{what}", json=body, headers=headers)


def listed(api: Api, kind: str, **params: str) -> list[dict[str, Any]]:
    found = api.get(PATH + kind, params=params)
    assert found.status_code == 200, found.text
    return list(found.json()["definitions"])


@pytest.mark.parametrize("name", sorted(KINDS))
def test_what_is_defined_is_listed_and_has_a_history(api: Api, name: str) -> None:
    kind, key = KINDS[name]
    answer = define(api, name)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"1"'
    [one] = listed(api, kind)
    assert (one["key"], one["until"], one["event_id"].replace("-", "")) == (
        key,
        None,
        answer.json()["event_ids"][0].replace("-", ""),
    )
    [entry] = api.as_("auditor").get(f"{PATH}{kind}/history", params={"key": f" {key.upper()} "}).json()["entries"]
    assert (entry["type"], entry["role"], entry["data"]) == (DEFINING[name], "admin", one["data"])


def test_each_moment_has_its_definition(api: Api) -> None:
    define(api, "define-site")
    define(api, "define-site", "2026-02-01T00:00:00Z", name="North House")
    assert [one["name"] for one in listed(api, "site")] == ["North House"]
    assert [one["name"] for one in listed(api, "site", at="2026-01-20T00:00:00Z")] == ["North Campus (simulated)"]
    assert listed(api, "site", at="2025-01-20T00:00:00Z") == []
    assert listed(api, "site", as_of="2025-01-20T00:00:00Z") == []


def test_a_closed_group_is_listed_no_more(api: Api) -> None:
    assert criteria(define(api, "close-group")) == ["group_is_open"]
    define(api, "define-group")
    assert define(api, "close-group", "2026-01-06T00:00:00Z").status_code == 201
    assert listed(api, "group") == []


def test_a_withdrawn_consent_form_is_listed_no_more(api: Api) -> None:
    assert criteria(define(api, "withdraw-consent-form")) == ["consent_form_is_offered"]
    define(api, "define-consent-form")
    assert define(api, "withdraw-consent-form", "2026-01-06T00:00:00Z").status_code == 201
    assert listed(api, "consent_form") == []


def test_a_definition_is_corrected_and_taken_back(api: Api) -> None:
    target = define(api, "define-group").json()["event_ids"][0]
    new = {"type": "GroupDefined", "occurred_at": FROM, "data": DEFINITIONS["define-group"] | {"starts": "17:30"}}
    fix = {"target": target, "replacement": new, "reason": "typed wrong"}
    assert api.as_("admin").post(PATH + "commands/correct-definition", json=fix).status_code == 201
    assert [one["data"]["starts"] for one in listed(api, "group")] == ["17:30"]
    back = {"target": target, "reason": "no such group"}
    assert api.as_("admin").post(PATH + "commands/retract-definition", json=back).status_code == 201
    assert listed(api, "group") == []
    told = api.as_("auditor").get(PATH + "group/history", params={"key": "iop-evening"}).json()["entries"]
    assert [entry["data"].get("reason") for entry in told] == [None, "typed wrong", "no such group"]
    missing = back | {"target": "00000000-0000-4000-8000-000000000000"}
    assert api.as_("admin").post(PATH + "commands/retract-definition", json=missing).status_code == 404


def test_the_same_request_is_recorded_once(api: Api) -> None:
    first, again = define(api, "define-site", key="k-1"), define(api, "define-site", key="k-1")
    assert (again.status_code, again.json()["replayed"]) == (201, True)
    assert again.json()["position"] == first.json()["position"]
    assert define(api, "define-site", key="k-1", name="Else").status_code == 422


def test_what_is_wrong_is_said_by_its_field(api: Api) -> None:
    assert fields(define(api, "define-site", zone="Mars/Olympus")).keys() == {"data.zone"}
    assert criteria(define(api, "define-site", "2999-01-01T00:00:00Z")) == ["not_in_the_future"]
    assert api.get(PATH + "castle").status_code == 422
    assert api.get(PATH + "site/history", params={"key": "nowhere"}).status_code == 404


def test_an_entry_of_a_client_is_no_definition(api: Api) -> None:
    target = api.done("A-1", "register-client")["event_ids"][0]
    back = api.as_("admin").post(PATH + "commands/retract-definition", json={"target": target, "reason": "no"})
    assert back.status_code == 404


def test_what_cannot_be_read_is_named_and_can_be_set_aside(api: Api) -> None:
    define(api, "define-site")
    poison_definition(api.services.log, "provider:site:North")

    def unreadable() -> list[dict[str, Any]]:
        answer = api.as_("admin").get(PATH + "site/history", params={"key": "North"})
        assert HIDDEN not in answer.text
        return list(answer.json()["unreadable"])

    [unread] = unreadable()
    assert (unread["sequence"], unread["topic"], unread["aside"]) == (2, "Unheard.1", None)
    path, body = f"/api/v1/operations/entries/{BAD_ID}/set-aside", {"reason": "damaged"}
    answer = api.as_("admin").post(path, json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["client"]) == (201, "provider:site:North")
    assert api.as_("admin").post(path, json=body, headers={"Idempotency-Key": "k"}).json() == {
        **answer.json(),
        "replayed": True,
    }
    assert [unread["aside"]["reason"] for unread in unreadable()] == ["damaged"]
    assert api.as_("auditor").post(path, json=body).status_code == 403
