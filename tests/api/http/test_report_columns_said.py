"""What each column means, over HTTP: as an answer of its own, and in the OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest
from http_support import Api
from jsonschema_rs import validator_for

from api.http.access import ROLES
from infra.reporting.reports import REPORTS
from infra.reporting.tables import tables_of
from infra.settings import Settings

BASE = "/api/v1/reports/"
QUESTIONS = [
    *(f"{name}?show={show}" for name, report in REPORTS.items() for show in ("", *report.shows)),
    *(f"{name}?per_client=true" for name, report in REPORTS.items() if report.per_client),
    "completion?unit=episode&by=program",
    "abstinence?measure=first_use&per_client=true",
    "flow?compare=site=north,site=south",
]


def path(question: str, *, columns: bool) -> str:
    name, _, query = question.partition("?")
    return f"{BASE}{name}{'/columns' if columns else ''}?{query}"


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_gives_rows_and_their_columns(api: Api, question: str) -> None:
    api.admit("A-1")
    said = api.get(path(question, columns=True)).json()
    header = api.get(path(question + "&format=csv", columns=False)).text.splitlines()[0]
    assert ",".join(one["name"] for one in said) == header
    assert all(one["meaning"].endswith(".") for one in said)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_read_what_a_column_means(api: Api, role: str) -> None:
    assert api.get(BASE + "status/columns?per_client=true", role).status_code == 200


@pytest.mark.parametrize("asked", ["happiness", "completion?by=shoe_size", "completion?show=x", "census?unit=episode"])
def test_columns_that_there_are_not(api: Api, asked: str) -> None:
    assert api.get(path(asked, columns=True)).status_code in {404, 422}


def test_rows_are_as_the_document_says(api: Api, subtests: pytest.Subtests) -> None:
    api.admit("A-1")
    document = api.get("/api/v1/openapi.json").json()
    rows = document["components"]["schemas"]["ReportView"]["properties"]["rows"]
    schema = {**rows, "components": document["components"], "$schema": "https://json-schema.org/draft/2020-12/schema"}
    validator = validator_for(schema)
    for question in QUESTIONS:
        with subtests.test(question):
            validator.validate(api.get(path(question, columns=False)).json()["rows"])


def test_the_document_says_each_column_of_each_table(api: Api) -> None:
    schemas: dict[str, Any] = api.get("/api/v1/openapi.json").json()["components"]["schemas"]
    rows = schemas["ReportView"]["properties"]["rows"]["items"]["anyOf"]
    texts = [schemas[row["$ref"].rpartition("/")[2]]["properties"] for row in rows]
    for table in (table for name in REPORTS for table in tables_of(name, Settings.model_construct())):
        assert any(
            all(one.name in row and row[one.name]["description"] == one.meaning for one in table.columns)
            for row in texts
        ), table.option
