"""Forms: every command can be given in the browser without JavaScript; refusals, conflicts and doubles are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.addresses import address_of, segment
from api.app import create_app
from api.http.examples import EXAMPLES
from api.web.writing.command_forms import fields_for
from api.web.writing.fields import fields_of, read, shown
from api.web.writing.menu import GROUPS, TITLES
from domain.commands import RECORDING
from domain.events import CATALOGUE
from infra.bootstrap import Services, open_services
from infra.settings import Settings
from tests.prepared import empty_store


class Writer:
    """A clinician at the forms."""

    def __init__(self, services: Services, role: str = "clinician") -> None:
        self.services = services
        self.client = TestClient(create_app(services), base_url="http://127.0.0.1", follow_redirects=False)
        self.client.__enter__()  # starts what follows the log
        self.client.post("/sign-in", data={"role": role}, headers={"Origin": "http://127.0.0.1"})

    def form(self, path: str) -> dict[str, Any]:
        """The fields of the page's first form, as a browser would send them back."""
        page = self.client.get(path)
        assert page.status_code == 200, page.text
        return held(page.text)

    def send(self, path: str, fields: dict[str, Any]) -> Any:
        return self.client.post(path, data=fields)

    def record(self, chart: str, command: str, **values: Any) -> Any:
        path = f"/clients/{chart}/record/{command}"
        return self.send(path, self.form(path) | values)

    def entries(self, chart: str) -> list[Any]:
        return self.services.log.stream(self.services.log.client_id(chart), opened=True)


def held(page: str) -> dict[str, Any]:
    """What the page's form that writes holds."""
    form = page[page.index('class="card write"') :]
    form = form[: form.index("</form>")]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        if re.search('type="(radio|checkbox)"', tag) and " checked" not in tag:
            continue
        found[_attribute(tag, "name")] = _attribute(tag, "value")
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        value = chosen[1] if chosen else ""
        found[name] = value
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = inner
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """An empty programme."""
    services = open_services(Settings(database_url=SecretStr(empty_store(tmp_path)), demo=True))
    made = Writer(services)
    yield made
    made.client.__exit__()
    services.close()


ASSESSED = {
    **{f"asam:{number}": rating for number, rating in enumerate("102121", start=1)},
    "needs_24h_supervision": "no",
    "mental_health_severity": "mild",
    "home": "supportive",
    "substance_free_home": "yes",
    "motivated": "yes",
    "completed_prior_level": "yes",
}


@pytest.fixture
def admitted(writer: Writer) -> Writer:
    """W-1, registered, assessed and in IOP."""
    new = writer.form("/clients/new") | {"chart_number": "W-1", "name": "Simulated Person", "birth_date": "1990-02-03"}
    assert writer.send("/clients/new", new).status_code == 303
    assert (
        writer.record("W-1", "complete-assessment", recommended_level="intensive_outpatient", **ASSESSED).status_code
        == 303
    )
    assert writer.record("W-1", "start-level", level="intensive_outpatient", program="IOP").status_code == 303
    return writer


def test_every_command_has_a_title_a_place_in_the_menu_and_a_form() -> None:
    assert TITLES.keys() == {*RECORDING, "transfer"}
    assert {name for _, names in GROUPS for name in names} == TITLES.keys() - {"register-client"}
    for name in TITLES:
        assert fields_for(name) or RECORDING.get(name) in {"ClientDied"}, name


@pytest.mark.parametrize("name", sorted(RECORDING))
def test_what_a_form_shows_is_what_it_reads(name: str) -> None:
    """The API's example of each command, through the form and back."""
    cls = CATALOGUE.current(RECORDING[name])
    event = CATALOGUE.parse(cls.__name__, EXAMPLES[name])
    said = event.model_dump(mode="json", by_alias=True, exclude_none=True)
    given: dict[str, list[str]] = {}
    for field in fields_of(cls):
        value = shown(field, said.get(field.name))
        if field.kind == "ratings":
            given |= {f"asam:{number}": [rating] for number, rating in enumerate(value, start=1)}
        else:
            given[field.name] = [str(value)]
    again = CATALOGUE.parse(cls.__name__, read(fields_of(cls), given)).model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    for hidden in ("items", "overridden"):
        said.pop(hidden, None)
    for goal in said.get("goals", ()):
        goal.pop("dimension", None)
        goal.pop("goal_id", None)
    for goal in again.get("goals", ()):
        goal.pop("goal_id", None)
    again.pop("overridden", None)
    assert again == said


