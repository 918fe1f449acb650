"""What a simulated programme adds up to: counted client by client, so that memory stays flat."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.entries import Entry, effective, microseconds, offset_minutes
from domain.events import CATALOGUE
from domain.journey import Stay, journey_of
from infra.simulator import Line
from tests.day import UTC_DAYS

UNTIL = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)


def entry_of(line: Line, sequence: int) -> Entry:
    """The entry that the log would hold for an import line."""
    at = datetime.fromisoformat(line["occurred_at"])
    known = datetime.fromisoformat(line["recorded_at"])
    return Entry(
        line["client"],
        sequence,
        sequence,
        {
            "i": UUID(line["event_id"]).hex,
            "a": microseconds(at),
            "z": offset_minutes(at),
            "r": microseconds(known),
        },
        CATALOGUE.parse(line["type"], line["data"]),
        UTC_DAYS,
    )


def entries_of(lines: list[Line]) -> list[Entry]:
    """The client's stream."""
    return [entry_of(line, place) for place, line in enumerate(lines, start=1)]


def effective_of(lines: list[Line]) -> list[Entry]:
    """What counts of the client's stream."""
    return effective(entries_of(lines))


def stays_of(lines: list[Line]) -> tuple[Stay, ...]:
    """The client's stays."""
    wanted = ("LevelOfCareStarted", "LevelOfCareEnded", "ClientDied")
    return journey_of(entries_of([line for line in lines if line["type"] in wanted])).stays


class Summary:
    """Counts by type, by value of the telling fields, and by programme of ended stays."""

    def __init__(self) -> None:
        self.clients = 0
        self.types: Counter[str] = Counter()
        self.values: Counter[tuple[str, Any]] = Counter()
        self.reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.days: defaultdict[str, list[int]] = defaultdict(list)
        self.completed_days: defaultdict[str, list[int]] = defaultdict(list)
        self.started: Counter[str] = Counter()
        self.attended_late = 0

    def take(self, lines: list[Line]) -> None:
        """Add one client."""
        self.clients += 1
        for line in lines:
            self.types[line["type"]] += 1
            self._values(line)
        for stay in stays_of(lines):
            self._stay(stay)

    def completed(self, program: str) -> float:
        """The share of ended stays that were completed."""
        reasons = self.reasons[program]
        return reasons["completed"] / reasons.total()

    def _values(self, line: Line) -> None:
        for name, value in line["data"].items():
            if isinstance(value, str | bool):
                self.values[name, value] += 1
        if line["type"] == "SessionAttended":
            happened = date.fromisoformat(line["occurred_at"][:10])
            self.attended_late += (date.fromisoformat(line["recorded_at"][:10]) - happened).days > 7

    def _stay(self, stay: Stay) -> None:
        program = f"{stay.program} beside" if stay.concurrent else stay.program
        self.started[program] += 1
        if stay.reason and stay.end_day is not None:
            self.reasons[program][stay.reason] += 1
            self.days[program].append(stay.end_day - stay.start_day)
            if stay.reason == "completed":
                self.completed_days[program].append(stay.end_day - stay.start_day)
