"""Findings of a verification, each with its place and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "altered",
    "missing",
    "order",
    "forged",
    "unlinked",
    "unreadable",
    "root",
    "rolled-back",
    "head",
    "key",
    "tile",
    "index",
    "chart",
    "backdated",
]
MOST = 1_000  # of one log: a log that was written anew differs everywhere


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. ``position`` is 0 and ``client_id`` empty where it is about more than one entry."""

    log: str
    kind: Kind
    what: str
    position: int = 0
    client_id: str = ""
    sequence: int = 0


@dataclass(slots=True)
class LogReport:
    """What was read of one log: entries, streams, heads, and how many entries the newest head covers."""

    log: str
    entries: int = 0
    streams: int = 0
    heads: int = 0
    sealed: int = 0


@dataclass(slots=True)
class Report:
    """All that a verification came to. Notices are no differences: they say what could not be known."""

    logs: list[LogReport] = field(default_factory=list[LogReport])
    findings: list[Finding] = field(default_factory=list[Finding])
    notices: list[str] = field(default_factory=list[str])
