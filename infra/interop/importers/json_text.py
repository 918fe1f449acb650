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


def unreadable(raw: bytes, value: Any) -> str | None:
    """Why a JSON text that was read as ``value`` is not taken, or None."""
    try:
        held = _names(value, _LEVELS)
    except RecursionError:
        return TOO_DEEP
    if len(_NAMES.findall(raw)) <= held:
        return None  # a text may look like a name, but no name is missing then
    try:
        json.loads(raw, object_pairs_hook=_once)
    except _TwiceError:
        return TWICE
    return None


class _TwiceError(ValueError):
    """An object has a name twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _names(value: Any, levels: int) -> int:
    """How many names its objects have.

    Raises:
        RecursionError: it has more levels.
    """
    if not levels:
        raise RecursionError
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return len(held) + sum(_names(part, levels - 1) for part in held.values() if isinstance(part, dict | list))
    if isinstance(value, list):
        parts = cast("list[Any]", value)
        return sum(_names(part, levels - 1) for part in parts if isinstance(part, dict | list))
    return 0
