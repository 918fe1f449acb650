"""Figures of relay and workers for Prometheus, and the small server that shows all figures. No label is a person."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, generate_latest

from infra.settings import Settings

PUBLISHED = Counter("carejourney_relay_published", "Events that the brokers have acknowledged")
LEADER = Gauge("carejourney_relay_leader", "1 while this relay leads")
RELAY_LAG = Gauge("carejourney_relay_lag_positions", "Positions of the log that are not in the topic yet")
RELAY_RESTARTS = Counter("carejourney_relay_restarts", "Producers that were replaced", ["reason"])
FOLDED = Counter("carejourney_projector_events", "Events taken from the topic or the log")
LAG = Gauge("carejourney_projector_lag_positions", "Positions of the log that the read models do not hold yet")
QUARANTINED = Gauge("carejourney_projector_quarantined", "Clients that a read model could not fold")
REBALANCES = Counter("carejourney_projector_rebalances", "Assignments of partitions to this worker")
RESTARTS = Counter("carejourney_projector_restarts", "Consumers that were replaced", ["reason"])
FENCED = Counter("carejourney_projector_fenced", "Batches given up because their partitions had moved on")
FOREIGN = Counter("carejourney_projector_foreign_records", "Records of the topic that the log does not know")

Healthy = Callable[[], bool]


class MetricsServer:
    """``/metrics`` and ``/healthz`` on a port of their own; nothing listens without one."""

    def __init__(self, host: str, port: int | None, healthy: Healthy, registry: CollectorRegistry = REGISTRY) -> None:
        """Prepare; ``start`` binds the port, any that is free for 0."""
        self._host, self._port = host, port
        self._handler = type("Handler", (_Handler,), {"healthy": staticmethod(healthy), "registry": registry})
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> int:
        """Listen; gives the port.

        Raises:
            OSError: the port is taken.
        """
        if self._port is None:
            return 0
        self._server = ThreadingHTTPServer((self._host, self._port), self._handler)
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    @contextmanager
    def serving(self) -> Generator[int]:
        """Listen within the block; gives the port."""
        port = self.start()
        try:
            yield port
        finally:
            self.stop()


def metrics_of(settings: Settings, healthy: Healthy, registry: CollectorRegistry = REGISTRY) -> MetricsServer:
    """The server that the settings ask for."""
    return MetricsServer(settings.metrics_host, settings.metrics_port or None, healthy, registry)


class _Handler(BaseHTTPRequestHandler):
    healthy: Healthy
    registry: CollectorRegistry

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(self.registry))
        elif self.path == "/healthz":
            well = self.healthy()
            self._answer(200 if well else 503, "application/json", json.dumps({"healthy": well}).encode())
        else:
            self._answer(404, "text/plain", b"/metrics or /healthz\n")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: a scrape a second is no news."""
