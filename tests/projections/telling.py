"""Tell a few facts and ask a report: what a client's history comes to in numbers that a reader can count."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from domain.events import LevelOfCareEnded, LevelOfCareStarted
from domain.levels import Level
from domain.vocabulary import Reason
from infra.bootstrap import Services, open_services
from infra.reporting.reports import ReportParams, run_report
from infra.settings import Settings
from tests.spec import NOW, Fact, ago, fact, record

TODAY = NOW.toordinal()


@contextmanager
def opened(folder: Path, today: date) -> Generator[Services]:
    """An embedded store whose clock stands at noon of a day."""
    noon = datetime.combine(today, time(12), UTC)
    settings = Settings(database_url=SecretStr(f"sqlite:///{folder / 'store'}.db"), master_key=SecretStr("ab" * 32))
    services = open_services(settings, lambda: noon)
    try:
        yield services
    finally:
        services.close()


def answers(name: str, *facts: Fact, later: int = 0, **params: Any) -> list[dict[str, Any]]:
    """The rows of a report over these facts, ``later`` days after NOW."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), NOW.date() + timedelta(days=later)) as services:
        for given in facts:
            record(services.log, given)
        services.catch_up()
        return run_report(name, services, ReportParams(**params))


def only(rows: list[dict[str, Any]], **where: Any) -> dict[str, Any]:
    """The one row with these values."""
    found = [row for row in rows if all(row[name] == value for name, value in where.items())]
    assert len(found) == 1, (where, rows)
    return found[0]


def starts(days_ago: float, level: Level = "standard_outpatient", client: str = "C-1", **more: Any) -> Fact:
    """A stay begins."""
    return fact(LevelOfCareStarted(level=level, **more), ago(days_ago), client=client)


def ends(
    days_ago: float, level: Level = "standard_outpatient", client: str = "C-1", reason: Reason = "completed"
) -> Fact:
    """A stay ends."""
    return fact(LevelOfCareEnded(level=level, reason=reason), ago(days_ago), client=client)
