"""The OpenAPI 3.1 document: with every problem's schema, and nothing the API does not say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from api.http.identity import PURPOSE_HEADER, SAFE
from api.http.problems import KINDS, Problem, responses
from api.http.report_rows import add_rows
from api.sessions import CSRF_HEADER
from infra.identity.people import PURPOSES

_DESCRIPTION = """
Commands record what happened in a client's life; reads answer from it. Times carry their offset.

* Every error is a problem document (RFC 9457); `type` leads to its meaning.
* `Idempotency-Key` on a command: a repeated request answers as the first one did, and records nothing.
* `ETag` is a chart's sequence. Sent back as `If-Match`, a command is refused with 409 and what changed since,
  if the chart has moved on. Without it, the command is decided on the chart as it is then.
* `position` of an answer, sent as `min_position`, makes a read wait until it holds that entry.
""".strip()


_PURPOSE = {
    "name": PURPOSE_HEADER,
    "in": "header",
    "required": False,
    "description": "Why, for the access log; by default what the role usually reads for",
    "schema": {"type": "string", "enum": list(PURPOSES)},
}


_CSRF = {
    "name": CSRF_HEADER,
    "in": "header",
    "required": False,
    "description": (
        "The form token of the web app's page. Only with the session cookie, and only where no browser says by "
        "Sec-Fetch-Site or Origin that a page of ours sends this; a bearer token needs none"
    ),
    "schema": {"type": "string"},
}


def build(title: str, version: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of these routes, problem schemas included."""
    document = get_openapi(title=title, version=version, description=_DESCRIPTION, routes=routes)
    models: set[type[Problem]] = {kind.model for kind in KINDS.values()}
    ordered = sorted(models, key=lambda kind: kind.__name__)
    _, extra = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    for method, operation in (operation_pair for path in document["paths"].values() for operation_pair in path.items()):
        if "security" in operation:
            operation["responses"].update({str(code): answer for code, answer in responses("too-many").items()})
            shared = [_PURPOSE] if method.upper() in SAFE else [_PURPOSE, _CSRF]
            operation.setdefault("parameters", []).extend(shared)
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(extra["$defs"])
    add_rows(schemas)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document
