"""A process to be killed: imports, appends or projects, and says on stdout what is acknowledged.

``import|append|project URL FILE``; a line is printed only after its work is durable.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson

from domain.commands import Draft
from domain.events import CATALOGUE
from infra.eventstore.log import Append, Author, EventLog, NewEntry
from infra.eventstore.setup import open_log
from infra.interop.importers.events import run
from infra.readmodels import projector as projecting
from infra.readmodels.projector import Projector
from infra.readmodels.readstore import ReadStore
from projections.catalogue import READ_MODELS
from tests.day import UTC_DAYS
from tests.spec import KEY


def acknowledge(what: object) -> None:
    """Say it where the parent reads it."""
    print(what, flush=True)


def importing(log: EventLog, file: Path) -> None:
    """Import in small batches; each is acknowledged by the position it reached."""
    run.BATCH = 40
    run.import_file(log, str(file), progress=lambda _: acknowledge(log.head()))


def appending(log: EventLog, file: Path) -> None:
    """Append line by line; each is acknowledged by its event id."""
    for line in map(orjson.loads, file.read_bytes().splitlines()):
        event = CATALOGUE.parse(line["type"], line["data"])
        entry = NewEntry(
            Draft(event, datetime.fromisoformat(line["occurred_at"])), Author(), UUID(line["event_id"]).hex
        )
        receipt = log.append(Append(line["client"], [entry]))
        acknowledge(receipt.event_ids[0])


def projecting_(log: EventLog, file: Path) -> None:
    """Catch up in small pages, then rebuild; each page is acknowledged by its position."""
    projecting.PAGE = 60
    projecting.CLIENTS_AT_ONCE = 3
    reads = ReadStore(f"sqlite:///{file.with_suffix('.read.db')}", READ_MODELS, UTC_DAYS)
    projector = Projector(log, reads)
    projector.catch_up(lambda position, _: acknowledge(position))
    projector.rebuild(progress=lambda position, _: acknowledge(position))
    reads.close()


WORK = {"import": importing, "append": appending, "project": projecting_}


def main(work: str, url: str, file: str) -> None:
    """Do one kind of work."""
    log = open_log(url, KEY, UTC_DAYS)
    WORK[work](log, Path(file))
    log.close()
    acknowledge("done")
