"""``python -m tools.counts [--places]`` counts how the house stands beside its second reading and its bars.

``--places`` adds the places behind a figure, where they can be listed.
"""

from __future__ import annotations

import argparse
import sys

from tools.counts.rows import BEFORE, counts


def rendered(*, places: bool = False) -> str:
    """The table, and below it the places."""
    rows = list(counts())
    texts = [("what", f"at {BEFORE}", "now", "bar"), *((row.what, row.before, row.figures, row.bar) for row in rows)]
    widths = [max(len(text[column]) for text in texts) for column in range(4)]
    head, *body = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in texts
    ]
    table = [head, "|" + "|".join("-" * (width + 2) for width in widths) + "|", *body]
    if places:
        table += [f"\n{row.what}\n" + "\n".join(f"  {one}" for one in row.places) for row in rows if row.places]
    return "\n".join(table)


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(prog="python -m tools.counts", description=__doc__)
    parser.add_argument("--places", action="store_true", help="where they are")
    sys.stdout.write(rendered(places=parser.parse_args().places) + "\n")


if __name__ == "__main__":
    main()
