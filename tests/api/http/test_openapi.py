"""The OpenAPI document: valid, complete, every error described."""

from __future__ import annotations

import json
from typing import Any

import pytest
from http_support import Api
from jsonschema_rs import validator_for

from api.http.access import AMENDING_COMMANDS
from api.http.examples import EXAMPLES
from domain.commands import RECORDING


@pytest.fixture
def document(api: Api) -> dict[str, Any]:
    return api.get("/api/v1/openapi.json", headers={"Authorization": ""}).json()


def test_every_command_is_an_operation_with_its_own_schema(document: dict[str, Any]) -> None:
    for name in (*RECORDING, *AMENDING_COMMANDS):
        operation = document["paths"][f"/api/v1/clients/{{reference}}/commands/{name}"]["post"]
        content = operation["requestBody"]["content"]["application/json"]
        schema = content["schema"] | {"components": document["components"]}
        example = content["examples"]["simulated"]["value"]
        assert example["data"] == EXAMPLES[name]
        validator_for(_inlined(schema)).validate(example)


def test_every_error_is_a_problem_document(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            codes = set(operation["responses"])
            if "security" in operation:
                assert {"401", "403", "500", "503"} <= codes, path
            if method == "post":
                assert {"400", "413", "415", "422"} <= codes, path
            for code, answer in operation["responses"].items():
                if code >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (path, code)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for part in json.dumps(document).split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema on its own, its references kept within it."""
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}
