"""Ended stays as NDJSON, with their counts computed while they are made."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import orjson

from domain.levels import LEVELS
from domain.vocabulary import REASONS

LEVEL_WEIGHTS = (15, 20, 8, 25, 30, 2)
REASON_WEIGHTS = (42, 26, 7, 17, 2, 1, 5)
PROGRAMS = 20
FIRST_DAY = date(2004, 1, 1)

Counts = Counter[tuple[str, str, str]]


def write_ended_stays(path: Path, stays: int, seed: int = 1) -> Counts:
    """``stays`` clients with one ended stay each; gives the count per (level, program, reason)."""
    random = Random(seed)
    counts: Counts = Counter()
    with path.open("wb") as file:
        for number in range(stays):
            level = random.choices(LEVELS, LEVEL_WEIGHTS)[0]
            reason = random.choices(REASONS, REASON_WEIGHTS)[0]
            program = f"program-{random.randrange(PROGRAMS):02d}"
            start = FIRST_DAY + timedelta(days=random.randrange(365))
            end = start + timedelta(days=random.randrange(1, 180))
            counts[level, program, reason] += 1
            client, site = f"stay-{number:07d}", f"site-{number % 10}"
            began = {"level": level, "program": program}
            ended = {"level": level, "reason": reason}
            for kind, day, data in (("LevelOfCareStarted", start, began), ("LevelOfCareEnded", end, ended)):
                moment = f"{day}T09:00:00-05:00"
                line = {"client": client, "type": kind, "occurred_at": moment, "site": site, "data": data}
                file.write(orjson.dumps(line) + b"\n")
    return counts
