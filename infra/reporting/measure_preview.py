"""A programme's file of measures: checked, and previewed on its own data before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.readmodels.context import HasReads
from projections.abstinence.measures import MeasureFileError, load_measures
from projections.abstinence.queries import rates
from projections.completion.definition import load_completions
from projections.completion.queries import completion
from projections.filters import Filters

CHECK_COLUMNS: tuple[str, ...] = ("kind", "id", "title", "definition", "source")
PREVIEW_COLUMNS = (
    "kind",
    "id",
    "numerator",
    "denominator",
    "share",
    "ci_low",
    "ci_high",
    "mean",
    "median",
    "without_screens",
)


def check(path: Path) -> list[dict[str, Any]]:
    """One row for each measure and completion of a file: kind, id, title, definition, source.

    Raises:
        MeasureFileError: the file is wrong; the message has a line for each problem of all its tables.
    """
    problems: list[str] = []
    rows: list[dict[str, Any]] = []
    for kind, load in (("abstinence", load_measures), ("completion", load_completions)):
        try:
            rows += [
                dict(zip(CHECK_COLUMNS, (kind, item.id, item.title, item.definition, item.source), strict=True))
                for item in load(path)
            ]
        except MeasureFileError as error:
            problems += str(error).splitlines()
    if problems:
        raise MeasureFileError("\n".join(dict.fromkeys(problems)))
    return rows


def preview(services: HasReads, path: Path) -> list[dict[str, Any]]:
    """What each measure and completion of a file comes to over all stays on record.

    Raises:
        MeasureFileError: the file is wrong.
    """
    check(path)
    everybody = Filters(())
    shown: list[dict[str, Any]] = []
    with services.reads.reading() as connection:
        for measure in load_measures(path):
            rows = rates(connection, everybody, {measure.id: measure}, measure.id)
            shown.append(_row("abstinence", measure.id, rows[0] if rows else {}, "share"))
        for rule in load_completions(path):
            rows = completion(connection, everybody, rule)
            shown.append(_row("completion", rule.id, rows[0] if rows else {}, "completion_rate"))
    return shown


def _row(kind: str, name: str, row: dict[str, Any], share: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": name,
        "numerator": row.get("numerator"),
        "denominator": row.get("denominator", 0),
        "share": row.get(share),
        "ci_low": row.get("ci_low"),
        "ci_high": row.get("ci_high"),
        "mean": row.get("mean"),
        "median": row.get("median"),
        "without_screens": row.get("without_screens"),
    }