def test_a_client_is_admitted_through_forms(admitted: Writer) -> None:
    assert [entry.type for entry in admitted.entries("W-1")] == [
        "ClientRegistered",
        "AssessmentCompleted",
        "LevelOfCareStarted",
    ]
    assert admitted.entries("W-1")[1].event.asam == (1, 0, 2, 1, 2, 1)
    page = admitted.client.get("/clients/W-1").text
    assert "Intensive outpatient (IOP)" in page
    assert "/clients/W-1/record/attend-session" in page


def test_a_refusal_says_what_is_unmet_and_keeps_what_was_typed(writer: Writer) -> None:
    new = writer.form("/clients/new") | {"chart_number": "W-2", "name": "Simulated Person", "birth_date": "1990-02-03"}
    writer.send("/clients/new", new)
    writer.record(
        "W-2", "complete-assessment", recommended_level="intensive_outpatient", **(ASSESSED | {"home": "unsupportive"})
    )
    answer = writer.record("W-2", "start-level", level="intensive_outpatient", program="Evening IOP")
    assert answer.status_code == 422
    assert "The rules of care refuse this" in answer.text
    assert held(answer.text)["program"] == "Evening IOP"
    assert "Override reason" in answer.text
    again = held(answer.text) | {"override_reason": "family moves out on Friday"}
    assert writer.send("/clients/W-2/record/start-level", again).status_code == 303


def test_a_field_that_does_not_fit_is_named(admitted: Writer) -> None:
    answer = admitted.record("W-1", "attend-session", minutes="lots")
    assert answer.status_code == 422
    assert "minutes" in answer.text
    assert held(answer.text)["minutes"] == "lots"
    assert admitted.record("W-1", "attend-session", occurred_at="").status_code == 422


def test_sent_twice_is_recorded_once(admitted: Writer) -> None:
    path = "/clients/W-1/record/add-note"
    fields = admitted.form(path) | {"text": "slept well"}
    assert [admitted.send(path, fields).status_code for _ in range(2)] == [303, 303]
    assert [entry.type for entry in admitted.entries("W-1")].count("NoteAdded") == 1


def test_a_stale_form_shows_what_changed_and_can_be_sent_again(admitted: Writer) -> None:
    path = "/clients/W-1/record/add-note"
    fields = admitted.form(path) | {"text": "from the phone"}
    admitted.record("W-1", "result-screen", positive="opioid")
    answer = admitted.send(path, fields)
    assert answer.status_code == 409
    assert "Drug screen resulted" in answer.text
    assert held(answer.text)["text"] == "from the phone"
    assert admitted.send(path, held(answer.text)).status_code == 303


def test_an_entry_is_corrected_and_taken_back(admitted: Writer) -> None:
    admitted.record("W-1", "result-screen", positive="opioid")
    event_id = admitted.entries("W-1")[-1].event_id
    path = f"/clients/W-1/entries/{event_id}"
    fields = admitted.form(path)
    assert (fields["positive"], fields["specimen"]) == ("opioid", "urine")
    assert admitted.send(path, fields | {"positive": "", "reason": "wrong cup"}).status_code == 303
    page = admitted.client.get("/clients/W-1").text
    assert "corrected" in page
    assert admitted.form(path)["positive"] == ""
    undone = admitted.form(path) | {"do": "retract", "reason": "another client's"}
    assert admitted.send(path, undone).status_code == 303
    assert admitted.client.get(path).status_code == 404


def test_a_transfer_ends_one_level_and_starts_the_next(admitted: Writer) -> None:
    admitted.record("W-1", "complete-assessment", recommended_level="standard_outpatient", **ASSESSED)
    fields = admitted.form("/clients/W-1/record/transfer")
    assert (fields["level"], fields["reason"]) == ("standard_outpatient", "completed")
    assert admitted.send("/clients/W-1/record/transfer", fields).status_code == 303
    assert [entry.type for entry in admitted.entries("W-1")][-2:] == ["LevelOfCareEnded", "LevelOfCareStarted"]


