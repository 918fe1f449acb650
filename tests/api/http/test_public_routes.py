"""Docs, OpenAPI and behaviour agree on what is answered without a sign-in."""

from __future__ import annotations

from http_support import Api
from starlette.testclient import TestClient

from api.http.access import PUBLIC, ROUTES

OPEN = ("/healthz", "/readyz", "/api/v1/openapi.json", "/fhir/metadata", "/problems/invalid")


def test_what_is_public_needs_no_token(api: Api) -> None:
    anybody = TestClient(api.app)
    for path in OPEN:
        assert anybody.get(path).status_code == 200, path
        bad = anybody.get(path, headers={"Authorization": "Bearer nobody"})
        assert bad.status_code == 200, path


def test_the_document_asks_for_a_sign_in_where_the_table_does(api: Api) -> None:
    for path, operations in api.app.openapi()["paths"].items():
        for method, operation in operations.items():
            asks = "security" in operation
            assert asks == (ROUTES[f"{method.upper()} {path}"] != PUBLIC), (method, path)
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            assert ("X-CSRF-Token" in names) == (asks and method != "get"), (method, path)


def test_a_page_of_ours_needs_no_form_token_and_a_bearer_neither(api: Api) -> None:
    """As the document says of X-CSRF-Token."""
    [header] = [
        parameter
        for parameter in api.app.openapi()["paths"]["/api/v1/group-sessions"]["post"]["parameters"]
        if parameter["name"] == "X-CSRF-Token"
    ]
    assert header["required"] is False
