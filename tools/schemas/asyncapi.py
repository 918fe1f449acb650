"""The AsyncAPI 3.0 document of the topic. Spec: AsyncAPI 3.0.0, its Kafka bindings 0.5.0, CloudEvents 1.0.2."""

from __future__ import annotations

import importlib.metadata
from typing import Any

from infra.settings import Settings
from tools.schemas.values import Schema, address

Document = dict[str, Any]

_ABOUT = """\
Care Journey publishes its log of events to one topic: every event once or more, in the order of its client.

- The key is the client's id: 32 hex digits that say nothing about the person. One client's events are in one
  partition, in order.
- Headers are CloudEvents 1.0, binary content mode. The value is the event as it is stored: JSON with short names.
- Delivery is at least once. `ce_sequence` counts a client's events from 1 without a gap: drop what you have, and fetch
  again from the last offset that you hold when one is missing.
- Personal data is ciphertext under a key per client (`x`). What is erased stays unreadable in every copy.
- Ignore fields and types that you do not know: new ones may come within a version. What would take something away
  comes as a new version of the event, in `ce_dataschema` and `schemas/`.
- The content is protected by 42 CFR Part 2 even without names: whoever reads the topic needs a lawful ground.
"""
_TEXT: Schema = {"type": "string"}
_HEADERS: dict[str, tuple[Schema, str]] = {
    "ce_specversion": ({"const": "1.0"}, "CloudEvents version."),
    "ce_id": (_TEXT, "The event's id, 32 hex digits; unique."),
    "ce_source": ({"type": "string", "format": "uri-reference"}, "The client's stream, or one of the provider's own."),
    "ce_subject": (_TEXT, "The stream's id, 32 hex digits; of a client's, the client's id."),
    "ce_partitionkey": (_TEXT, "The stream's id again: what the partition is chosen by."),
    "ce_sequence": ({"type": "string", "pattern": r"^\d{10,}$"}, "Place in the stream, from 1, no gap."),
    "ce_position": ({"type": "string", "pattern": r"^\d+$"}, "Place in the whole log; ascends, with gaps."),
    "ce_time": ({"type": "string", "format": "date-time"}, "Clinical time: when it happened."),
    "ce_recordedtime": ({"type": "string", "format": "date-time"}, "Knowledge time: when it was recorded."),
    "ce_correlationid": ({"type": "string", "format": "uuid"}, "The request that recorded it."),
    "ce_causationid": ({"type": "string", "format": "uuid"}, "The event that led to it."),
    "traceparent": (_TEXT, "W3C Trace Context: join the request's trace."),
    "content-type": ({"const": "application/json"}, "Of the value."),
}
_OPTIONAL = {"ce_time", "ce_recordedtime", "ce_correlationid", "ce_causationid", "traceparent"}


def document(schemas: dict[str, Schema]) -> Document:
    """The document over these schemas, by ``Type.version``; their files are beside it in schemas/."""
    fields = Settings.model_fields
    topic, partitions = fields["kafka_topic"].default, fields["kafka_partitions"].default
    return {
        "asyncapi": "3.0.0",
        "id": "urn:carejourney:events:v1",
        "info": {
            "title": "Care Journey events",
            "version": importlib.metadata.version("carejourney"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka-secure",
                "description": "The organisation's cluster.",
                "variables": {
                    "bootstrap": {"description": "As in CAREJOURNEY_KAFKA_BOOTSTRAP.", "default": "kafka:9092"}
                },
                "security": [{"$ref": "#/components/securitySchemes/sasl"}],
            }
        },
        "channels": {"events": _channel(topic, partitions, schemas)},
        "operations": {
            "publishEvents": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "`carejourney relay run` sends every event of the log.",
            }
        },
        "components": {
            "messages": {_message_id(name): _message(name, schema) for name, schema in schemas.items()},
            "messageTraits": {"cloudEvent": _cloud_event()},
            "securitySchemes": {"sasl": {"type": "plain", "description": "SASL/PLAIN over TLS."}},
        },
    }


def _channel(topic: str, partitions: int, schemas: dict[str, Schema]) -> Document:
    names = [_message_id(name) for name in schemas]
    return {
        "address": topic,
        "summary": "Everything that was recorded of every client.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _cloud_event() -> Document:
    properties = {name: {**schema, "description": about} for name, (schema, about) in _HEADERS.items()}
    headers = {"type": "object", "required": sorted(properties.keys() - _OPTIONAL), "properties": properties}
    key = {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "The client's id."}
    return {"headers": headers, "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}}}


def _message(name: str, schema: Schema) -> Document:
    kind, _, version = name.rpartition(".")
    told = {"ce_type": {"const": kind}, "ce_dataschema": {"const": address(kind, int(version))}}
    return {
        "name": name,
        "title": schema["title"],
        "summary": schema["description"],
        "headers": {"type": "object", "required": sorted(told), "properties": told},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./schemas/{name}.json"},
        },
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
    }


def _message_id(name: str) -> str:
    return name.replace(".", "_v")
