"""Whether a schema still takes what was stored under an older one: the log keeps every event for good.

Fields may be added and bounds may be widened. What takes something away (a field, a value, a range), or moves a field
into or out of the sealed part, needs a new version of the event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.schemas.values import Schema

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_SAME = ("pattern", "format", "contentEncoding", "const")


def breaking(old: Schema, new: Schema) -> list[str]:
    """What of ``old`` is lost in ``new``, one sentence each; nothing when every old event and reader can go on."""
    return list(_lost(old, new, old, new, ""))


def _lost(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    where = path or "the event"
    if "anyOf" in old or "anyOf" in new:
        yield from _lost_options(old, new, old_root, new_root, where)
        return
    if old.get("type") != new.get("type") and not (old.get("type") == "integer" and new.get("type") == "number"):
        yield f"{where} was {old.get('type', 'anything')} and is {new.get('type', 'anything')}"
        return
    yield from _narrowed(old, new, where)
    yield from _lost_fields(old, new, old_root, new_root, path)
    for key in ("items", "x-opens-to"):
        if key in old:
            yield from _lost(old[key], new.get(key, {}), old_root, new_root, f"{path}[]" if key == "items" else path)
    for index, item in enumerate(old.get("prefixItems", ())):
        others = new.get("prefixItems", ())
        yield from _lost(item, others[index] if index < len(others) else {}, old_root, new_root, f"{path}[{index}]")


def _lost_fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    fields = new.get("properties", {})
    for name, found in old.get("properties", {}).items():
        inner = f"{path}.{name}".lstrip(".")
        if name in fields:
            yield from _lost(found, fields[name], old_root, new_root, inner)
        else:
            yield f"{inner} is gone"
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{path}.{name} is required now".lstrip(".")


def _lost_options(old: Schema, new: Schema, old_root: Schema, new_root: Schema, where: str) -> Iterator[str]:
    """Each old alternative must fit one of the new ones whole."""
    others: list[Schema] = new.get("anyOf", [new])
    for option in old.get("anyOf", [old]):
        if not any(not list(_lost(option, other, old_root, new_root, where)) for other in others):
            kind = _resolved(option, old_root)
            yield f"{where} can no longer be {kind.get('type', kind)}"


def _narrowed(old: Schema, new: Schema, where: str) -> Iterator[str]:
    values = new.get("enum")
    if values is not None and "enum" not in old and "const" not in old:
        yield f"{where} has a list of values now"
    before: list[Any] = old.get("enum", [old["const"]] if "const" in old and values is not None else [])
    yield from (f"{where} can no longer be {value!r}" for value in before if values is not None and value not in values)
    for key in (*_LOWER, *_UPPER):
        if key in new and (key not in old or (new[key] > old[key] if key in _LOWER else new[key] < old[key])):
            yield f"{where} has {key} {new[key]}, it was {old.get(key, 'without')}"
    for key in _SAME:
        if key in new and new[key] != old.get(key) and not (key == "const" and "enum" in old):
            yield f"{where} has {key} {new[key]}, it was {old.get(key, 'without')}"


def _resolved(found: Schema, root: Schema) -> Schema:
    while "$ref" in found:
        found = root["$defs"][found["$ref"].rpartition("/")[2]]
    return found
