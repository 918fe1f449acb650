"""JSON in which an object has a name twice: readers keep the last of the values, and nobody can say which was meant."""

from __future__ import annotations

import json
import re
from typing import Any, Final, cast

TWICE: Final = "names a field twice: nobody can say which counts: write each once"
_NAMES: Final = re.compile(rb'"\s*:')


def has_a_name_twice(raw: bytes, value: Any) -> bool:
    """Whether an object in a JSON text, read as ``value``, has a name twice."""
    if len(_NAMES.findall(raw)) <= _names(value):
        return False  # a text may look like a name, but no name is missing then
    try:
        json.loads(raw, object_pairs_hook=_once)
    except (_TwiceError, RecursionError):
        return True
    return False


class _TwiceError(ValueError):
    """An object has a name twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _names(value: Any) -> int:
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return len(held) + sum(_names(part) for part in held.values() if isinstance(part, dict | list))
    if isinstance(value, list):
        return sum(_names(part) for part in cast("list[Any]", value) if isinstance(part, dict | list))
    return 0
