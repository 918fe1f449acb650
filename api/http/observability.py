"""Observe requests: an id, a trace, metrics and a log line by route template; every error is answered.

Neither path nor payload is logged: both hold personal data.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.correlation import request_id
from api.http.metrics import Metrics
from api.http.problems import ProblemError, answer
from infra.observability.logs import place_of_error
from infra.observability.telemetry import Value, request_span

UNMATCHED = "unmatched"
_QUIET = {"/healthz", "/readyz"}
_LASTING = {"/api/v1/live"}  # its time says how long somebody looked, not how long they waited


class Observer:
    """The outermost ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics, draining: threading.Event) -> None:
        """Wrap an app. While it is ``draining``, each answer ends its connection."""
        self.app = app
        self.metrics = metrics
        self.draining = draining
        self._log = structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = request_id(scope)
        seen: dict[str, Value] = {}
        with structlog.contextvars.bound_contextvars(correlation_id=name), request_span(name, seen):
            started = time.perf_counter()
            answered = _Answered(send, name, self.draining)
            try:
                await self._answer(scope, receive, answered, name)
            finally:
                self._count(scope, answered.status, time.perf_counter() - started, name)
                seen["http.request.method"], seen["http.route"] = _method(scope), template(scope)
                seen["http.response.status_code"] = answered.status

    async def _answer(self, scope: Scope, receive: Receive, answered: _Answered, name: str) -> None:
        try:
            await self.app(scope, receive, answered)
        except Exception as error:
            self._log.error("request failed", correlation_id=name, error=type(error).__name__, at=place_of_error(error))
            if answered.status:
                raise
            problem = ProblemError("internal", "It is logged under this id; nothing was half-written.")
            await answer(problem, name)(scope, receive, answered)

    def _count(self, scope: Scope, status: int, seconds: float, name: str) -> None:
        route = template(scope)
        if route not in _LASTING:
            self.metrics.observe(_method(scope), route, status, seconds)
        if route not in _QUIET:
            ms = round(seconds * 1000, 1)
            seen = {"correlation_id": name, "method": _method(scope), "route": route, "status": status, "ms": ms}
            self._log.info("request", **seen)


class _Answered:
    """Sends an answer with the request's id, and knows its status; 0 before it is begun."""

    def __init__(self, send: Send, name: str, draining: threading.Event) -> None:
        self._send, self._name, self._draining = send, name, draining
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            if all(key != b"x-request-id" for key, _ in headers):
                headers.append((b"x-request-id", self._name.encode()))
            if self._draining.is_set():
                headers.append((b"connection", b"close"))
            message["headers"] = headers
        await self._send(message)


def template(scope: Scope) -> str:
    """The route template that answered, as /api/v1/clients/{reference}."""
    path: Any = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) and path else UNMATCHED


def _method(scope: Scope) -> str:
    method = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"
