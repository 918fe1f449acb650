"""Plain YAML 1.2 of plain values: enough for a document that people read, and no parser to be kept up to date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

# What no parser takes for a number, a date, a word of truth, or syntax.
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./+-]+)*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def to_yaml(value: dict[str, Any]) -> str:
    """A mapping as YAML; keys keep their order."""
    return "\n".join(_mapping(value, "")) + "\n"


def _mapping(value: dict[str, Any], indent: str) -> Iterator[str]:
    for key, item in value.items():
        name = _scalar(key)
        if isinstance(item, dict) and item:
            yield f"{indent}{name}:"
            yield from _mapping(cast("dict[str, Any]", item), indent + "  ")
        elif isinstance(item, list) and item:
            yield f"{indent}{name}:"
            yield from _sequence(cast("list[Any]", item), indent + "  ")
        elif isinstance(item, str) and item.endswith("\n"):
            yield f"{indent}{name}: |"
            yield from (f"{indent}  {line}".rstrip() for line in item.splitlines())
        else:
            yield f"{indent}{name}: {_scalar(item)}"


def _sequence(items: list[Any], indent: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict) and item:
            first, *rest = _mapping(cast("dict[str, Any]", item), indent + "  ")
            yield f"{indent}- {first.strip()}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(item)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
