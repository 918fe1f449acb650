"""Small sealed logs, and the standalone script that checks what they prove."""

from __future__ import annotations

import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from domain.commands import Draft
from domain.events import NoteAdded
from infra.eventstore.log import Append, Author, EventLog, NewEntry
from infra.eventstore.setup import open_log
from infra.integrity.heads import Head
from infra.integrity.proofs import find_entry, prove
from infra.integrity.seal import Notary
from infra.integrity.seal_tables import NamedLog, Seals
from infra.integrity.signing_key import SigningKey
from tests.conftest import ROOT
from tests.day import UTC_DAYS
from tests.spec import KEY, NOW

SCRIPT: dict[str, Any] = runpy.run_path(str(ROOT / "docs/verify/carejourney_verify.py"))


@dataclass
class SealedLog:
    """A log of notes in a few streams, sealed with a key of its own."""

    log: EventLog
    key: SigningKey = field(default_factory=SigningKey.generate)
    event_ids: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Find the seals."""
        self.seals = Seals.opened(self.log.recorder)
        self.named = NamedLog("care", self.log.recorder)

    def write(self, entries: int, charts: int = 3) -> None:
        """Append notes, chart after chart."""
        for chart in range(charts):
            notes = [NewEntry(Draft(NoteAdded(text="seen"), NOW), Author()) for _ in range(chart, entries, charts)]
            if notes:
                self.event_ids += self.log.append(Append(f"A-{chart}", notes)).event_ids

    def seal(self) -> list[Head]:
        """Seal what was written."""
        return Notary(self.seals, self.key, lambda: NOW).seal([self.named])

    def proof(self, event_id: str, since: Head | None = None) -> bytes:
        """A proof as the command writes it."""
        proof = prove(self.named, self.seals, find_entry(self.named, event_id), since)
        return orjson.dumps(proof, option=orjson.OPT_INDENT_2) + b"\n"


def sealed_log(url: str, entries: int) -> SealedLog:
    """A new log with so many entries under one head."""
    made = SealedLog(open_log(url, KEY, UTC_DAYS, lambda: NOW))
    made.write(entries)
    made.seal()
    return made


def holds(proof: bytes) -> bool:
    """Whether the standalone script believes a proof."""
    errors = (SCRIPT["NotTrueError"], ValueError, TypeError, AttributeError, OverflowError, RecursionError)
    try:
        SCRIPT["check_proof"](proof)
    except errors:
        return False
    return True


def file_log(folder: Path, entries: int) -> SealedLog:
    """The same in a SQLite file."""
    return sealed_log(f"sqlite:///{folder}/log.db", entries)
