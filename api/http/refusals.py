"""Refused looks at a chart: in the access log before the answer leaves, whichever route was asked.

It stands around all routes, where errors have become answers: no route calls it. The client is the one that the path
or the query names, with those that a body names and the answer tells of (``about``).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.correlation import request_id
from api.http.errors import ABOUT, PROBLEM, WHO
from api.http.problems import ProblemError, answer
from infra.access_log.entries import Access
from infra.access_log.refusals import begin
from infra.bootstrap import Services
from infra.eventstore.unavailable import database_errors, unavailable
from infra.identity.people import Principal
from infra.interop.fhir.resource_ids import stream_of

WHY = {
    403: "not allowed",
    404: "not there",
    409: "changed meanwhile",
    410: "erased or gone",
    422: "refused by a rule",
}
# What was sent does not fit, whatever the chart holds.
_SAY_NOTHING = frozenset({"invalid", "key-reused"})


class RefusalsRecorded:
    """ASGI middleware over API, FHIR and pages."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        """Wrap an app; record in the access log of these services."""
        self.app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request be answered; an answer that refuses waits until it is recorded."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        noted = begin()
        failed: list[Exception] = []

        async def recording(message: Message) -> None:
            if failed:
                return  # the rest of an answer that may not leave
            if message["type"] == "http.response.start" and message["status"] in WHY:
                try:
                    await run_in_threadpool(self._record, scope, message["status"], noted)
                except database_errors() as error:
                    failed.append(error)
                    await _busy(error, scope, receive, send)
                    return
            await send(message)

        await self.app(scope, receive, recording)

    def _record(self, scope: Scope, status: int, noted: set[str]) -> None:
        who: Principal | None = scope.get(WHO)
        if who is None or scope.get(PROBLEM) in _SAY_NOTHING:
            return
        named = dict.fromkeys([_client(scope, self._services), *scope.get(ABOUT, ())])
        at, request, why = self._services.now(), request_id(scope), WHY[status]
        entries = [
            Access("ChartRefused", who, at, (client_id,), request=request, refused=why)
            for client_id in named
            if client_id and client_id not in noted
        ]
        if entries:
            self._services.people.log.record(entries)


def _client(scope: Scope, services: Services) -> str:
    """The stream of the chart that a request is about, recorded or not; nothing when it is about none."""
    path: dict[str, str] = scope.get("path_params", {})
    if "reference" in path:
        return services.log.client_id(path["reference"])
    if scope["path"].startswith("/fhir/"):
        return _of_resource(path.get("key") or _asked(scope, "patient").removeprefix("Patient/"), services)
    named = _asked(scope, "client") if scope["path"] == "/api/v1/live" else ""
    return services.log.client_id(named) if named else ""


def _of_resource(key: str, services: Services) -> str:
    start = re.match(r"[0-9a-f]{32}", key)
    return stream_of(services.log, start.group()) if start else ""


def _asked(scope: Scope, name: str) -> str:
    return parse_qs(scope["query_string"].decode("latin-1")).get(name, [""])[0]


async def _busy(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    problem = ProblemError("not-ready", f"{unavailable(error)}.", headers={"Retry-After": "1"})
    await answer(problem, request_id(scope))(scope, receive, send)
