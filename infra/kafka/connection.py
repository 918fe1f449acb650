"""Where the stream is: brokers, topic, group, and the clients' settings that were found to hold."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from domain.errors import ExpectedError
from infra.settings import Settings

# What a client raises when no broker can be reached: the next attempt may find one.
AWAY: tuple[type[Exception], ...] = (KafkaError, OSError)


class TopicMissingError(ExpectedError, LookupError):
    """The topic is not there: the relay makes it."""


@dataclass(frozen=True, slots=True)
class TopicAddress:
    """A topic on a cluster, and how its clients sign in."""

    bootstrap: str
    topic: str
    group: str
    partitions: int = 12
    replication: int = 1
    security: str = "PLAINTEXT"
    username: str = ""
    password: str = ""

    @staticmethod
    def of(settings: Settings) -> TopicAddress:
        """What the settings say."""
        word = settings.kafka_sasl_password
        return TopicAddress(
            settings.kafka_bootstrap,
            settings.kafka_topic,
            settings.kafka_group,
            settings.kafka_partitions,
            settings.kafka_replication,
            settings.kafka_security_protocol,
            settings.kafka_sasl_username,
            word.get_secret_value() if word else "",
        )

    def client(self) -> dict[str, Any]:
        """What every kind of client is made with."""
        # a broker's return is noticed in a second; by default it takes up to thirty
        common: dict[str, Any] = {"bootstrap_servers": self.bootstrap.split(","), "reconnect_backoff_max_ms": 1_000}
        common["security_protocol"] = self.security
        if self.security.startswith("SASL"):
            common["sasl_mechanism"] = "PLAIN"
            common["sasl_plain_username"] = self.username
            common["sasl_plain_password"] = self.password
        return common


class Topics:
    """The cluster's own word on a topic."""

    def __init__(self, place: TopicAddress) -> None:
        """Connect.

        Raises:
            KafkaError: no broker answers.
        """
        self._place = place
        make = partial(KafkaAdminClient, **place.client())
        self._admin = make(request_timeout_ms=10_000, bootstrap_timeout_ms=10_000)

    def id(self) -> str:
        """The topic's id, 32 hex digits: a topic that was deleted and made again has another.

        Raises:
            TopicMissingError: there is no such topic.
            KafkaError: no broker answers.
        """
        topic = self._admin.describe_topics([self._place.topic])[0]
        topic_id = topic.get("topic_id")
        if topic.get("error_code") or not topic_id:
            msg = f"topic {self._place.topic} is missing: start `carejourney relay run`, which makes it"
            raise TopicMissingError(msg)
        return topic_id.hex if isinstance(topic_id, uuid.UUID) else str(topic_id)

    def ensure(self) -> str:
        """Make the topic unless it is there; gives its id. It keeps everything: it is a copy of the log."""
        try:
            return self.id()
        except TopicMissingError:
            pass
        settings = {
            "cleanup.policy": "delete",
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "min.insync.replicas": str(max(1, self._place.replication - 1)),
            "message.timestamp.type": "CreateTime",
        }
        wanted = {
            "num_partitions": self._place.partitions,
            "replication_factor": self._place.replication,
            "configs": settings,
        }
        try:
            self._admin.create_topics({self._place.topic: wanted}, wait_for_metadata=True)
        except TopicAlreadyExistsError:  # another relay was quicker
            self._admin.wait_for_topics([self._place.topic])
        return self.id()

    def close(self) -> None:
        """Disconnect."""
        self._admin.close()
