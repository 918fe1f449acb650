"""The feed over HTTP: entries after a position, whom each reader is told of, and what is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from http_support import Api, fields
from pydantic import SecretStr

from api.app import create_app
from domain.events import NoteAdded
from infra.bootstrap import Services, open_services
from infra.interop.feed.subscribers import MOST
from infra.settings import Settings
from tests.browser.conftest import running
from tests.spec import ago, fact, record

EVENTS = "/api/v1/events"


def lines(api: Api, query: str = "", role: str = "auditor") -> list[dict[str, Any]]:
    answer = api.get(EVENTS + query, role)
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.text.splitlines()]


class TestRefusals:
    """What is not answered."""

    @pytest.mark.parametrize("role", ["intake", "analyst", "reporting", "admin"])
    def test_charts_are_for_care_and_audit(self, api: Api, role: str) -> None:
        assert api.get(EVENTS, role).status_code == 403

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("?after=-1", "after"),
            ("?wait=1000", "wait"),
            ("?type=Happiness", "query"),
            ("?recipient=Insurer", "purpose"),
            ("?purpose=payment", "recipient"),
        ],
    )
    def test_questions_that_cannot_be_answered(self, api: Api, query: str, field: str) -> None:
        assert list(fields(api.get(EVENTS + query, "auditor"))) == [field]

    def test_a_representation_there_is_not(self, api: Api) -> None:
        assert api.get(EVENTS, "auditor", headers={"Accept": "text/csv"}).status_code == 406


class TestPages:
    """What is answered."""

    def test_entries_in_order_with_their_place_and_where_to_go_on(self, api: Api) -> None:
        api.admit("A-1")
        api.done("A-1", "end-level")
        found = lines(api)
        assert [line["type"] for line in found][-1] == "LevelOfCareEnded"
        assert [line["sequence"] for line in found] == list(range(1, len(found) + 1))
        assert {line["client"] for line in found} == {"A-1"}
        answer = api.get(f"{EVENTS}?limit=2", "auditor")
        link = answer.links["next"]["url"]
        rest = [orjson.loads(line) for line in api.get(link, "auditor").text.splitlines()]
        assert [line["position"] for line in rest] == [line["position"] for line in found[2:4]]
        assert "limit=2" in link

    def test_at_the_head_there_is_nothing_and_the_same_place(self, api: Api) -> None:
        api.admit("A-1")
        head = api.services.log.head()
        answer = api.get(f"{EVENTS}?after={head}", "auditor")
        assert (answer.text, answer.links["next"]["url"]) == ("", f"{EVENTS}?after={head}")

    def test_only_some_types(self, api: Api) -> None:
        api.admit("A-1")
        found = lines(api, "?type=LevelOfCareStarted&type=ClientRegistered")
        assert [line["type"] for line in found] == ["ClientRegistered", "LevelOfCareStarted"]

    def test_who_is_told_of_is_in_the_access_log_before(self, api: Api) -> None:
        api.admit("A-1")
        api.admit("A-2")
        before = len(api.services.people.log.page())
        assert {line["client"] for line in lines(api, "?type=LevelOfCareStarted")} == {"A-1", "A-2"}
        (access,) = api.services.people.log.page()[before:]
        told = {api.services.log.client_id(name) for name in ("A-1", "A-2")}
        assert (access.kind, set(access.clients)) == ("ChartsRead", told)

    def test_only_clients_whose_consent_names_the_recipient(self, api: Api) -> None:
        api.admit("A-1")
        api.admit("A-2")
        consent = {"consent_id": "c1", "recipient": "County", "purpose": "payment"}
        api.done("A-1", "give-consent", consent)
        asked = "?recipient=County&purpose=payment&type=LevelOfCareStarted"
        assert [line["client"] for line in lines(api, asked)] == ["A-1"]
        kinds = [entry.kind for entry in api.services.people.log.page()]
        assert "RecordsDisclosed" in kinds
        assert "DisclosureRefused" in kinds
        api.done("A-1", "revoke-consent", {"consent_id": "c1"})
        assert lines(api, asked) == []


class TestSubscribers:
    """Named checkpoints."""

    def put(self, api: Api, position: int, name: str = "billing", role: str = "auditor") -> int:
        return api.as_(role).put(f"/api/v1/subscribers/{name}", json={"position": position}).status_code

    def test_goes_on_after_its_checkpoint_and_may_go_back(self, api: Api) -> None:
        api.admit("A-1")
        found = lines(api, "?subscriber=billing")
        assert self.put(api, found[1]["position"]) == 200
        assert lines(api, "?subscriber=billing") == found[2:]
        (own,) = api.get("/api/v1/subscribers", "auditor").json()
        assert (own["name"], own["position"]) == ("billing", found[1]["position"])
        assert self.put(api, 0) == 200
        assert lines(api, "?subscriber=billing") == found

    def test_is_its_owners_alone(self, api: Api) -> None:
        api.admit("A-1")
        head = api.services.log.head()
        assert self.put(api, head) == 200
        assert api.get("/api/v1/subscribers", "clinician").json() == []
        assert api.as_("clinician").delete("/api/v1/subscribers/billing").status_code == 204
        assert lines(api, "?subscriber=billing") == []
        assert api.as_("auditor").delete("/api/v1/subscribers/billing").status_code == 204
        assert api.get("/api/v1/subscribers", "auditor").json() == []

    def test_what_cannot_be_kept(self, api: Api) -> None:
        assert self.put(api, api.services.log.head() + 1) == 422
        assert self.put(api, 0, name="Jane Doe") == 422
        assert self.put(api, 0, role="admin") == 403
        assert api.get(f"{EVENTS}?subscriber=billing&after=3", "auditor").status_code == 422
        assert [self.put(api, 0, name=f"s{number}") for number in range(MOST + 1)] == [*[200] * MOST, 422]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    found = open_services(Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/log.db"), demo=True))
    record(found.log, fact(NoteAdded(text="simulated"), ago(3), client="C-1"))
    found.catch_up()
    yield found
    found.close()


AUDITOR = {"Authorization": "Bearer demo-auditor"}


def test_a_reader_waits_for_what_is_recorded_meanwhile(services: Services) -> None:
    head = services.log.head()
    with running(create_app(services)) as address, httpx2.Client(headers=AUDITOR, timeout=60) as client:
        asked = client.build_request("GET", f"{address}{EVENTS}", params={"after": head, "wait": 30})
        with client.stream("GET", f"{address}{EVENTS}", headers={"Accept": "text/event-stream"}) as stream:
            events = stream.iter_lines()
            assert next(line for line in events if line.startswith("event:")) == "event: NoteAdded"
            record(services.log, fact(NoteAdded(text="simulated"), ago(2), client="C-2"))
            answer = client.send(asked)
            (line,) = answer.text.splitlines()
            assert orjson.loads(line)["client"] == "C-2"
            seen = next(line for line in events if "C-2" in line)
            assert orjson.loads(seen.removeprefix("data: "))["position"] == orjson.loads(line)["position"]
