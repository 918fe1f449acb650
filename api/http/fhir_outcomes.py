"""Problems in the words of FHIR: an OperationOutcome with the same status, kind and detail."""

from __future__ import annotations

import orjson
from starlette.responses import Response

from api.http.problems import KINDS, ProblemError
from infra.interop.fhir.bundles import outcome

MEDIA_TYPE = "application/fhir+json"
_CODES = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    410: "deleted",
    422: "invalid",
    429: "throttled",
}


def fhir_answer(problem: ProblemError, request_id: str) -> Response:
    """The answer to a request under ``/fhir``."""
    status = KINDS[problem.kind].status
    code = _CODES.get(status, "transient" if status == 503 else ("exception" if status >= 500 else "invalid"))
    errors = "; ".join(f"{item['field']}: {item['problem']}" for item in problem.extra.get("errors", ()))
    body = outcome("error", code, f"{problem.detail} {errors}".strip())
    headers = {"Cache-Control": "no-store", "X-Request-Id": request_id, **problem.headers}
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)
