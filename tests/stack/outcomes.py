"""What a round of the series came to: a line of a file, and the table of all lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

HELD, FAULT, HARNESS = "held", "product fault", "harness error"


class ProductFaultError(Exception):
    """The product did what it must not. Whatever else is raised is the harness's own."""


@dataclass
class Outcome:
    """One round. Seconds are from the end of the fault: to the first answer, and to read models without lag."""

    number: int
    kind: str
    to: str = ""
    outcome: str = HELD
    back_s: float | None = None
    caught_up_s: float | None = None
    acknowledged: int = 0
    errors_met: dict[str, int] = field(default_factory=dict[str, int])
    said: str = ""

    def kept(self, file: Path) -> None:
        """Append it to the file of results."""
        with file.open("a") as out:
            out.write(json.dumps(asdict(self)) + "\n")


def read(file: Path) -> list[Outcome]:
    """Every round of a file; none where it is not there yet."""
    return [Outcome(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


def table(outcomes: Iterable[Outcome]) -> str:
    """A line a kind: how often it held, and the longest that people and read models waited; then what did not hold."""
    rows: list[tuple[str, ...]] = [("kind", "rounds", HELD, "product", "harness", "back s", "in step s")]
    given = list(outcomes)
    for kind in sorted({one.kind for one in given}):
        own = [one for one in given if one.kind == kind]
        counted = [str(sum(one.outcome == word for one in own)) for word in (HELD, FAULT, HARNESS)]
        longest = [_longest([one.back_s for one in own]), _longest([one.caught_up_s for one in own])]
        rows.append((kind, str(len(own)), *counted, *longest))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    bad = [f"{one.number} {one.kind}: {one.outcome}: {one.said[:300]}" for one in given if one.outcome != HELD]
    return "\n".join([*lines, f"{len(given)} rounds", *bad])


def _longest(seconds: list[float | None]) -> str:
    known = [one for one in seconds if one is not None]
    return f"{max(known):.1f}" if known else "-"
