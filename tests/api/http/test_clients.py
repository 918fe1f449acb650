"""Charts over HTTP: who may not see them, then the list, the status, the timeline and the raw stream."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from http_support import Api, fields

READS = ("", "/A-1", "/A-1/timeline", "/A-1/history")
BASE = "/api/v1/clients"


@pytest.mark.parametrize("path", READS)
class TestRefusals:
    """Who sees no client rows."""

    def test_nobody_signed_in(self, api: Api, path: str) -> None:
        api.done("A-1", "register-client")
        answer = api.get(BASE + path, headers={"Authorization": ""})
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")

    @pytest.mark.parametrize("role", ["analyst", "reporting", "admin"])
    def test_roles_without_charts(self, api: Api, role: str, path: str) -> None:
        api.done("A-1", "register-client")
        answer = api.get(BASE + path, role)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")

    def test_a_chart_that_is_not_there(self, api: Api, path: str) -> None:
        if path:
            assert api.get(BASE + path).status_code == 404


class TestList:
    """GET /clients."""

    def test_pages_hold_every_client_once(self, api: Api) -> None:
        wanted = {f"A-{number}" for number in range(7)}
        for reference in wanted:
            api.done(reference, "register-client")
        seen: list[str] = []
        cursor = ""
        while True:
            page = api.get(f"{BASE}?limit=3&cursor={cursor}").json()
            seen += [client["client"] for client in page["clients"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(wanted)

    def test_filters(self, api: Api) -> None:
        api.admit("A-1")
        api.done("A-2", "register-client")
        for query, expected in (
            ("level=residential", ["A-1"]),
            ("site=north", ["A-1"]),
            ("state=not_admitted", ["A-2"]),
            ("level=residential&state=alumni", []),
        ):
            page = api.get(f"{BASE}?{query}").json()
            assert [client["client"] for client in page["clients"]] == expected, query

    @pytest.mark.parametrize("query", ["limit=0", "limit=1001", "level=heaven", "cursor=%F0%9F", "cursor=!!"])
    def test_queries_that_do_not_fit(self, api: Api, query: str) -> None:
        assert api.get(f"{BASE}?{query}").status_code in {400, 422}


class TestStatus:
    """GET /clients/{reference}."""

    def test_status_and_flags(self, api: Api) -> None:
        api.admit("A-1")
        for _ in range(2):
            api.done("A-1", "miss-session", {"kind": "group", "cause": "no_show"})
        answer = api.get(f"{BASE}/A-1")
        body = answer.json()
        assert (answer.headers["etag"], body["sequence"]) == ('"5"', 5)
        assert (body["status"]["state"], body["status"]["days_in_level"]) == ("in_treatment", 3)
        assert [flag["id"] for flag in body["status"]["flags"]] == ["missed_in_a_row"]
        assert answer.headers["cache-control"] == "no-store"

    def test_a_read_waits_for_a_position_or_says_so(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        position = api.done("A-1", "register-client")["position"]
        assert api.get(f"{BASE}/A-1?min_position={position}").status_code == 200
        monkeypatch.setattr("api.http.context.WAIT_SECONDS", 0.0)
        api.app.state.appended = lambda: None
        position = api.done("A-1", "add-note")["position"]
        answer = api.get(f"{BASE}/A-1?min_position={position}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        api.services.catch_up()
        assert api.get(f"{BASE}/A-1?min_position={position}").status_code == 200

    def test_a_position_beyond_the_log_is_not_waited_for(self, api: Api) -> None:
        assert list(fields(api.get(f"{BASE}?min_position=1"))) == ["min_position"]


class TestTimeline:
    """GET /clients/{reference}/timeline."""

    def test_clinical_order_and_pages(self, api: Api) -> None:
        api.admit("A-1")
        for hour in (9, 7, 8):
            api.done("A-1", "attend-session", at=f"2026-03-02T0{hour}:00:00+00:00")
        whole = api.get(f"{BASE}/A-1/timeline").json()["items"]
        times = [item["occurred_at"] for item in whole]
        assert (times, len(times)) == (sorted(times), 6)
        pages: list[str] = []
        cursor = ""
        while cursor is not None:
            page = api.get(f"{BASE}/A-1/timeline?limit=4&cursor={cursor}").json()
            pages += [item["event_id"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert pages == [item["event_id"] for item in whole]

    def test_clinical_time_keeps_its_offset(self, api: Api) -> None:
        api.done("A-1", "register-client", at="2026-03-01T22:00:00-05:00")
        (item,) = api.get(f"{BASE}/A-1/timeline").json()["items"]
        assert item["occurred_at"] == "2026-03-01T22:00:00-05:00"

    def test_as_it_was_known_then(self, api: Api) -> None:
        api.done("A-1", "register-client")
        then = api.clock.now.isoformat()
        api.clock.move(hours=1)
        api.done("A-1", "add-note")
        items = api.get(f"{BASE}/A-1/timeline", params={"as_of": then}).json()["items"]
        assert [item["type"] for item in items] == ["ClientRegistered"]
        future = api.get(f"{BASE}/A-1/timeline?as_of=2999-01-01T00:00:00Z").json()
        assert len(future["items"]) == 2

    def test_before_the_first_entry_is_not_an_empty_chart(self, api: Api) -> None:
        api.done("A-1", "register-client")
        answer = api.get(f"{BASE}/A-1/timeline?as_of=2026-03-01T00:00:00Z")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-known-then")

    def test_an_unescaped_plus_is_read_as_meant(self, api: Api) -> None:
        api.done("A-1", "register-client")
        assert api.get(f"{BASE}/A-1/timeline?as_of=2026-03-02T14:00:00+02:00").status_code == 200

    def test_a_moment_without_offset(self, api: Api) -> None:
        api.done("A-1", "register-client")
        answer = api.get(f"{BASE}/A-1/timeline?as_of=2026-03-02T14:00:00")
        assert "UTC offset" in fields(answer)["as_of"]

    def test_nothing_is_sent_twice(self, api: Api) -> None:
        api.done("A-1", "register-client")
        first = api.get(f"{BASE}/A-1/timeline")
        tag = {"If-None-Match": first.headers["etag"]}
        again = api.get(f"{BASE}/A-1/timeline", headers=tag)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"1"')
        api.done("A-1", "add-note")
        assert api.get(f"{BASE}/A-1/timeline", headers=tag).status_code == 200


class TestHistory:
    """GET /clients/{reference}/history."""

    def test_intake_reads_no_history(self, api: Api) -> None:
        api.done("A-1", "register-client")
        assert api.get(f"{BASE}/A-1/history", "intake").status_code == 403

    def test_everything_stays_in_the_order_of_recording(self, api: Api) -> None:
        api.done("A-1", "register-client")
        note = api.done("A-1", "add-note")["event_ids"][0]
        api.done("A-1", "retract", {"target": note, "reason": "wrong chart"})
        first = api.get(f"{BASE}/A-1/history?limit=2", "auditor").json()
        rest = api.get(f"{BASE}/A-1/history?cursor={quote(first['next_cursor'])}", "auditor").json()
        types = [entry["type"] for entry in (*first["entries"], *rest["entries"])]
        assert types == ["ClientRegistered", "NoteAdded", "EntryRetracted"]
        assert (rest["next_cursor"], rest["sequence"]) == (None, 3)
