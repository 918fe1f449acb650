"""The document of reports: every table of each, and what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator

from infra.reporting.reports import REPORTS
from infra.reporting.tables import DEFAULTS, ReportTable, tables_of
from projections.columns import KINDS, Column


def reports_page() -> str:
    """Every table of every report with its columns, as Markdown."""
    return "\n".join([HEAD, *_kinds(), *(line for name in REPORTS for line in _report(name))]) + "\n"


HEAD = """# Reports, column by column

Made from the code by `python -m tools.docs`; a test holds it to the code. The app's definitions page,
`/api/v1/reports/NAME/columns`, the OpenAPI document and `carejourney report NAME --columns` have the same source;
[measures.md](measures.md) defines the measures themselves.

- A **group** is a column where it was asked for (`--by level,program`); `--by all` asks for none.
- **Empty is a group too.** Where a program, site, payer, slot or clinician is empty, none was recorded with that level
  or entry. JSON and CSV leave it empty, tables say *Not recorded*.
- **Quartiles and medians** of values are of type 1 of Hyndman & Fan 1996, the inverse of the empirical distribution:
  the smallest value that at least a quarter, a half or three quarters of the values do not exceed. It always is one
  that occurs; nothing is interpolated, and two middle values are not averaged.
- The **median of a curve** is the first day with S(t) ≤ ½, in exact arithmetic: a product of floating-point numbers can
  stand a hair above a half. Where the curve stays above, there is none.
"""


def _kinds() -> Iterator[str]:
    yield from ("| kind | values |", "|---|---|")
    yield from (f"| {kind} | {words} |" for kind, words in KINDS.items())
    yield ""


def _report(name: str) -> Iterator[str]:
    yield from (f"## {REPORTS[name].title} (`report {name}`)", "")
    for table in tables_of(name, DEFAULTS):
        yield from _table(table)


def _table(table: ReportTable) -> Iterator[str]:
    yield from ((f"`report {table.report} {table.option}`", "") if table.option else ())
    yield from ("| column | kind | meaning |", "|---|---|---|")
    yield from (_line(column, " (group)") for column in table.groups)
    yield from (_line(column) for column in table.columns)
    yield ""


def _line(column: Column, mark: str = "") -> str:
    return f"| `{column.name}`{mark} | {column.kind} | {column.meaning.replace('|', chr(92) + '|')} |"
