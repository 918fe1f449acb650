"""Possible duplicates over HTTP: asked before somebody is registered, listed for those who merge, told apart."""

from __future__ import annotations

from http_support import Api

from infra.identity.people import Principal
from infra.privacy.names.duplicates import candidates
from tests.spec import NOW

ONE = {"name": "Katherine Marsh", "birth_date": "1990-04-12"}
ALIKE = {"name": "Catherine Marsh", "birth_date": "1990-04-12"}


def test_a_person_who_may_have_a_chart_is_asked_about_first(api: Api) -> None:
    api.done("A-1", "register-client", ONE)
    answer = api.command("A-2", "register-client", ALIKE, asking=True)
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["type"], problem["clients"], problem["others"]) == ("/problems/possible-duplicate", ["A-1"], 0)
    assert "Marsh" not in answer.text
    assert api.entries("A-2") == 0
    api.done("A-2", "register-client", ALIKE)
    assert api.entries("A-2") == 1  # told, and recorded


def test_who_does_not_ask_is_told(api: Api) -> None:
    assert "possible_duplicates" not in api.done("A-1", "register-client", ONE, asking=None)
    told = api.done("A-2", "register-client", ALIKE, asking=None)["possible_duplicates"]
    assert told == {"clients": ["A-1"], "others": 0}


def test_nobody_is_asked_about_who_looks_like_nobody_or_about_the_same_request_again(api: Api) -> None:
    key = {"Idempotency-Key": "one"}
    first = api.done("A-1", "register-client", ONE, asking=True, headers=key)
    api.done("A-2", "register-client", ALIKE)
    again = api.done("A-1", "register-client", ONE, asking=True, headers=key)
    assert (again["replayed"], again["event_ids"]) == (True, first["event_ids"])
    api.done("A-3", "register-client", {"name": "Otto Jones", "birth_date": "1980-01-01"}, asking=True)


def test_a_number_in_another_spelling_is_asked_about(api: Api) -> None:
    api.done("SIM-000007", "register-client", ONE)
    other = {"name": "Otto Jones", "birth_date": "1980-01-01"}
    assert api.command("sim 7", "register-client", other, asking=True).json()["clients"] == ["SIM-000007"]


def test_charts_of_other_sites_are_counted_and_not_named(api: Api) -> None:
    api.admit("A-1")
    site = api.get("/api/v1/clients/A-1").json()["status"]["site"]
    name, born = "Simulated Person", NOW.date().replace(year=1990, month=4, day=1)
    elsewhere = Principal("x", "intake", frozenset({"elsewhere"}))
    found = candidates(api.services, elsewhere, "A-9", name, born)
    assert (found.clients, found.others) == ([], 1)
    there = candidates(api.services, Principal("x", "intake", frozenset({site})), "A-9", name, born)
    assert (there.clients, there.others) == (["A-1"], 0)


def test_those_who_merge_see_every_pair_until_it_is_told_apart_and_each_look_is_recorded(api: Api) -> None:
    api.done("A-1", "register-client", ONE)
    api.done("A-2", "register-client", ALIKE)
    before = api.services.people.log.recorder.head()
    listed = api.get("/api/v1/clients/duplicates").json()
    assert listed == {"pairs": [{"client": "A-1", "other": "A-2", "how": ["name"]}], "others": 0}
    assert api.services.people.log.recorder.head() > before
    for role in ("intake", "auditor", "analyst", "reporting", "admin"):
        assert api.get("/api/v1/clients/duplicates", role).status_code == 403
    body = api.done("A-1", "keep-apart", {"other_client": "A-2"})
    assert api.get("/api/v1/clients/duplicates").json()["pairs"] == []
    api.done("A-1", "retract", {"target": body["event_ids"][0], "reason": "one person"})
    assert len(api.get("/api/v1/clients/duplicates").json()["pairs"]) == 1
    api.done("A-1", "merge", {"other_client": "A-2"})
    assert api.get("/api/v1/clients/duplicates").json()["pairs"] == []


def test_a_chart_is_told_apart_from_another_that_is_there(api: Api) -> None:
    api.done("A-1", "register-client", ONE)
    assert api.command("A-1", "keep-apart", {"other_client": "A-1"}).status_code == 422
    assert api.command("A-1", "keep-apart", {"other_client": "A-9"}).status_code == 404


def test_overlapping_stays_are_decided_by_a_command(api: Api) -> None:
    api.admit("A-1")
    api.admit("A-2")
    refused = api.command("A-1", "merge", {"other_client": "A-2"})
    assert [one["criterion"] for one in refused.json()["refusals"]] == ["overlap_decided"]
    stays = [
        item["event_id"]
        for name in ("A-1", "A-2")
        for item in api.get(f"/api/v1/clients/{name}/timeline").json()["items"]
        if item["type"] == "LevelOfCareStarted"
    ]
    choice = {"stays": stays, "counts": stays[1]}
    body = api.done("A-1", "merge", {"other_client": "A-2", "overlaps": [choice]})
    api.done("A-1", "retract", {"target": body["event_ids"][1], "reason": "the other"})
    api.done("A-1", "resolve-overlap", {"stays": stays, "counts": stays[0]})
    assert len(api.get("/api/v1/clients/A-1/rows").json()["tables"]["stay"]) == 1
