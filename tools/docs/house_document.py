"""The document of counts: how the house stands, beside its second reading and its bars."""

from __future__ import annotations

from tools.counts.rows import BEFORE, Count, counts

HEAD = f"""# How the house stands

Made by `python -m tools.docs`; `python -m tools.counts --places` prints the figures of the tree as it is, and what is
behind each. *At {BEFORE}* is the second reading of the code, counted by the same rules; *now* is as it was when this
page was last made. *Held* is what a test (`tests/house/test_house_counts.py`) lets no figure exceed: lower it when the
figure falls. What is not held may still move.

| what | at {BEFORE} | now | held | bar |
|---|---|---|---|---|
"""


def house_page() -> str:
    """The table, as Markdown."""
    return HEAD + "\n".join(map(_row, counts())) + "\n"


def without_now(page: str) -> str:
    """The page without the figures of now, which move with every change."""
    rows = [line.split(" | ") for line in page.splitlines()]
    return "\n".join(" | ".join([*row[:2], *row[3:]]) if len(row) == 5 else " | ".join(row) for row in rows)


def _row(row: Count) -> str:
    held = " / ".join(map(str, row.held)) or "–"
    return f"| {row.what} | {row.before or '–'} | {row.figures} | {held} | {row.bar or '–'} |"
