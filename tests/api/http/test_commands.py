"""Commands over HTTP: who may not, what is refused, then what is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from http_support import Api, criteria, fields

from api.http.access import AMENDING_COMMANDS, INTAKE_COMMANDS
from api.http.examples import EXAMPLES
from domain.commands import RECORDING

COMMANDS = (*RECORDING, *AMENDING_COMMANDS)


class TestRefusals:
    """What is not recorded, and how that is said."""

    def test_nobody_signed_in(self, api: Api) -> None:
        headers = {"Authorization": "Bearer wrong"}
        answer = api.command("A-1", "register-client", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("role", ["auditor", "analyst", "reporting", "admin"])
    def test_who_writes_nothing(self, api: Api, role: str) -> None:
        for name in COMMANDS:
            assert api.command("A-1", name, role=role).status_code == 403, name
        assert api.services.log.head() == 0

    def test_intake_writes_what_intake_does(self, api: Api) -> None:
        allowed = {name for name in COMMANDS if api.command("A-1", name, role="intake").status_code != 403}
        assert allowed == INTAKE_COMMANDS

    def test_no_such_chart(self, api: Api) -> None:
        answer = api.command("A-1", "add-note")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-chart")

    def test_no_such_command_names_those_there_are(self, api: Api) -> None:
        answer = api.as_("clinician").post("/api/v1/clients/A-1/commands/heal", json={})
        assert answer.status_code == 404
        assert "start-level" in answer.json()["detail"]

    def test_every_unmet_criterion_is_named(self, api: Api) -> None:
        api.admit("A-1", "standard_outpatient")
        start = {"level": "intensive_outpatient"}
        assert criteria(api.command("A-1", "start-level", start)) == [
            "no_other_level_open",
            "assessment_recommends_level",
            "prior_level_completed",
            "no_24h_supervision",
        ]
        assert api.entries("A-1") == 3

    def test_an_override_is_for_clinicians(self, api: Api) -> None:
        api.done("A-1", "register-client")
        start = {"level": "residential", "override_reason": "court order"}
        assert api.command("A-1", "start-level", start, role="intake").status_code == 403
        api.done("A-1", "start-level", start)

    def test_a_stale_sequence_is_told_what_changed(self, api: Api) -> None:
        first = api.command("A-1", "register-client")
        api.done("A-1", "add-note")
        answer = api.command("A-1", "add-note", headers={"If-Match": first.headers["etag"]})
        problem = answer.json()
        assert (answer.status_code, problem["expected"], problem["actual"]) == (409, 1, 2)
        changes = [(change["sequence"], change["type"]) for change in problem["changed_since"]]
        assert changes == [(2, "NoteAdded")]
        assert api.entries("A-1") == 2

    @pytest.mark.parametrize("sent", ['"x"', "5", 'W/"1"', '"1", "2"', '"-1"'])
    def test_an_if_match_that_is_no_sequence(self, api: Api, sent: str) -> None:
        answer = api.command("A-1", "register-client", headers={"If-Match": sent})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")

    def test_a_sequence_that_is_not_there_yet(self, api: Api) -> None:
        api.done("A-1", "register-client")
        answer = api.command("A-1", "add-note", headers={"If-Match": '"7"'})
        assert (answer.status_code, answer.json()["changed_since"]) == (409, [])

    def test_a_key_used_for_another_request(self, api: Api) -> None:
        api.done("A-1", "register-client")
        headers = {"Idempotency-Key": "k-1"}
        api.done("A-1", "add-note", {"text": "one"}, headers=headers)
        answer = api.command("A-1", "add-note", {"text": "two"}, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/key-reused")

    @pytest.mark.parametrize("key", ["", "two words", "x" * 201])
    def test_a_key_that_is_none(self, api: Api, key: str) -> None:
        answer = api.command("A-1", "register-client", headers={"Idempotency-Key": key})
        assert answer.status_code == 400

    def test_a_correction_that_does_not_fit_its_type(self, api: Api) -> None:
        api.done("A-1", "register-client")
        note = api.done("A-1", "add-note")["event_ids"][0]
        for kind, data in (("NoteAdded", {"txt": "x"}), ("NoteAdded", {}), ("Nonsense", {})):
            new = {"type": kind, "occurred_at": api.clock.now.isoformat(), "data": data}
            answer = api.command("A-1", "correct", {"target": note, "replacement": new, "reason": "wrong"})
            assert fields(answer)
        assert api.entries("A-1") == 2


class TestRecording:
    """What is recorded, once."""

    def test_every_example_fits_its_command(self, api: Api) -> None:
        """Each example is understood: it is recorded, or refused by a rule of the journey."""
        refused: set[str] = set()
        for name, kind in RECORDING.items():
            reference = f"A-{name}"
            if name != "register-client":
                api.admit(reference)
            answer = api.command(reference, name)
            if answer.status_code != 201:
                assert criteria(answer), name
                refused.add(name)
                continue
            history = api.get(f"/api/v1/clients/{reference}/history", "auditor").json()
            assert history["entries"][-1]["type"] == kind
        assert refused == {
            *("revoke-consent", "start-level", "end-leave", "leave-group"),
            *("reschedule-appointment", "cancel-appointment", "assign-handoff", "close-handoff"),
        }

    def test_the_answer_says_where_it_went(self, api: Api) -> None:
        answer = api.command("A-1", "register-client")
        body = answer.json()
        assert (answer.headers["etag"], body["client"], body["sequence"]) == ('"1"', "A-1", 1)
        assert (body["position"], len(body["event_ids"]), body["replayed"]) == (1, 1, False)
        again = api.command("A-1", "add-note", headers={"If-Match": answer.headers["etag"]})
        assert again.status_code == 201

    def test_a_repeated_request_answers_as_it_did(self, api: Api) -> None:
        headers = {"Idempotency-Key": "6f1c"}
        first = api.command("A-1", "register-client", headers=headers)
        again = api.command("A-1", "register-client", headers={**headers, "If-Match": '"0"'})
        assert again.status_code == 201
        assert again.json() == {**first.json(), "replayed": True}
        assert api.entries("A-1") == 1

    def test_a_key_belongs_to_its_person(self, api: Api) -> None:
        headers = {"Idempotency-Key": "6f1c"}
        api.done("A-1", "register-client", headers=headers, role="intake")
        assert criteria(api.command("A-1", "register-client", headers=headers)) == ["registered_once"]

    def test_the_author_is_who_signed_in(self, api: Api) -> None:
        now = api.clock.now.isoformat()
        body = {"occurred_at": now, "site": "north", "data": EXAMPLES["register-client"]}
        sent = api.as_("intake").post("/api/v1/clients/A-1/commands/register-client", json=body)
        (entry,) = api.get("/api/v1/clients/A-1/history").json()["entries"]
        assert (entry["actor"], entry["role"], entry["source"]) == ("demo-intake", "intake", "api")
        assert (entry["site"], entry["correlation_id"]) == ("north", sent.headers["x-request-id"])

    @pytest.mark.parametrize("name", ["محمد بن سلمى", "😀 👩‍👩‍👧‍👦", "Zoë", "李 小龍", "a\u202eb"])
    def test_names_of_every_script(self, api: Api, name: str) -> None:
        api.done("A-1", "register-client", {"name": name, "birth_date": "1990-01-01"})
        item = api.get("/api/v1/clients/A-1/timeline").json()["items"][0]
        assert item["data"]["name"] == name

    def test_chart_numbers_of_every_script(self, api: Api) -> None:
        api.done("№ 7 😀", "register-client")
        assert api.get("/api/v1/clients/№ 7 😀").json()["client"] == "№ 7 😀"


class TestAmending:
    """Transfers, corrections, retractions, merges."""

    def test_a_transfer_ends_and_starts_in_one_append(self, api: Api) -> None:
        api.admit("A-1")
        data = {"start": {"level": "standard_outpatient", "override_reason": "work"}, "reason": "completed"}
        body = api.done("A-1", "transfer", data)
        assert (len(body["event_ids"]), body["sequence"]) == (2, 5)
        status = api.get("/api/v1/clients/A-1").json()["status"]
        assert status["level"] == "standard_outpatient"

    def test_a_correction_shows_what_it_replaced(self, api: Api) -> None:
        api.admit("A-1")
        session = api.done("A-1", "attend-session")["event_ids"][0]
        data: dict[str, Any] = {**EXAMPLES["correct"], "target": session}
        data["replacement"] = {**data["replacement"], "occurred_at": api.clock.now.isoformat()}
        api.done("A-1", "correct", data)
        item = api.get("/api/v1/clients/A-1/timeline").json()["items"][-1]
        assert (item["data"]["minutes"], item["corrected"]["before"]["minutes"]) == (90, 180)

    def test_a_retraction_and_its_retraction(self, api: Api) -> None:
        api.done("A-1", "register-client")
        note = api.done("A-1", "add-note")["event_ids"][0]
        undo = api.done("A-1", "retract", {"target": note, "reason": "wrong chart"})["event_ids"][0]
        path = "/api/v1/clients/A-1/timeline"
        assert len(api.get(path).json()["items"]) == 1
        assert len(api.get(path + "?retracted=true").json()["items"]) == 2
        api.done("A-1", "retract", {"target": undo, "reason": "right chart after all"})
        assert len(api.get(path).json()["items"]) == 2

    def test_a_merge_moves_the_history(self, api: Api) -> None:
        for reference in ("A-1", "A-2"):
            api.done(reference, "register-client")
        api.done("A-2", "add-note")
        body = api.done("A-1", "merge", {"other_client": "A-2"})
        assert len(api.get("/api/v1/clients/A-1/timeline").json()["items"]) == 4
        assert api.get("/api/v1/clients/A-2").json()["merged_into"] == "A-1"
        assert criteria(api.command("A-2", "add-note")) == ["chart_not_merged"]
        api.done("A-1", "retract", {"target": body["event_ids"][0], "reason": "two people"})
        assert api.get("/api/v1/clients/A-2").json()["merged_into"] is None
        api.done("A-2", "add-note")
