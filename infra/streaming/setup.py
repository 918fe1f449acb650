"""Put relay and worker together from the settings."""

from __future__ import annotations

from infra.services import Services
from infra.settings import SettingsError
from infra.streaming.metrics import MetricsServer
from infra.streaming.place import Place
from infra.streaming.relay import Relay


def relay_of(services: Services) -> tuple[Relay, MetricsServer]:
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
    relay = Relay(services.log, settings.database_url.get_secret_value(), Place.of(settings))
    return relay, MetricsServer(settings.metrics_host, settings.metrics_port, lambda: relay.healthy)
