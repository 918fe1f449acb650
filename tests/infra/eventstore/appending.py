"""A writer of its own: appends notes to four charts. ``python -m tests.infra.eventstore.appending URL COUNT NAME``."""

from __future__ import annotations

import sys

from domain.commands import Draft
from domain.events import NoteAdded
from infra.eventstore.log import Append, Author, NewEntry
from infra.eventstore.setup import open_log
from tests.day import UTC_DAYS
from tests.spec import KEY, NOW


def main(url: str, count: str, name: str) -> None:
    """Say each append when it is acknowledged."""
    log = open_log(url, KEY, UTC_DAYS, lambda: NOW)
    for number in range(int(count)):
        entry = NewEntry(Draft(NoteAdded(text=f"{name}/{number}"), NOW), Author())
        receipt = log.append(Append(f"A-{number % 4}", [entry]))
        print(receipt.event_ids[0], flush=True)
    log.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
