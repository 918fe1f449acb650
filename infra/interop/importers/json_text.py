"""JSON that is not taken: it nests too deep, or an object has a name twice.

Readers keep the last of the two values, and nobody can say which was meant.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, cast

TWICE: Final = "names a field twice: nobody can say which counts: write each once"
TOO_DEEP: Final = "nests too deep: no entry and no resource has so many levels: mend the file"
_LEVELS: Final = 100  # what goes through a value calls itself at each level
_NAMES: Final = re.compile(rb'"\s*:')
_HOLDING: Final = frozenset({dict, list})  # what a reader of JSON makes of objects and arrays, and nothing derived


def unreadable(raw: bytes, value: Any) -> str | None:
    """Why a JSON text that was read as ``value`` is not taken, or None."""
    try:
        held = _names(value, _LEVELS) if type(value) in _HOLDING else 0
    except RecursionError:
        return TOO_DEEP
    if names_in(raw) <= held:
        return None  # a text may look like a name, but no name is missing then
    try:
        json.loads(raw, object_pairs_hook=_once)
    except _TwiceError:
        return TWICE
    return None


def names_in(raw: bytes) -> int:
    """How many names its objects have, those that are there twice too; more where a text looks like a name."""
    if b" :" in raw or b"\t" in raw or b"\n" in raw or b"\r" in raw:  # a blank may stand before a colon
        return len(_NAMES.findall(raw))
    return raw.count(b'":')


class _TwiceError(ValueError):
    """An object has a name twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _TwiceError
    return members


def _names(value: Any, levels: int) -> int:
    """How many names the objects of an object or array have.

    Raises:
        RecursionError: it has more levels.
    """
    if not levels:
        raise RecursionError
    is_object = type(value) is dict
    held = len(cast("dict[str, Any]", value)) if is_object else 0
    for part in cast("dict[str, Any]", value).values() if is_object else cast("list[Any]", value):
        if type(part) in _HOLDING:
            held += _names(part, levels - 1)
    return held
