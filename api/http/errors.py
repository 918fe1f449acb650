"""From exceptions to problem documents: the one place where status codes are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.http.access import may
from api.http.correlation import request_id
from api.http.fhir_outcomes import fhir_answer
from api.http.problems import KINDS, Problem, ProblemError, answer
from domain.errors import ExpectedError
from domain.events import InvalidDataError, UnknownEventTypeError
from domain.numbers import ChartNumberError
from domain.refusals import CommandRefusedError, Refusal
from infra.access_log.break_glass import GlassLimitError, ReasonError
from infra.commands.group_session import GroupRefusedError
from infra.commands.handle import StaleChartError
from infra.eventstore.keyring import MasterKeyError
from infra.eventstore.log import StaleSequenceError
from infra.eventstore.unavailable import database_errors, unavailable
from infra.eventstore.unreadable import UnreadableEntryError
from infra.publications.store import NoSuchPublicationError, PublicationError
from infra.views.view import ViewError
from projections.filters import FilterError

Explain = Callable[[Any], ProblemError]
PROBLEM = "carejourney.problem"  # in a request's scope: the kind of problem that it came to
WHO = "carejourney.who"  # in a request's scope: the signed-in person, once known
ABOUT = "carejourney.about"  # in a request's scope: clients that a body names, of whom a refusal would tell


def install(app: FastAPI) -> None:
    """Answer every known error with its problem document."""
    for kind, explain in (EXPLAINED | dict.fromkeys(database_errors(), _busy)).items():
        app.add_exception_handler(kind, _handler(explain))


def about(scope: Any, client_ids: Iterable[str]) -> None:
    """A refusal of this request tells of these clients: it is recorded for each of them."""
    scope.setdefault(ABOUT, []).extend(client_ids)


def _handler(explain: Explain) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        problem = explain(error)
        request.scope[PROBLEM] = problem.kind
        if problem.kind == "stale" and not may(request.scope[WHO].role, "history"):
            problem.extra["changed_since"] = []  # what was recorded is for those who may read it
        if request.scope["path"].startswith("/fhir/"):
            return fhir_answer(problem, request_id(request.scope))
        return answer(problem, request_id(request.scope))

    return handle


def _http(error: HTTPException) -> ProblemError:
    """Errors of the framework itself, by status."""
    names = {400: "malformed", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
    name = names.get(error.status_code, "internal")
    where = "See /api/v1/openapi.json for what there is."
    detail = "The body cannot be read." if name == "malformed" else where
    return ProblemError(name, detail, headers=dict(error.headers or {}))


def _invalid(error: RequestValidationError) -> ProblemError:
    problems = [item for problem in error.errors() for item in _field_errors(problem)]
    detail = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}: see errors. Nothing was written."
    return ProblemError("invalid", detail, {"errors": problems})


def _field_errors(problem: Any) -> list[dict[str, str]]:
    where, *rest = problem["loc"]
    path = ".".join(str(part) for part in rest) or str(where)
    missing = problem.get("ctx", {}).get("missing_fields")
    if missing:
        return [{"field": f"{path}.{name}", "problem": "missing"} for name in missing]
    return [{"field": path, "problem": _WORDS.get(problem["type"]) or str(problem["msg"])}]


_WORDS = {
    "missing": "missing",
    "extra_forbidden": "no such field",
    "string_pattern_mismatch": "contains a character that is not allowed here, such as NUL",
    "timezone_aware": "needs its UTC offset, as 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+02:00",
    "model_attributes_type": "must be a JSON object",
}


def _data(error: InvalidDataError) -> ProblemError:
    """A replacement's data: each problem says its type and field."""
    errors = [{"field": "data.replacement.data", "problem": problem} for problem in error.problems]
    return ProblemError("invalid", "The replacement does not fit its type.", {"errors": errors})


def _unknown_type(error: UnknownEventTypeError) -> ProblemError:
    errors = [{"field": "data.replacement.type", "problem": str(error)}]
    return ProblemError("invalid", "The replacement's type is not known.", {"errors": errors})


def _refused(error: CommandRefusedError) -> ProblemError:
    detail = "Nothing was written. Each refusal names what is unmet and what would help."
    return ProblemError("refused", detail, {"refusals": _items(error.refusals)})


def _group(error: GroupRefusedError) -> ProblemError:
    attendees = [{"place": place, "refusals": _items(refusals)} for place, refusals in error.refusals.items()]
    return ProblemError("group-refused", "Nothing was written for anybody.", {"attendees": attendees})


def _items(refusals: list[Refusal]) -> list[dict[str, str]]:
    return [refusal.as_dict() for refusal in refusals]


def _stale(error: StaleChartError) -> ProblemError:
    changes = [asdict(change) for change in error.changes]
    extra = {"expected": error.expected, "actual": error.actual, "changed_since": changes}
    return ProblemError("stale", str(error), extra, {"ETag": f'"{error.actual}"'})


def _busy(error: Exception) -> ProblemError:
    detail = f"{unavailable(error)}."
    return ProblemError("not-ready", detail[:1].upper() + detail[1:], headers={"Retry-After": "1"})


def sentence_of(error: Exception) -> str:
    """What an error says, as a sentence; its letters stay as they are."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _no_key(error: MasterKeyError) -> ProblemError:
    detail = f"{error}. What needs no key, such as the reports, can be read meanwhile."
    return ProblemError("no-key", detail[:1].upper() + detail[1:], headers={"Retry-After": "60"})


def _expected(error: ExpectedError) -> ProblemError:
    """What an expected error comes to by its kind.

    Raises:
        ExpectedError: nobody who asks over HTTP can mend it: it is a fault of this side, and logged as one.
    """
    if error.kind not in KINDS or KINDS[error.kind].model is not Problem:
        raise error
    headers = {"Retry-After": "10"} if error.kind == "not-ready" else {}
    return ProblemError(error.kind, sentence_of(error), headers=headers)


# Every other error is a fault of this side. What stands here says more than its kind.
EXPLAINED: dict[type[Exception], Explain] = {
    ExpectedError: _expected,
    MasterKeyError: _no_key,
    ChartNumberError: lambda error: ProblemError(
        "invalid", "Nothing was written.", {"errors": [{"field": "reference", "problem": str(error)}]}
    ),
    ProblemError: lambda error: error,
    HTTPException: _http,
    RequestValidationError: _invalid,
    InvalidDataError: _data,
    UnknownEventTypeError: _unknown_type,
    CommandRefusedError: _refused,
    GroupRefusedError: _group,
    StaleChartError: _stale,
    StaleSequenceError: _busy,
    GlassLimitError: lambda error: ProblemError(
        "too-many", sentence_of(error), headers={"Retry-After": str(error.seconds)}
    ),
    ReasonError: lambda error: ProblemError(
        "invalid", "The reason does not say enough.", {"errors": [{"field": "reason", "problem": str(error)}]}
    ),
    NoSuchPublicationError: _expected,
    PublicationError: lambda _: ProblemError(
        "internal", "This publication is not as it was signed: tell an administrator."
    ),
    FilterError: lambda error: ProblemError(
        "invalid", "The report cannot answer this.", {"errors": [{"field": "query", "problem": str(error)}]}
    ),
    ViewError: lambda error: ProblemError(
        "invalid", "The view was not kept.", {"errors": [{"field": error.field, "problem": str(error)}]}
    ),
    UnreadableEntryError: lambda _: ProblemError(
        "internal", "This chart holds an entry that this release cannot read: tell an administrator."
    ),
}
