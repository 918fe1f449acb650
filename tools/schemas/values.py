"""The JSON Schema of a record's value: the state of a stored event, its sealed fields as one ciphertext."""

from __future__ import annotations

from typing import Any, cast

from domain.events import CATALOGUE, EntryCorrected, Event, topic

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEX_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_MICROSECONDS = "microseconds since 1970-01-01T00:00:00Z"

ENVELOPE: dict[str, Schema] = {
    "i": {**_HEX_ID, "description": "Event id, 32 hex digits."},
    "a": {"type": "integer", "description": f"Clinical time: when it happened, {_MICROSECONDS}."},
    "z": {"type": "integer", "description": "UTC offset in minutes of the clinical time as written; none: 0."},
    "r": {"type": "integer", "description": f"Knowledge time: when it was recorded, {_MICROSECONDS}."},
    "w": {"type": "string", "description": "Actor: the name of who recorded it."},
    "u": {"type": "string", "description": "Issuer of the actor's sign-in: with the subject, who the actor is."},
    "y": {"type": "string", "description": "Subject: the issuer's own name for the actor."},
    "o": {"type": "string", "description": "The actor's role."},
    "s": {"type": "string", "description": "The system it came through."},
    "q": {"type": "string", "description": "The source that an import's line claims, beside `s`."},
    "b": {
        "type": "object",
        "description": "The import that it came with; none: it was recorded here.",
        "properties": {
            "i": {**_HEX_ID, "description": "The batch: one run of an import."},
            "w": {"type": "string", "description": "Who ran it."},
            "t": {
                "type": "integer",
                "description": f"When it was recorded here, if `r` is another time, {_MICROSECONDS}.",
            },
        },
        "required": ["i", "w"],
    },
    "f": {"type": "string", "description": "Facility (site)."},
    "c": {**_HEX_ID, "description": "Correlation: the request that recorded it."},
    "h": {
        "type": "string",
        "contentEncoding": "base64",
        "description": "The link: 0x01, the SHA-256 of the stream's previous event, and a code of the log's own key.",
    },
    "k": {**_HEX_ID, "description": "Causation: the event that led to it."},
}
_SEALED = (
    "The sealed fields: a JSON object, AES-256-GCM under the client's own key with the event id as associated data "
    "(a 12-byte nonce, then ciphertext and tag). Once a client is erased nobody can open it."
)


def schemas() -> dict[str, Schema]:
    """The schema of each event type's current version, by ``Type.version``."""
    return {topic(name, cls.version): _value(name, cls) for name, cls in sorted(CATALOGUE.types.items())}


def address(name: str, version: int) -> str:
    """What a record's ``dataschema`` says."""
    return f"/carejourney/events/{name}/{version}"


def _value(name: str, cls: type[Event]) -> Schema:
    whole = _plain(cls.model_json_schema(by_alias=True, mode="serialization"))
    definitions = whole.pop("$defs", {})
    properties: dict[str, Schema] = whole.pop("properties", {})
    required: list[str] = whole.pop("required", [])
    sealed = {field: properties[field] for field in sorted(properties) if properties[field].pop("x-personal", False)}
    words = {field: {"enum": found.pop("x-readable")} for field, found in sealed.items() if "x-readable" in found}
    shown = {
        field: words.get(field, found) for field, found in properties.items() if field in words or field not in sealed
    }
    required = [field for field in required if field not in sealed]
    value: Schema = {
        "$schema": DIALECT,
        "$id": address(name, cls.version),
        "title": f"{name}, version {cls.version}",
        "description": " ".join((cls.__doc__ or "").split()),
        "type": "object",
        "properties": {**ENVELOPE, "d": _object(shown, required)},
        "required": ["i", "a", "r", "d"],
    }
    if issubclass(cls, EntryCorrected):
        # the sealed part of what it should have said belongs to another type
        sealed["replacement"] = {"type": "object", "description": "The sealed fields of the replacement's own type."}
    if sealed:
        opened = _object(sealed, [])
        value["properties"]["x"] = {
            "type": "string",
            "contentEncoding": "base64",
            "description": _SEALED,
            "x-opens-to": opened,
        }
    if definitions:
        value["$defs"] = definitions
    return value


def _object(properties: dict[str, Schema], required: list[str]) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": sorted(required)} if required else found


def _plain(found: Any) -> Any:
    """A schema without what is said elsewhere, and open: a later release may add fields."""
    if isinstance(found, list):
        return [_plain(item) for item in cast("list[Any]", found)]
    if not isinstance(found, dict):
        return found
    given = cast("Schema", found)
    kept: Schema = {
        key: _plain(value) for key, value in given.items() if key not in {"title", "additionalProperties", "default"}
    }
    for key in ("properties", "$defs"):
        if key in given:  # names of fields, not words of the schema
            kept[key] = {name: _present(_plain(value)) for name, value in given[key].items()}
    return kept


def _present(found: Schema) -> Schema:
    """A field that is there: never null, though an element of a list may be."""
    options = [option for option in found.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return {**options[0], **{key: value for key, value in found.items() if key != "anyOf"}}
    return {**found, "anyOf": options} if options else found
