"""Record the CTN-0094 tables: restartable, never twice, with the account of every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from domain.entries import Meta, microseconds
from domain.events import CATALOGUE
from infra.eventstore.log import EventLog
from infra.interop.importers.ctn0094.account import Account, write_listed
from infra.interop.importers.ctn0094.chart import Line
from infra.interop.importers.ctn0094.csv_tables import TablesError
from infra.interop.importers.ctn0094.lines import last_day, lines
from infra.interop.importers.ctn0094.tables import Tables, read_tables
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.known import OTHER_CONTENT
from infra.interop.importers.events.lines import SOURCE, Prepared
from infra.interop.importers.events.origin import Origin
from infra.interop.importers.events.run import BATCH, ImportFileError

EARLIEST_DAY_ZERO: Final = date(1910, 1, 1)


def import_ctn0094(
    log: EventLog,
    directory: Path,
    day_zero: date,
    leftovers: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, object]]:
    """Record all 15 tables of a folder; answers the account as rows of a printed table, the last the sum.

    ``day_zero`` is every person's consent date. ``leftovers`` gets each row that was left over, as CSV.
    ``progress`` is called with the people done and their number. What is recorded already is left alone, so
    an import that was cut off is simply run again.

    Raises:
        ImportFileError: the tables or ``day_zero`` do not do, or ``leftovers`` cannot be written; nothing is
            recorded then.
    """
    tables = _tables(directory, day_zero, log.clock())
    _check_writable(leftovers)
    account = Account()
    recorded, known, refused, people = 0, 0, 0, 0
    total = len(tables.everybody.by_who)
    batch: list[Prepared] = []
    origin = Origin()
    for chart in lines(tables, day_zero, account):
        people += 1
        batch += [_prepared(line) for line in chart]
        if len(batch) < BATCH and people < total:
            continue
        written = write_batch(log, batch, origin)
        recorded += written.by_type.total()
        known += written.known
        refused += len(written.refused)
        batch = []
        if progress:
            progress(people, total)
    if leftovers is not None:
        write_listed(leftovers, account.leftovers)
    report = account.report()
    return [*report, _sum(report, recorded, known, refused)]


def _tables(directory: Path, day_zero: date, now: datetime) -> Tables:
    try:
        tables = read_tables(directory)
    except TablesError as error:
        raise ImportFileError(str(error)) from None
    latest = now.date() - timedelta(days=last_day(tables) + 1)
    if not EARLIEST_DAY_ZERO <= day_zero <= latest:
        msg = (
            f"day zero {day_zero} would put an event before 1900 or in the future: "
            f"choose a date from {EARLIEST_DAY_ZERO} to {latest}"
        )
        raise ImportFileError(msg)
    return tables


def _check_writable(leftovers: Path | None) -> None:
    if leftovers is None:
        return
    try:
        write_listed(leftovers, [])
    except OSError as error:
        msg = f"{leftovers}: {error.strerror}: give a file that can be written for the leftovers"
        raise ImportFileError(msg) from None


def _prepared(line: Line) -> Prepared:
    meta: Meta = {
        "i": line["event_id"].replace("-", ""),
        "a": microseconds(datetime.fromisoformat(line["occurred_at"])),
        "r": 0,
        "s": SOURCE,
        "q": line["source"],
    }
    if line["site"]:
        meta["f"] = line["site"]
    return Prepared.of(0, line["client"], CATALOGUE.parse(line["type"], line["data"]), meta)


def _sum(report: Sequence[dict[str, object]], recorded: int, known: int, refused: int) -> dict[str, object]:
    """The last row: all tables together, and what this run recorded."""
    columns = ("rows_in", "rows_used", "merged", "left_over")
    sums = {name: sum(int(str(row[name])) for row in report) for name in columns}
    events = f"recorded now {recorded:,}; recorded before {known:,}"
    because = f"an id {OTHER_CONTENT} {refused:,}" if refused else ""
    return {"table": "all", **sums, "events": events, "left_over_because": because, "remarks": ""}
