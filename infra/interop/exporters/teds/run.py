"""Write TEDS records, with a check report of what is missing in them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from infra.eventstore.log import EventLog
from infra.interop.exporters.all_charts import Progress, charts
from infra.interop.exporters.left_out import LeftOut
from infra.interop.exporters.targets import new_folder
from infra.interop.exporters.teds.codes import MISSING
from infra.interop.exporters.teds.records import Record, records
from infra.interop.exporters.texts import csv_text

ADMISSION_COLUMNS = (
    *("CLIENT_KEY", "STAY", "EPISODE", "TRANSACTION", "ADM_DATE", "ADMYR"),
    *("AGE", "GENDER", "RACE", "ETHNIC", "MARSTAT", "EDUC", "EMPLOY", "LIVARAG"),
    *("SERVICES", "PSOURCE", "DAYWAIT", "NOPRIOR", "DSMCRIT", "PSYPROB", "METHUSE", "PRIMPAY"),
    *("SUB1", "SUB2", "SUB3", "FREQ1", "ROUTE1", "ALCDRUG"),
)
DISCHARGE_COLUMNS = (
    *ADMISSION_COLUMNS,
    *("DIS_DATE", "DISYR", "LAST_CONTACT", "SERVICES_D", "REASON", "LOS_DAYS", "LOS", "FREQ1_D"),
)
CHECK_COLUMNS: tuple[str, ...] = ("file", "item", "records", "missing", "share")
NOT_KEPT = ("FRSTUSE1", "ARRESTS", "VET", "PREG", "HLTHINS", "PRIMINC", "DETNLF", "DETCRIM", "FREQ_ATND_SELF_HELP")

README = """TEDS records. Codes are those of SAMHSA's TEDS-A and TEDS-D codebooks of 2019; -9 is missing.
LOS_DAYS is from admission to the last contact, one day added for outpatient services; LOS is its code in the public
file. SERVICES: a medical detox is free-standing (2), PHP and IOP are 6. check.csv says how many records lack what.
Items that TEDS asks for and this record does not keep are missing everywhere and left out: {not_kept}.
CLIENT_KEY is a keyed number; the records hold dates and are no public data.
"""


@dataclass
class TedsResult:
    """How many records were written, and how many lack each item."""

    admissions: int = 0
    discharges: int = 0
    missing: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    def rows(self) -> Iterator[dict[str, object]]:
        """The check report: records, records that lack the item, and their share, by file and item."""
        for name, columns, n in (
            ("admissions", ADMISSION_COLUMNS, self.admissions),
            ("discharges", DISCHARGE_COLUMNS, self.discharges),
        ):
            for column in columns:
                lacking = self.missing[name, column]
                share = round(lacking / n, 4) if n else None
                yield dict(zip(CHECK_COLUMNS, (name, column, n, lacking, share), strict=True))


def export_teds(
    log: EventLog,
    folder: Path,
    start: date | None = None,
    end: date | None = None,
    progress: Progress | None = None,
    left: LeftOut | None = None,
) -> TedsResult:
    """Write admissions (by admission date) and discharges (by discharge date) of a period, both days included.

    ``left`` as in ``charts``.

    Raises:
        TargetExistsError: the folder exists and is not empty.
    """
    result = TedsResult()
    with new_folder(folder) as part:
        with _writers(part) as (admissions, discharges):
            for chart in charts(log, opened=True, progress=progress, left=left):
                for admission, discharge in records(chart):
                    if _within(admission["ADM_DATE"], start, end):
                        admissions.writerow(_cells(admission))
                        result.admissions += 1
                        _note(result, "admissions", admission)
                    if discharge is not None and _within(discharge["DIS_DATE"], start, end):
                        discharges.writerow(_cells(discharge))
                        result.discharges += 1
                        _note(result, "discharges", discharge)
        _check(part / "check.csv", result)
        (part / "README.txt").write_text(README.format(not_kept=", ".join(NOT_KEPT)))
    return result


@contextmanager
def _writers(folder: Path) -> Generator[tuple[csv.DictWriter[str], csv.DictWriter[str]]]:
    def opened(stack: ExitStack, name: str, columns: tuple[str, ...]) -> csv.DictWriter[str]:
        file: TextIO = stack.enter_context((folder / name).open("w", newline=""))
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        return writer

    with ExitStack() as stack:
        yield opened(stack, "admissions.csv", ADMISSION_COLUMNS), opened(stack, "discharges.csv", DISCHARGE_COLUMNS)


def _cells(record: Record) -> dict[str, Any]:
    return {name: csv_text(value) if isinstance(value, str) else value for name, value in record.items()}


def _within(day: int | str, start: date | None, end: date | None) -> bool:
    text = str(day)
    return (start is None or text >= start.isoformat()) and (end is None or text <= end.isoformat())


def _note(result: TedsResult, name: str, record: Record) -> None:
    result.missing.update((name, column) for column, value in record.items() if value == MISSING)


def _check(path: Path, result: TedsResult) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, CHECK_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(result.rows())
