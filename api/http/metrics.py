"""Metrics for Prometheus: a registry per app. Labels are methods, statuses and kinds of routes.

All commands are one kind and all looks at charts are another: which command somebody gave, and when, says something
about a client to who watches the counters.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from api.http.access import PUBLIC, ROUTES
from infra.access_log.break_glass import OUTCOMES
from infra.bootstrap import Services

_KINDS = {
    **dict.fromkeys(("writing", "group-sessions", "break-glass", "erasure", "handing-out"), "commands"),
    **dict.fromkeys(("charts", "history", "printing", "disclosures", "client-rows"), "charts"),
    **dict.fromkeys(("audit", "access-review"), "audit"),
    **dict.fromkeys(
        ("projections", "operating", "setting-aside", "schedules", "provider", "defining", "importing"), "operations"
    ),
    **dict.fromkeys(("reports", "definitions"), "reports"),
    **dict.fromkeys(("publications", "publishing"), "publications"),
    "fhir": "fhir",
    "live": "live",
    "feed": "live",
    PUBLIC: "public",
}
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """What the API counts, and the gauges that are read when Prometheus asks."""

    def __init__(self, services: Services) -> None:
        """Make a registry over these services."""
        self.registry = CollectorRegistry()
        labels = ("method", "kind", "status")
        self._requests = Counter("carejourney_http_requests", "Requests", labels, registry=self.registry)
        self._seconds = Histogram(
            "carejourney_http_request_seconds",
            "Time to answer, in seconds",
            ("method", "kind"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._appends = Counter("carejourney_appends", "Commands recorded through this process", registry=self.registry)
        self.registry.register(_Projections(services))
        self.registry.register(_BrokenGlass(services))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request, by its route template."""
        kind = kind_of(method, route)
        self._requests.labels(method, kind, str(status)).inc()
        self._seconds.labels(method, kind).observe(seconds)

    def appended(self) -> None:
        """Count one recorded command."""
        self._appends.inc()


def kind_of(method: str, route: str) -> str:
    """Of which kind a route template is; ``other`` for what the table of routes does not have."""
    area = ROUTES.get(f"{'GET' if method == 'HEAD' else method} {route}", "")
    return "commands" if area.startswith("command:") else _KINDS.get(area, "other")


class _Projections:
    """Position, lag and quarantine per read model, read at each scrape."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[Metric]:
        """Nothing is read when the registry is made."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        lag = GaugeMetricFamily("carejourney_projection_lag", "Positions behind", labels=["projection"])
        at = GaugeMetricFamily("carejourney_projection_position", "Position held", labels=["projection"])
        stopped = GaugeMetricFamily("carejourney_quarantined", "Clients not folded", labels=["projection"])
        since = GaugeMetricFamily(
            "carejourney_quarantined_oldest_seconds", "How long the first of them is not folded", labels=["projection"]
        )
        now, statuses = self._services.now(), self._services.projector.status()
        for status in statuses:
            lag.add_metric([status.projection], status.lag)
            at.add_metric([status.projection], status.position)
            stopped.add_metric([status.projection], status.quarantined)
            first = status.stopped_since or now
            since.add_metric([status.projection], max(0.0, (now - first).total_seconds()))
        head = GaugeMetricFamily("carejourney_log_head", "Last committed position")
        head.add_metric([], max((status.head for status in statuses), default=0))
        yield from (lag, at, stopped, since, head)


class _BrokenGlass:
    """How often the glass was broken through this process; nobody is named."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterator[Metric]:
        """Nothing is read when the registry is made."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The counter, every outcome from the start: what begins at one is no rise."""
        family = CounterMetricFamily("carejourney_glass_broken", "Charts opened by broken glass", labels=["outcome"])
        for outcome in OUTCOMES:
            family.add_metric([outcome], self._services.people.glass.counts[outcome])
        yield family
