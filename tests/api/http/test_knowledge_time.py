"""Knowledge time over HTTP: reports and status as of a moment, and what changed between two."""

from __future__ import annotations

import pytest
from http_support import Api


@pytest.fixture
def moments(api: Api) -> list[str]:
    """Before anything, with an open stay, and after its end was corrected."""
    told = [api.clock().isoformat()]
    api.clock.move(hours=1)
    api.admit("K-1")
    api.clock.move(hours=1)
    told.append(api.clock().isoformat())
    api.clock.move(days=40)
    done = api.done("K-1", "end-level", {"level": "residential", "reason": "completed"})
    api.clock.move(hours=1)
    told.append(api.clock().isoformat())
    api.clock.move(hours=1)
    entry = api.get("/api/v1/clients/K-1/history").json()["entries"][-1]
    said = {"level": "residential", "reason": "other"}
    replacement = {"type": entry["type"], "occurred_at": entry["occurred_at"], "data": said}
    api.done("K-1", "correct", {"target": done["event_ids"][0], "replacement": replacement, "reason": "wrong form"})
    api.clock.move(hours=1)
    return told


def completed(api: Api, as_of: str = "") -> object:
    """Completed and discharged stays as a report counts them."""
    params = {"as_of": as_of} if as_of else {}
    rows = api.get("/api/v1/reports/completion", params=params).json()["rows"]
    return [(row["completed"], row["discharges"]) for row in rows]


def test_a_report_answers_as_it_did_then(api: Api, moments: list[str]) -> None:
    assert [completed(api, moment) for moment in moments] == [[], [], [(1, 1)]]
    assert completed(api) == [(0, 1)]


def test_a_status_is_as_it_was(api: Api, moments: list[str]) -> None:
    before, *then = [api.get("/api/v1/clients/K-1", params={"as_of": moment}) for moment in moments]
    assert (before.status_code, before.json()["type"]) == (404, "/problems/not-known-then")
    assert [answer.json()["status"]["level"] for answer in then] == ["residential", ""]


def test_the_entry_that_changed_a_number_is_named(api: Api, moments: list[str]) -> None:
    answer = api.get(
        "/api/v1/audit/reports/completion/difference", role="auditor", params={"known_from": moments[2]}
    ).json()
    assert [(entry["client"], entry["type"], entry["effect"]) for entry in answer["entries"]] == [
        ("K-1", "EntryCorrected", "corrected")
    ]
    values = {cell["name"]: (cell["then"], cell["now"]) for cell in answer["cells"]}
    assert values["completed"] == (1, 0)


def test_what_became_known_of_a_client(api: Api, moments: list[str]) -> None:
    path = "/api/v1/audit/clients/K-1/difference"
    answer = api.get(path, role="auditor", params={"known_from": moments[1], "known_to": moments[2]}).json()
    assert [entry["type"] for entry in answer["entries"]] == ["LevelOfCareEnded"]
    later = api.get(path, role="auditor", params={"known_from": moments[2]}).json()
    assert (later["entries"][0]["before"], later["entries"][0]["after"]) == (
        {"reason": "completed"},
        {"reason": "other"},
    )
    assert {row["table"] for row in later["rows"]} >= {"stay"}


def test_moments_that_make_no_sense_are_refused(api: Api, moments: list[str]) -> None:
    path = "/api/v1/audit/clients/K-1/difference"
    turned = {"known_from": moments[2], "known_to": moments[0]}
    assert api.get(path, role="auditor", params=turned).status_code == 422
    assert api.get(path, role="auditor", params={"known_from": "yesterday"}).status_code == 422
    assert api.get(path, role="clinician", params={"known_from": moments[0]}).status_code == 403
    nothing = "/api/v1/audit/reports/nonsense/difference"
    assert api.get(nothing, role="auditor", params={"known_from": moments[0]}).status_code == 404


def test_an_analyst_asks_as_of_any_moment_and_is_told_no_entry(api: Api, moments: list[str]) -> None:
    path = "/api/v1/reports/completion"
    then = api.get(path, role="analyst", params={"as_of": moments[1]})
    assert then.json()["rows"] == api.get(path, role="auditor", params={"as_of": moments[1]}).json()["rows"]
    between = {"known_from": moments[0]}
    found = api.get("/api/v1/audit/reports/completion/difference", role="analyst", params=between).json()
    assert found["cells"]
    assert (found["entries"], found["clients"], {tuple(cell["entries"]) for cell in found["cells"]}) == ([], None, {()})
