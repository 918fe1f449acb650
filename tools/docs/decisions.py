"""The index of decisions: docs/decisions/README.md, read from the decisions themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs/decisions"
FORM = re.compile(
    r"# (?P<number>\d{4}) (?P<title>.+)\n\n"
    r"Status: (?P<status>accepted|superseded by \[\d{4}\]\([\w-]+\.md\)), (?P<day>\d{4}-\d\d-\d\d)"
    r"(?P<amended>(?: · amended by \[\d{4}\]\([\w-]+\.md\))*)\n\n"
)

# Numbers that no file has.
MISSING = {
    12: "*The schema `reporting` holds withheld rows only*: superseded by 0036, deleted with what it decided",
    18: "*One pattern of hiding for every question*: superseded by 0036, deleted with what it decided",
    22: "*What the other reports hide*: superseded by 0036, deleted with what it decided",
    25: "never used",
    31: "never used",
}

HEAD = """# Decisions

Made from the decisions by `python -m tools.docs`; a test holds it to them.

A decision has a number that is never given again, a status, the day it was made, its context, what was decided, what
follows, and what was rejected. A later one *supersedes* it when it takes its place, and *amends* it when the rest still
holds.
[CONTRIBUTING.md](../../CONTRIBUTING.md#a-decision) says how to add one.

| number | decision | status | date |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Decision:
    """One decision as its first lines say it."""

    file: str
    number: int
    title: str
    status: str
    day: date


def decisions(folder: Path = FOLDER) -> Iterator[Decision]:
    """Every decision by number.

    Raises:
        ValueError: a file does not begin with number, title, status and day.
    """
    for path in sorted(folder.glob("[0-9]*.md")):
        found = FORM.match(path.read_text())
        if not found or found["number"] != path.name[:4]:
            raise ValueError(f"{path.name}: begin with `# NNNN Title`, then `Status: accepted, YYYY-MM-DD`")
        status = found["status"] + found["amended"].replace(" · ", "; ")
        yield Decision(path.name, int(found["number"]), found["title"], status, date.fromisoformat(found["day"]))


def index_page() -> str:
    """The index, as Markdown."""
    rows = {one.number: _row(one) for one in decisions()}
    rows |= {number: f"| {number:04} | {why} | | |" for number, why in MISSING.items()}
    return HEAD + "\n".join(row for _, row in sorted(rows.items())) + "\n"


def _row(one: Decision) -> str:
    return f"| {one.number:04} | [{one.title}]({one.file}) | {one.status} | {one.day} |"
