"""Dashboards over ended stays (1,000,000 of them with --full), beside the same question to the stays themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from infra.bootstrap import Services
from infra.interop.importers.events.run import import_file
from infra.reporting.reports import ReportParams, run_report
from tests.bench import data
from tests.bench.measure import Row, Setup, percentile, timed

MONTH = (date(2004, 6, 1), date(2004, 6, 30))
MOST_MS = 10_000  # of asking the same question
QUESTIONS: dict[str, tuple[str, ReportParams, str]] = {
    "completion by level, program": (
        "completion",
        ReportParams(by=("level", "program")),
        "SELECT level, program, reason, COUNT(*) FROM stay WHERE reason IS NOT NULL GROUP BY 1, 2, 3",
    ),
    "completion by level, of a month": (
        "completion",
        ReportParams(by=("level",), start=MONTH[0], end=MONTH[1]),
        (
            f"SELECT level, reason, COUNT(*) FROM stay WHERE end_day BETWEEN {MONTH[0].toordinal()} "
            f"AND {MONTH[1].toordinal()} GROUP BY 1, 2"
        ),
    ),
    "completion by site, since mid-month": (
        "completion",
        ReportParams(by=("site",), start=date(2004, 3, 17)),
        f"SELECT site, reason, COUNT(*) FROM stay WHERE end_day >= {date(2004, 3, 17).toordinal()} GROUP BY 1, 2",
    ),
    "lengths of stay by level": (
        "completion",
        ReportParams(show="lengths"),
        "SELECT level, reason, days, COUNT(*) FROM stay WHERE reason IS NOT NULL GROUP BY 1, 2, 3",
    ),
    "retention by level": (
        "retention",
        ReportParams(),
        "SELECT level, days, COUNT(*) FROM stay GROUP BY 1, 2",
    ),
    "status": ("status", ReportParams(), "SELECT state, level, COUNT(*) FROM client_status GROUP BY 1, 2"),
    "census of a month": (
        "census",
        ReportParams(start=MONTH[0], end=MONTH[1]),
        (
            "SELECT level, start_day, end_day, COUNT(*) FROM stay "
            f"WHERE start_day <= {MONTH[1].toordinal()} GROUP BY 1, 2, 3"
        ),
    ),
    "abstinence": ("abstinence", ReportParams(), "SELECT level, COUNT(*) FROM stay GROUP BY 1"),
}


def run(setup: Setup) -> Iterator[Row]:
    """A row for each question: the 99th percentile, beside plain SQL over the rows."""
    stays = setup.size(50_000, 1_000_000)
    with data.opened(setup.folder) as services:
        import_file(services.log, str(data.ended_stays(setup.folder, stays)))
        services.catch_up()
        for name, (report, params, sql) in QUESTIONS.items():
            ours, plain = _percentiles(services, report, params, sql)
            for share in (0.5, 0.99):
                spent = percentile(ours, share)
                goal = ("≤ 25", spent <= 25) if share == 0.99 else ("", None)
                yield Row(
                    f"{name}, {stays:,} stays, p{share * 100:.0f}",
                    "ms",
                    spent,
                    percentile(plain, 0.5),
                    "the same question as plain SQL over the rows, median",
                    None,
                    "",
                    *goal,
                )


def _percentiles(services: Services, report: str, params: ReportParams, sql: str) -> tuple[list[float], list[float]]:
    """Milliseconds of ours and of plain SQL, asked in turns."""
    ours: list[float] = []
    plain: list[float] = []
    ask: Callable[[], object] = lambda: run_report(report, services, params)  # noqa: E731
    for number in range(200):
        if sum(ours) > MOST_MS:
            break
        ours.append(timed(ask) * 1000)
        if number % 40 == 0:
            plain.append(timed(lambda: _plain(services, sql)) * 1000)
    return ours, plain


def _plain(services: Services, sql: str) -> int:
    with services.reads.reading() as connection:
        return len(connection.exec_driver_sql(sql).fetchall())