def test_a_group_is_charted_once_for_all(admitted: Writer) -> None:
    new = admitted.form("/clients/new") | {"chart_number": "W-3", "name": "Simulated Other", "birth_date": "1990-02-03"}
    admitted.send("/clients/new", new)
    admitted.record("W-3", "complete-assessment", recommended_level="intensive_outpatient", **ASSESSED)
    admitted.record("W-3", "start-level", level="intensive_outpatient")
    fields = admitted.form("/group-session?level=intensive_outpatient")
    assert fields["minutes"] == "180"
    assert admitted.send("/group-session", fields).status_code == 422
    answer = admitted.send(
        "/group-session", fields | {"was:W-1": "there", "was:W-3": "excused", "topic": "mindfulness"}
    )
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/group-session?level=intensive_outpatient&charted=2",
    )
    there, away = admitted.entries("W-1")[-1], admitted.entries("W-3")[-1]
    assert (there.type, away.type, away.event.excused) == ("SessionAttended", "SessionMissed", True)
    assert there.meta["c"] == away.meta["c"]
    twice = admitted.form("/group-session?level=intensive_outpatient") | {"was:W-1": "there"}
    twice["occurred_at"] = fields["occurred_at"]
    refused = admitted.send("/group-session", twice)
    assert refused.status_code == 422
    assert "this session was charted at" in refused.text
    assert "by demo-clinician" in refused.text
    assert 'name="again"' in refused.text
    assert len(admitted.entries("W-1")) == there.sequence
    assert admitted.send("/group-session", held(refused.text) | {"again": "yes"}).status_code == 303
    assert len(admitted.entries("W-1")) == there.sequence + 1


def test_a_form_that_was_changed_after_it_was_recorded_can_be_sent_again(admitted: Writer) -> None:
    path = "/clients/W-1/record/add-note"
    fields = admitted.form(path) | {"text": "first"}
    assert admitted.send(path, fields).status_code == 303
    noted = admitted.entries("W-1")[-1]
    changed = admitted.send(path, fields | {"text": "second"})
    assert changed.status_code == 409
    assert f"/clients/W-1?recorded={UUID(hex=noted.event_id)}" in changed.text
    offered = held(changed.text)
    assert (offered["text"], offered["key"] == fields["key"]) == ("second", False)
    assert admitted.send(path, offered).status_code == 303
    assert [entry.type for entry in admitted.entries("W-1")[-2:]] == ["NoteAdded", "NoteAdded"]


def test_what_others_wrote_since_is_shown_also_after_a_change(admitted: Writer) -> None:
    path = "/clients/W-1/record/add-note"
    fields = admitted.form(path) | {"text": "first"}
    admitted.send(path, fields)
    admitted.record("W-1", "add-note", text="of somebody else")
    offered = held(admitted.send(path, fields | {"text": "second"}).text)
    assert offered["seen"] == str(int(fields["seen"]) + 1)
    assert "Somebody else wrote to this chart" in admitted.send(path, offered).text


def test_a_group_that_was_changed_after_it_was_recorded_can_be_sent_again(admitted: Writer) -> None:
    fields = admitted.form("/group-session?level=intensive_outpatient") | {"was:W-1": "there"}
    assert admitted.send("/group-session", fields).status_code == 303
    changed = admitted.send("/group-session", fields | {"kind": "family", "minutes": "90"})
    assert changed.status_code == 409
    assert "/clients/W-1?recorded=" in changed.text
    assert admitted.send("/group-session", held(changed.text)).status_code == 303


@pytest.mark.parametrize("path", ["/clients/W-1/record/attend-session", "/group-session?level=intensive_outpatient"])
def test_without_scripts_the_length_of_another_kind_is_asked_about_once(admitted: Writer, path: str) -> None:
    fields = admitted.form(path) | {"kind": "individual"}
    fields |= {"was:W-1": "there"} if "group" in path else {}
    assert fields["minutes"] == "180"
    to = path.partition("?")[0]
    asked = admitted.send(to, fields)
    assert asked.status_code == 422
    assert "of this kind it is 60" in asked.text
    assert admitted.send(to, held(asked.text)).status_code == 303
    assert admitted.entries("W-1")[-1].event.minutes == 180
    assert (
        admitted.send(to, fields | {"key": "another", "seen": "", "minutes": "50", "again": "yes"}).status_code == 303
    )
    assert admitted.entries("W-1")[-1].event.minutes == 50


