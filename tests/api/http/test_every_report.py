"""Every report, asked for clients or groups, in each of its tables and formats: an answer, or what is wrong with the question."""

from __future__ import annotations

import itertools
from urllib.parse import quote

import pytest
from http_support import Api

from infra.reporting.reports import REPORTS

BASE = "/api/v1/reports/"
ANSWERED = {200, 400, 422}  # what is wrong with a question is said


@pytest.mark.parametrize("name", list(REPORTS))
def test_whatever_is_asked_of_a_report_is_answered(api: Api, name: str) -> None:
    api.admit("A-1")
    api.services.catch_up()
    moment = quote(api.clock.now.isoformat())
    shows = ("", *REPORTS[name].shows)
    for per_client, show, form, more in itertools.product(
        ("false", "true"), shows, ("json", "csv"), ("", "&unit=episode", f"&as_of={moment}")
    ):
        query = f"per_client={per_client}&show={show}&format={form}{more}"
        answer = api.get(f"{BASE}{name}?{query}", "clinician")
        assert answer.status_code in ANSWERED, (query, answer.status_code)
        if answer.status_code != 200:
            assert answer.json()["errors"], query
