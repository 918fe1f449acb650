"""Version of a source's resource that an entry was made from: how an older one is recognised.

FHIR R4 says when a version came to be (``meta.lastUpdated``) and what its server calls it (``meta.versionId``); servers
count these, and one that is no number tells nothing of order.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_UNKNOWN: Final = "-"
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


def version_of(updated: object, number: object) -> str:
    """A version as it is kept: its moment in UTC and its number, ``-`` for what is not known; empty without both."""
    moment = instant(updated) if isinstance(updated, str) else ""
    counted = number if isinstance(number, str) and _NUMBER.fullmatch(number) else ""
    return f"{moment or _UNKNOWN} {counted or _UNKNOWN}" if moment or counted else ""


def is_older(version: str, other: str) -> bool:
    """Whether a version is older than another, by its moment or by its number; not where nobody can say."""
    if not version or not other:
        return False
    (moment, number), (later, higher) = _parts(version), _parts(other)
    by_moment = bool(moment and later and moment < later)
    return by_moment or (number is not None and higher is not None and number < higher)


def covers(version: str, other: str) -> bool:
    """Whether a version tells everything of order that another does: what is older than that is older than this."""
    (moment, number), (earlier, lower) = _parts(version), _parts(other)
    return moment >= earlier and (lower is None or (number is not None and number >= lower))


def _parts(version: str) -> tuple[str, int | None]:
    moment, _, number = version.partition(" ")
    return "" if moment == _UNKNOWN else moment, int(number) if _NUMBER.fullmatch(number) else None


def instant(value: str) -> str:
    """A moment in UTC, to be compared as a text; nothing where it is none. A leap second is the one before."""
    try:
        parsed = datetime.fromisoformat(re.sub(r":60(?=[.Z+-])", ":59", value))
    except ValueError:
        return ""
    return parsed.astimezone(UTC).isoformat(timespec="microseconds") if parsed.tzinfo else ""
