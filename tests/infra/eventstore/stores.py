"""A store under test: a database, and the logs that are open on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from infra.eventstore.log import Append, EventLog
from infra.eventstore.setup import open_log
from tests.day import UTC_DAYS
from tests.spec import KEY, NOW

Appending = Callable[..., Append]


@dataclass
class Store:
    """A database, and the logs that are open on it."""

    url: str
    folder: Path
    opened: list[EventLog] = field(default_factory=list[EventLog])

    def open(self, key: bytes = KEY) -> EventLog:
        """One more log on the same database, as another process has it."""
        log = open_log(self.url, key, UTC_DAYS, lambda: NOW)
        self.opened.append(log)
        return log
