"""Items of a converter: lines to record, what the source takes back, what was left over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Converted:
    """One import line and the place that it was made of, as ``Observation/17`` or ``line 12``.

    ``kind`` is what the source calls it, as Observation. ``ours``: it comes of our own export, whose ids are those of
    the log. ``formerly`` are ids under which earlier releases recorded the same; ``others`` those of entries that the
    same item of the source would make if it said something else. ``whole`` are the ids of all that the item may make:
    they tell which version of it was imported last.
    """

    place: str
    line: Line
    kind: str = ""
    ours: bool = False
    formerly: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The source says that an item was entered in error; ``ids`` are those of the entries that it may have made.

    ``reason`` is why nothing is made of it, for when nothing was; ``version`` that of the item, if it is known.
    """

    place: str
    kind: str
    client: str
    ids: tuple[str, ...]
    reason: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Unconverted:
    """The source says something of an item now that becomes no entry, and ``reason`` is why.

    ``ids`` are those of the entries that the item may have made before: they are no longer stated. ``version`` is that
    of the item, if it is known; ``client`` is empty for one of nobody who is known.
    ``differs``: as of what is left over.
    """

    place: str
    kind: str
    client: str
    ids: tuple[str, ...]
    reason: str
    version: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Something that became no entry, and why; ``kind`` groups it in the report.

    ``differs``: something else is recorded here, and somebody has to look at it.
    """

    place: str
    kind: str
    reason: str
    differs: bool = False


Outcome = Converted | Withdrawn | Unconverted | LeftOver


def entry_id(*parts: object) -> str:
    """The id of an entry made of something that has none of ours: the same source always gives the same id."""
    return uuid5(NAMESPACE_URL, "urn:carejourney:import:" + "|".join(map(str, parts))).hex
