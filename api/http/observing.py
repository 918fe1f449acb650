"""Observe requests: an id for each, metrics and a log line by route template; every error is answered.

Neither path nor payload is logged: both hold personal data.
"""

from __future__ import annotations

import time
import traceback
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import request_id
from api.http.metrics import Metrics
from api.http.problems import ProblemError, answer

UNMATCHED = "unmatched"
_QUIET = {"/healthz", "/readyz", "/metrics"}


class Observer:
    """The outermost ASGI middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an app."""
        self.app = app
        self.metrics = metrics
        self._log = structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        name = request_id(scope)
        started = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
                if all(key != b"x-request-id" for key, _ in headers):
                    message["headers"] = [*headers, (b"x-request-id", name.encode())]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            self._log.error("request failed", request_id=name, error=type(error).__name__, at=_place(error))
            if status:
                raise
            problem = ProblemError("internal", "It is logged under this id; nothing was half-written.")
            await answer(problem, name)(scope, receive, sending)
        finally:
            self._count(scope, status, time.perf_counter() - started, name)

    def _count(self, scope: Scope, status: int, seconds: float, name: str) -> None:
        route = template(scope)
        self.metrics.observe(_method(scope), route, status, seconds)
        if route not in _QUIET:
            ms = round(seconds * 1000, 1)
            seen = {"request_id": name, "method": _method(scope), "route": route, "status": status, "ms": ms}
            self._log.info("request", **seen)


def template(scope: Scope) -> str:
    """The route template that answered, as /api/v1/clients/{reference}."""
    path: Any = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) and path else UNMATCHED


def _method(scope: Scope) -> str:
    method = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"


def _place(error: Exception) -> str:
    """Where an error came from; its message may hold personal data and is left out."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno}"