def test_a_chart_number_is_used_once(admitted: Writer) -> None:
    new = admitted.form("/clients/new") | {"chart_number": "W-1", "name": "Simulated Other", "birth_date": "1991-02-03"}
    answer = admitted.send("/clients/new", new)
    assert answer.status_code == 422
    assert "Chart number: it is taken" in answer.text


def test_intake_is_offered_its_own_forms_only(admitted: Writer) -> None:
    intake = Writer(admitted.services, "intake")
    page = intake.client.get("/clients/W-1").text
    assert "record/give-consent" in page
    assert "record/attend-session" not in page
    assert intake.client.get("/clients/W-1/record/attend-session").status_code == 403
    assert intake.client.get("/clients/W-1/record/nonsense").status_code == 404
    intake.client.__exit__()


@pytest.mark.parametrize("number", ["2024/0153", "..", "100%", "a?b#c", "new"])
def test_a_chart_of_any_number_is_registered_found_and_written_to(writer: Writer, number: str) -> None:
    named = {"chart_number": f" {number} ", "name": "Simulated Person", "birth_date": "1990-02-03"}
    registered = writer.send("/clients/new", writer.form("/clients/new") | named)
    assert registered.status_code == 303
    assert registered.headers["location"].startswith(f"{address_of(number)}/admission?recorded=")
    assert writer.client.get(registered.headers["location"]).status_code == 200
    found = writer.send("/clients/find", writer.form("/clients/new") | {"chart": number.upper()})
    assert (found.status_code, found.headers["location"]) == (303, address_of(number))
    assert writer.record(segment(number), "add-note", text="seen").status_code == 303
    assert [entry.type for entry in writer.entries(number)] == ["ClientRegistered", "NoteAdded"]


@pytest.mark.parametrize("spelling", ["w-1", " W-1 ", "Ｗ-1"])
def test_a_chart_has_its_number_in_every_spelling(admitted: Writer, spelling: str) -> None:
    named = {"chart_number": spelling, "name": "Simulated Other", "birth_date": "1991-02-03"}
    assert "Chart number: it is taken" in admitted.send("/clients/new", admitted.form("/clients/new") | named).text
    page = admitted.client.get(address_of(spelling)).text
    assert "W-1" in page
    assert "Ｗ-1" not in page.partition("<main")[2].partition("<footer")[0]


@pytest.mark.parametrize("bad", [" ", "A\u200b1", "A\u202e1", "\u3164\u2060"])
def test_what_cannot_be_a_number_is_said_plainly(writer: Writer, bad: str) -> None:
    named = {"chart_number": bad, "name": "Simulated Person", "birth_date": "1990-02-03"}
    answer = writer.send("/clients/new", writer.form("/clients/new") | named)
    assert answer.status_code == 422
    assert "Chart number: the chart number" in answer.text
    assert writer.services.log.head() == 0


class TestAppointments:
    """A moment in a form is read and shown by the clocks of the facility."""

    def test_made_and_corrected(self, writer: Writer) -> None:
        new = writer.form("/clients/new") | {"chart_number": "W-1", "name": "Simulated Person"}
        writer.send("/clients/new", new | {"birth_date": "1990-02-03"})
        made = writer.record("W-1", "schedule-appointment", starts_at="2026-12-01T10:00", kind="individual")
        entry = writer.entries("W-1")[-1]
        zone = writer.services.settings.time_zone
        assert entry.event.starts_at == datetime(2026, 12, 1, 10, tzinfo=ZoneInfo(str(zone)))
        event_id = made.headers["location"].partition("recorded=")[2]
        assert writer.form(f"/clients/W-1/entries/{event_id}")["starts_at"] == "2026-12-01T10:00"
        assert writer.form("/clients/W-1/record/cancel-appointment")["appointment_id"] == entry.event.appointment_id

    def test_a_moment_that_is_none_is_refused(self, writer: Writer) -> None:
        new = writer.form("/clients/new") | {"chart_number": "W-1", "name": "Simulated Person"}
        writer.send("/clients/new", new | {"birth_date": "1990-02-03"})
        assert writer.record("W-1", "schedule-appointment", starts_at="soon").status_code == 422
