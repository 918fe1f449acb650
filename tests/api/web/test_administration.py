"""Administration: what the provider says of itself as tables and forms, for those who define and those who read."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.http.examples import DEFINITIONS
from api.web.administration.kinds import PAGES
from tests.api.access.conftest import House, make_house
from tests.prepared import empty_store

# What each form is filled in with, and a cell of the table that it leads to.
FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "site": (
        {"site": "North", "name": "North House", "zone": "America/Chicago", "capacity": ["", "16", "", "", "", ""]},
        "Residential: 16",
    ),
    "program": ({"program": "IOP", "level": "intensive_outpatient", "aliases": "H0015\nS9480"}, "H0015, S9480"),
    "staff": ({"staff": "c-7", "name": "Ada Example", "roles": "clinician", "sites": "", "until": ""}, "Ada Example"),
    "group": (
        {
            "group_id": "iop-eve",
            "name": "IOP, evening",
            "level": "intensive_outpatient",
            "site": "North",
            "slot": "evening",
            "weekdays": ["wednesday", "monday"],
            "starts": "18:00",
            "minutes": "180",
        },
        "Mon, Wed",
    ),
    "code_list": ({"list": "ICD-10-CM", "edition": "2027", "digest": "ab" * 32}, "2027"),
    "consent_form": (
        {
            "form": "probation",
            "name": "Reports to probation",
            "disclosed": "attendance\ndrug screens",
            "purpose": "supervision by the court",
            "recipient_kind": "court",
            "recipient": "",
            "days_valid": "90",
            "states": ["client_name", "revocation"],
        },
        "attendance, drug screens",
    ),
}
CELLS = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def send(browser: TestClient, address: str, typed: dict[str, Any], form: str = "") -> Any:
    """Fill in the form at an address and send it; ``form`` is the part of its page that has it."""
    page = browser.get(address).text
    hidden = fields_of(page[page.index(form) :].partition("</form>")[0] if form else page.partition("<main")[2])
    csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    return browser.post(
        address.partition("?")[0] if "define" in address else address, data={**hidden, **typed, "csrf": csrf}
    )


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>|[⁨⁩]", " ", page.partition("<main")[2])).split())


@pytest.fixture
def admin(house: House) -> TestClient:
    return house.browser("admin")


def test_every_kind_has_an_example() -> None:
    assert FORMS.keys() == PAGES.keys()


@pytest.mark.parametrize("kind", FORMS)
def test_what_is_defined_stands_in_the_table_and_its_history(house: House, admin: TestClient, kind: str) -> None:
    typed, cell = FORMS[kind]
    page = PAGES[kind]
    assert f"{page.empty} {page.prompt}" in words(admin.get(f"/administration/{kind}").text)
    looks_on = words(house.browser("clinician").get(f"/administration/{kind}").text)
    assert page.empty in looks_on and page.prompt not in looks_on
    answer = send(admin, f"/administration/{kind}/define", typed)
    assert answer.status_code == 303, words(answer.text)
    shown = admin.get(answer.headers["location"]).text
    assert "Saved." in words(shown)
    assert cell in words(shown)
    key = typed[page.key_field]
    told = words(admin.get(f"/administration/{kind}/history?key={key.lower()}").text)
    assert " (admin)" in told
    assert cell in told
    csv = admin.get(f"/administration/{kind}.csv").text.splitlines()
    assert csv[0].split(",")[0] == page.key_field
    assert key in csv[1]


@pytest.mark.parametrize("kind", FORMS)
def test_a_change_begins_with_what_is_in_force(house: House, admin: TestClient, kind: str) -> None:
    typed, _ = FORMS[kind]
    page = PAGES[kind]
    key = typed[page.key_field]
    send(admin, f"/administration/{kind}/define", typed)
    house.hands.move(minutes=20)
    form = admin.get(f"/administration/{kind}/define?key={key}").text
    assert page.change in words(form)
    name, value = next((name, value) for name, value in typed.items() if name not in {page.key_field, "roles", "sites"})
    held = value[1] if isinstance(value, list) else value.split("\n")[0]
    assert unescape(form).count(held) >= 1, name
    changed = {**typed, "name": "Another"} if "name" in typed else typed
    assert send(admin, f"/administration/{kind}/define?key={key}", changed).status_code == 303
    assert words(admin.get(f"/administration/{kind}").text).count(key) >= 1
    told = words(admin.get(f"/administration/{kind}/history?key={key}").text)
    assert told.count("Take it back") == 4  # the summary and the button of both


def test_the_table_is_as_of_a_moment(house: House, admin: TestClient) -> None:
    send(admin, "/administration/site/define", {**FORMS["site"][0], "since": "2026-01-01T00:00"})
    house.hands.move(minutes=20)
    send(admin, "/administration/site/define?key=North", {**FORMS["site"][0], "name": "North Campus"})
    now, then = (words(admin.get(f"/administration/site{at}").text) for at in ("", "?at=2026-02-01T00:00"))
    assert "North Campus" in now
    assert "North House" in then
    assert "Nothing was in force then" in words(admin.get("/administration/site?as_of=2026-03-01T00:00").text)
    assert "North House" in admin.get("/administration/site.csv?at=2026-02-01T00:00").text
    wrong = admin.get("/administration/site?at=never")
    assert (wrong.status_code, "is not a date and time" in words(wrong.text)) == (422, True)
    assert admin.get("/administration/site.csv?at=never").status_code == 422


@pytest.mark.parametrize(
    ("kind", "wrong", "name", "text"),
    [
        ("site", {"zone": "Mars/Olympus"}, "zone", "is no IANA time zone"),
        ("site", {"name": ""}, "name", "Fill this in."),
        ("site", {"capacity": ["", "-1", "", "", "", ""]}, "capacity-residential", "greater than or equal to 0"),
        ("site", {"capacity": ["", "many", "", "", "", ""]}, "capacity-residential", "valid integer"),
        ("site", {"since": "2999-01-01T00:00"}, "since", "the time is in the future"),
        ("site", {"since": "never"}, "since", "give another date and time"),
        ("group", {"weekdays": []}, "weekdays", "Fill this in."),
        ("group", {"starts": "25:00"}, "starts", "is no time of day"),
        ("group", {"level": "castle"}, "level", "Input should be"),
        ("code_list", {"digest": "xyz"}, "digest", "is no digest"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    house: House, admin: TestClient, kind: str, wrong: dict[str, Any], name: str, text: str
) -> None:
    answer = send(admin, f"/administration/{kind}/define", {**FORMS[kind][0], **wrong})
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert "<title>Not saved: " in page
    [field] = re.findall(r'<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>', page)
    assert f'aria-describedby="e-{name}"' in field
    assert " autofocus" in field
    assert f'href="#f-{name}">{PAGES[kind].labels[name]}: ' in page
    [said] = re.findall(rf'id="e-{name}">([^<]*)<', page)
    assert text in said
    held = next(value for key, value in FORMS[kind][0].items() if key not in wrong and isinstance(value, str))
    assert held in page
    assert house.services.log.recorder.head() == 0


def test_what_is_defined_already_is_not_defined_again(admin: TestClient) -> None:
    typed = FORMS["site"][0]
    send(admin, "/administration/site/define", typed)
    answer = send(admin, "/administration/site/define", {**typed, "site": " NORTH "})
    assert answer.status_code == 422
    assert "It is defined already" in words(answer.text)
    assert "/administration/site/define?key=NORTH" in answer.text


def test_a_form_sent_twice_is_recorded_once(house: House, admin: TestClient) -> None:
    page = admin.get("/administration/site/define").text
    form = {**fields_of(page), **FORMS["site"][0], "csrf": re.findall(r'name="csrf" value="(\w+)"', page)[0]}
    for _ in range(2):
        assert admin.post("/administration/site/define", data=form).status_code == 303
        house.hands.move(minutes=1)
    assert house.services.log.recorder.head() == 1
    changed = admin.post("/administration/site/define", data={**form, "name": "Else"})
    assert changed.status_code == 409
    assert "This form was recorded before you changed it" in words(changed.text)
    assert 'value="Else"' in changed.text
    assert house.services.log.recorder.head() == 1


def test_two_who_change_one_thing_are_told(house: House, admin: TestClient) -> None:
    typed = FORMS["site"][0]
    send(admin, "/administration/site/define", typed)
    page = admin.get("/administration/site/define?key=North").text
    form = {**fields_of(page), **typed, "csrf": re.findall(r'name="csrf" value="(\w+)"', page)[0], "name": "Mine"}
    send(house.browser("admin", name="b.lee"), "/administration/site/define?key=North", {**typed, "name": "Theirs"})
    stale = admin.post("/administration/site/define", data=form)
    assert stale.status_code == 409
    assert "Somebody else changed this" in words(stale.text)
    assert 'value="Mine"' in stale.text
    again = {**fields_of(stale.text), **typed, "csrf": form["csrf"], "name": "Mine"}
    assert admin.post("/administration/site/define", data=again).status_code == 303
    assert "Mine" in words(admin.get("/administration/site").text)


def test_a_group_is_closed_and_a_definition_taken_back(house: House, admin: TestClient) -> None:
    typed = FORMS["group"][0]
    send(admin, "/administration/group/define", typed)
    house.hands.move(minutes=20)
    told = "/administration/group/history?key=iop-eve"
    assert send(admin, told, {"reason": "moved"}, "Close this group").status_code == 303
    assert "No group is defined" in words(admin.get("/administration/group").text)
    page = words(admin.get(told).text)
    assert "Group closed" in page
    assert "Reason: moved" in page
    refused = send(admin, told, {"reason": " "}, "Take it back")
    assert refused.status_code == 422
    assert "Say why it is taken back." in words(refused.text)
    assert " autofocus" in refused.text
    assert send(admin, told, {"reason": "it goes on"}, "Take it back").status_code == 303
    assert "iop-eve" in words(admin.get("/administration/group").text)
    page = words(admin.get(told).text)
    assert "taken back later" in page
    assert "Taken back" in page
    wrong = send(admin, told, {"reason": "x", "target": "none"}, "Take it back")
    assert (wrong.status_code, "Choose one of the entries" in words(wrong.text)) == (422, True)


def test_a_correction_is_named(house: House, admin: TestClient) -> None:
    api = house.api("admin")
    body = {"data": DEFINITIONS["define-group"]}
    target = api.post("/api/v1/provider/commands/define-group", json=body).json()["event_ids"][0]
    new = {
        "type": "GroupDefined",
        "occurred_at": house.hands.now.isoformat(),
        "data": {**body["data"], "starts": "17:30"},
    }
    fix = {"target": target, "replacement": new, "reason": "typed wrong"}
    assert api.post("/api/v1/provider/commands/correct-definition", json=fix).status_code == 201
    page = words(admin.get("/administration/group/history?key=iop-evening").text)
    for text in ("Correction", "corrected later", "17:30", "18:00", "typed wrong"):
        assert text in page


@pytest.mark.parametrize("role", ["clinician", "intake", "auditor", "analyst"])
def test_others_see_the_tables_without_forms(house: House, admin: TestClient, role: str) -> None:
    send(admin, "/administration/group/define", FORMS["group"][0])
    browser = house.browser(role)
    for address in ("/administration/group", "/administration/group/history?key=iop-eve"):
        page = browser.get(address)
        assert page.status_code == 200
        assert "iop-eve" in page.text
        assert 'action="/administration' not in page.text
        assert "/define" not in page.text
    assert browser.get("/administration/group/define").status_code == 403


def test_there_is_no_other_kind_or_thing(admin: TestClient) -> None:
    for address in ("castle", "castle.csv", "castle/define", "castle/history", "site/history?key=nowhere"):
        assert admin.get(f"/administration/{address}").status_code == 404
    assert admin.get("/administration/site/history").headers["location"] == "/administration/site"


def test_a_zone_that_decides_no_day_is_said(tmp_path: Any) -> None:
    house = make_house(empty_store(tmp_path), time_zone="America/Chicago", site_time_zones={"West": "America/Denver"})
    admin = house.browser("admin")
    for site, zone in (("North", "US/Central"), ("West", "America/Denver"), ("East", "America/New_York")):
        send(admin, "/administration/site/define", {"site": site, "name": site, "zone": zone})
    page = admin.get("/administration/site").text
    assert re.findall(r'data-zone="(\w+)"', page) == ["East"]
    assert "East is defined in America/New_York, but its days are decided in America/Chicago." in re.sub(
        " +", " ", words(page)
    )
    assert "CAREJOURNEY_SITE_TIME_ZONES" in page
    for client in house.open:
        client.close()
    house.services.close()


def test_names_of_entries_that_nothing_defines_are_listed(house: House, admin: TestClient) -> None:
    house.admit("A-1", "north")
    house.record("A-1", "join-group", group_id="morning")
    house.services.catch_up()
    for kind, name in (("site", "north"), ("group", "morning")):
        page = admin.get(f"/administration/{kind}").text
        assert "Not defined yet" in page
        assert f'href="/administration/{kind}/define?key={name}"' in page
        form = admin.get(f"/administration/{kind}/define?key={name}").text
        assert f'value="{name}"' in form
        assert PAGES[kind].define in words(form)
        assert "Define" not in words(house.browser("analyst").get(f"/administration/{kind}").text).replace(
            "Define each", ""
        )
    send(admin, "/administration/site/define?key=north", FORMS["site"][0])
    assert "Not defined yet" not in admin.get("/administration/site").text
