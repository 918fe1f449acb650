"""Put relay and worker together from the settings."""

from __future__ import annotations

from infra.kafka.connection import TopicAddress
from infra.kafka.metrics import MetricsServer, metrics_of
from infra.kafka.relay import Relay
from infra.kafka.worker import Worker
from infra.readmodels.context import HasReads
from infra.settings import SettingsError


def relay_of(services: HasReads) -> tuple[Relay, MetricsServer]:
    """The relay, and the server of its metrics.

    Raises:
        SettingsError: no Kafka is set, or the log is an embedded file.
    """
    settings = services.settings
    if not settings.kafka_bootstrap:
        msg = "no Kafka is set: set CAREJOURNEY_KAFKA_BOOTSTRAP=HOST:PORT"
        raise SettingsError(msg)
    if settings.is_embedded:
        msg = "the relay needs a log on PostgreSQL: set CAREJOURNEY_DATABASE_URL=postgresql://…"
        raise SettingsError(msg)
    relay = Relay(services.log, settings.database_url.get_secret_value(), TopicAddress.of(settings))
    return relay, metrics_of(settings, lambda: relay.healthy)


def worker_of(services: HasReads) -> tuple[Worker, MetricsServer]:
    """A worker of the topic's group, and the server of its metrics."""
    worker = Worker(services.projector, TopicAddress.of(services.settings))
    return worker, metrics_of(services.settings, lambda: worker.healthy)
