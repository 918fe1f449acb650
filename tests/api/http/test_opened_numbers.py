"""Numbers opened over HTTP: who sees what, page by page, and an address that gives the number again."""

from __future__ import annotations

import pytest
from http_support import Api, fields

from api.http.access import AREAS, ROLES
from infra.eventstore.log import Author
from infra.privacy.erasure.requests import request

BASE = "/api/v1/reports"
NUMBER = f"{BASE}/status/number?number=clients&by=level&at=level=residential"
MEMBERS = f"{BASE}/status/members?number=clients&by=level&at=level=residential"
SEES_CLIENTS = {"clinician", "auditor"}


@pytest.fixture
def house(api: Api) -> Api:
    """Three clients in one level."""
    for name in ("A-1", "A-2", "A-3"):
        api.admit(name)
    api.services.catch_up()
    return api


class TestRefusals:
    """What is not answered."""

    @pytest.mark.parametrize("path", [NUMBER, MEMBERS])
    def test_nobody_signed_in(self, api: Api, path: str) -> None:
        assert api.get(path, headers={"Authorization": ""}).status_code == 401

    @pytest.mark.parametrize("role", [role for role in ROLES if role not in SEES_CLIENTS])
    def test_who_is_in_it_is_for_care(self, house: Api, role: str) -> None:
        answer = house.get(MEMBERS, role)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")
        assert "A-1" not in answer.text

    def test_no_such_report(self, api: Api) -> None:
        assert api.get(f"{BASE}/happiness/members?number=clients").status_code == 404

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "number"),
            ("number=happiness", "query"),
            ("number=clients&at=level", "at"),
            ("number=clients&at=shoe=9", "query"),
            ("number=clients&position=3", "position"),
            ("number=clients&as_of=soon", "as_of"),
            ("number=clients&limit=0", "limit"),
            ("number=clients&cursor=!", "cursor"),
        ],
    )
    def test_questions_that_cannot_be_answered(self, api: Api, query: str, field: str) -> None:
        assert list(fields(api.get(f"{BASE}/status/members?{query}"))) == [field]


class TestAnswers:
    """What is answered."""

    def test_the_number_alone_names_nobody(self, house: Api) -> None:
        for role in sorted(AREAS["reports"]):
            answer = house.get(NUMBER, role)
            assert answer.status_code == 200, answer.text
            assert answer.json()["value"] == 3
            assert answer.json()["definition"]
            assert not {"members", "clients"} & set(answer.json())
            assert "A-1" not in answer.text

    def test_pages_of_clients_with_the_entries_behind_each(self, house: Api) -> None:
        first = house.get(f"{MEMBERS}&limit=2").json()
        assert (first["value"], first["cases"], first["clients"], first["elsewhere"]) == (3, 3, 3, 0)
        rest = house.get(f"{MEMBERS}&limit=2&cursor={first['next_cursor']}").json()
        assert rest["next_cursor"] is None
        found = [*first["members"], *rest["members"]]
        assert {one["client"] for one in found} == {"A-1", "A-2", "A-3"}
        for one in found:
            stream = {str(entry.event_id) for entry in house.services.log.stream(one["client_id"].replace("-", ""))}
            assert [event["what"] for event in one["events"]] == ["assessed", "admitted"]
            assert {event["event_id"].replace("-", "") for event in one["events"]} <= stream

    def test_each_page_is_recorded_with_its_clients(self, house: Api) -> None:
        log = house.services.people.log
        before = log.page(limit=10**6)[-1:]
        page = house.get(f"{MEMBERS}&limit=2", "auditor").json()
        (entry,) = log.page(before[0].position if before else 0)
        assert entry.doing == "GET /api/v1/reports/{report}/members"
        assert set(entry.clients) == {one["client_id"].replace("-", "") for one in page["members"]}

    def test_the_address_of_an_answer_gives_it_again(self, house: Api) -> None:
        for role, path in (("clinician", MEMBERS), ("auditor", NUMBER)):
            before = house.get(path, role).json()
            house.clock.move(hours=1)
            house.admit(f"B-{role}")
            house.services.catch_up()
            assert house.get(path, role).json()["value"] == before["value"] + 1
            again = house.get(before["permalink"], role).json()
            assert again == before
            assert not again["definition_changed"]
            other = house.get(before["permalink"].replace("definition_version=", "definition_version=0"), role).json()
            assert other["definition_changed"]

    def test_a_part_comes_with_what_it_is_a_part_of(self, house: Api) -> None:
        query = "number=completed&by=level&at=level=residential"
        found = house.get(f"{BASE}/completion/number?{query}").json()
        assert (found["value"], found["denominator"], found["denominator_value"]) == (0, "discharges", 0)
        rate = house.get(f"{BASE}/completion/number?number=numerator&at=level=residential").json()
        assert (rate["title"], rate["denominator"]) == ("Completed of all ended stays", "denominator")

    def test_a_report_is_answered_from_a_position_too(self, house: Api) -> None:
        stamp = house.get(NUMBER).json()
        before = house.get(f"{BASE}/status").json()["rows"]
        house.admit("C-1")
        house.services.catch_up()
        asked = {"as_of": stamp["as_of"], "position": stamp["position"]}
        assert house.get(f"{BASE}/status", params=asked).json()["rows"] == before
        assert house.get(f"{BASE}/status").json()["rows"] != before


def test_an_erased_chart_goes_on_counting_under_no_number(house: Api) -> None:
    before = house.get(MEMBERS).json()
    services = house.services
    who = Author("a.meyer", "admin", "api")
    request(services.log, "A-1", author=who, ground="court_order", basis=None, now=services.now(), hours=72)
    assert house.as_("admin").post("/api/v1/clients/A-1/erasure/confirmation", json={}).status_code == 200
    services.catch_up()
    for role, left in (("clinician", ["A-2", "A-3"]), ("auditor", ["A-2", "A-3", "erased:"])):
        for address in (before["permalink"], MEMBERS):
            found = house.get(address, role)
            assert found.json()["value"] == 3
            assert sorted(member["client"][:7] for member in found.json()["members"]) == left
            assert "A-1" not in found.text
