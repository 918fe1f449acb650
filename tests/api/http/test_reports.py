"""Reports over HTTP: who sees rows of clients, then the answers in JSON and CSV."""

from __future__ import annotations

import csv
import io

import pytest
from http_support import Api, fields

from infra.reporting.reports import REPORTS

BASE = "/api/v1/reports/"


class TestRefusals:
    """What is not answered."""

    @pytest.mark.parametrize("name", list(REPORTS))
    def test_nobody_signed_in(self, api: Api, name: str) -> None:
        assert api.get(BASE + name, headers={"Authorization": ""}).status_code == 401

    @pytest.mark.parametrize("role", ["analyst", "reporting", "intake", "admin"])
    def test_rows_of_clients_are_for_care(self, api: Api, role: str) -> None:
        for path in (
            "worklist",
            "agenda",
            "arrivals",
            "handoffs",
            "status?per_client=true",
            "abstinence?per_client=true",
        ):
            answer = api.get(BASE + path, role)
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed"), path

    def test_no_such_report(self, api: Api) -> None:
        answer = api.get(BASE + "happiness")
        assert answer.status_code == 404
        assert "completion" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("by=shoe_size", "query"),
            ("where=level", "where"),
            ("where=level=heaven", "query"),
            ("from=yesterday", "from"),
            ("to=0", "to"),
            ("from=2026-02-01&to=2026-01-01", "query"),
            ("cohort=birth", "cohort"),
            ("denominator=wishes", "query"),
            ("format=xml", "format"),
        ],
    )
    def test_questions_that_cannot_be_answered(self, api: Api, query: str, field: str) -> None:
        assert list(fields(api.get(f"{BASE}completion?{query}"))) == [field]

    def test_a_representation_there_is_not(self, api: Api) -> None:
        assert api.get(BASE + "completion", headers={"Accept": "application/xml"}).status_code == 406


class TestAnswers:
    """What is answered."""

    @pytest.mark.parametrize("name", list(REPORTS))
    def test_every_report_comes_with_its_definition(self, api: Api, name: str) -> None:
        api.admit("A-1")
        body = api.get(BASE + name).json()
        assert (body["report"], body["position"]) == (name, api.services.log.head())
        assert body["definition"]
        assert body["source"]

    def test_rows_of_clients_have_their_chart_number(self, api: Api) -> None:
        api.admit("A-1")
        for _ in range(2):
            api.done("A-1", "miss-session", {"kind": "group", "cause": "no_show"})
        for path in ("worklist", "status?per_client=true"):
            (row,) = api.get(BASE + path).json()["rows"]
            assert (row["client"], row["level"]) == ("A-1", "residential")

    def test_completion_by_level_and_program(self, api: Api) -> None:
        api.admit("A-1")
        api.done("A-1", "end-level")
        (row,) = api.get(BASE + "completion?by=level,program").json()["rows"]
        assert (row["level"], row["program"], row["discharges"]) == ("residential", "Harbor", 1)
        assert (row["completed"], row["completion_rate"]) == (1, 1.0)

    def test_filters_and_period(self, api: Api) -> None:
        api.admit("A-1")
        api.done("A-1", "end-level")
        for query, discharges in (
            ("where=level=residential", 1),
            ("where=level=alumni", 0),
            ("from=2026-03-02&to=2026-03-02", 1),
            ("from=2026-03-03", 0),
        ):
            rows = api.get(f"{BASE}completion?{query}").json()["rows"]
            assert sum(row["discharges"] for row in rows) == discharges, query

    def test_an_analyst_gets_what_a_clinician_gets(self, api: Api) -> None:
        api.admit("A-1")
        for name in (name for name, report in REPORTS.items() if not report.of_clients):
            one, other = (api.get(BASE + name, role).json()["rows"] for role in ("clinician", "analyst"))
            assert one == other, name

    def test_a_count_of_few_people_comes_with_a_warning(self, api: Api) -> None:
        assert api.get(BASE + "status", "analyst").json()["small_numbers"] is False
        for number in range(11):
            api.admit(f"A-{number}")
            assert api.get(BASE + "status", "analyst").json()["small_numbers"] is (number < 10)

    def test_time_to_event_from_a_start_to_an_event(self, api: Api) -> None:
        api.admit("A-1")
        api.done("A-1", "end-level")
        asked = "time-to-event?from=admission&to=discharge&from_day=2026-01-01&competing=died&days=1,30"
        (row,) = api.get(BASE + asked).json()["rows"]
        assert (row["clients"], row["events"], row["share_1"] is not None, "share_90" in row) == (1, 1, True, False)
        assert not api.get(BASE + "time-to-event?from_day=2026-12-31").json()["rows"]
        steps = api.get(BASE + "time-to-event?to=discharge&show=curve&format=csv").text.splitlines()
        assert steps[0] == "level,day,at_risk,events,censored,survival,low,high"
        (stay,) = api.get(BASE + "retention?censor=last_contact&competing=completed").json()["rows"]
        assert (stay["stays"], stay["ended"]) == (1, 0)
        who = api.get(BASE + "time-to-event/members?to=discharge&number=events&at=level=residential").json()
        assert [(one["client"], one["facts"]["outcome"]) for one in who["members"]] == [("A-1", "event")]
        assert [event["what"] for event in who["members"][0]["events"]] == ["started", "event"]

    @pytest.mark.parametrize("role", ["reporting", "intake", "admin"])
    def test_others_get_no_report(self, api: Api, role: str) -> None:
        for path in ("status", "status?format=csv", "status/number?number=clients"):
            assert api.get(BASE + path, role).status_code == 403

    @pytest.mark.parametrize("how", ["format", "accept"])
    def test_csv(self, api: Api, how: str) -> None:
        api.admit("A-1")
        query = "?format=csv" if how == "format" else ""
        answer = api.get(BASE + "status" + query, headers={"Accept": "text/csv"} if how == "accept" else {})
        assert answer.headers["content-type"].startswith("text/csv")
        assert list(csv.DictReader(io.StringIO(answer.text))) == [
            {"state": "in_treatment", "level": "residential", "clients": "1"}
        ]


class TestUnknownParameters:
    """A parameter that is not read is refused by its name: it would change nothing, and seem to."""

    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("completion?levels=residential", "levels"),
            ("completion?level=residential", "level"),
            ("worklist?per-client=true", "per-client"),
            ("census?From=2026-01-01", "From"),
            ("completion/number?number=numerator&wher=level=residential", "wher"),
            ("completion/members?number=numerator&per_page=5", "per_page"),
            ("census?measure=hedis_iet", "query"),
            ("census?denominator=all", "query"),
            ("census?unit=episode", "query"),
            ("census?from=admission", "from"),
            ("completion?censor=today", "query"),
            ("retention?substance=alcohol", "query"),
            ("time-to-event?from=birth", "from"),
            ("time-to-event?to=level:moon", "to"),
            ("time-to-event?from=2026-01-01&from_day=2026-01-01", "from_day"),
            ("time-to-event?days=soon", "days"),
            ("time-to-event?competing=boredom", "query"),
        ],
    )
    def test_is_refused_by_its_name(self, api: Api, path: str, field: str) -> None:
        assert list(fields(api.get(BASE + path))) == [field]

    def test_what_is_known_is_answered(self, api: Api) -> None:
        query = "by=level&from=2026-01-01&to=2026-02-01&cohort=admission&unit=stay&format=json&limit=5"
        assert api.get(f"{BASE}completion?{query}").status_code == 200
