"""Days by the facility's zone, in both databases: imported, counted, and counted anew when the zone is another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.interop.importers.events.run import import_file
from infra.readmodels.generations import GENERATION
from infra.readmodels.rebuild import NoPreviousError
from infra.readmodels.verify import verify
from infra.reporting.reports import ReportParams, run_report
from infra.settings import Settings
from tests.spec import KEY, NOW

Opened = Callable[..., Services]
NEW_YORK = {"time_zone": "America/New_York"}


def line(client: str, kind: str, at: str, **more: Any) -> str:
    """An import line; ``site`` is the envelope's."""
    envelope = {name: more.pop(name) for name in ("site",) if name in more}
    return json.dumps({"client": client, "type": kind, "occurred_at": at, **envelope, "data": more})


def stay(client: str, start: str, end: str, **more: str) -> list[str]:
    """A client who was in detox from one moment to another."""
    return [
        line(client, "ClientRegistered", "2025-01-01T09:00:00-05:00", name="Test Person", birth_date="1990-02-03"),
        line(client, "LevelOfCareStarted", start, level="medical_detox", **more),
        line(client, "LevelOfCareEnded", end, level="medical_detox", reason="completed", **more),
    ]


# The end is an hour after the start, written with another offset: by its own, each is on a day of its own.
OFFSETS = stay("A4b", "2026-01-06T03:00:00Z", "2026-01-05T23:00:00-05:00")


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens the services of one store with other settings, as another process has them."""
    here = (
        f"sqlite:///{tmp_path}/log.db"
        if request.param == "sqlite"
        else request.getfixturevalue("migrated_postgres_url")
    )
    made: list[Services] = []

    def open_(**more: Any) -> Services:
        fixed = {"database_url": SecretStr(here), "master_key": SecretStr(KEY.hex()), "name_search": False}
        files = {"erasure_ledger": tmp_path / "erasures", "signing_key_file": tmp_path / "signing"}
        made.append(open_services(Settings(**fixed, **files, **more), lambda: NOW))
        return made[-1]

    yield open_
    for services in made:
        services.close()


def imported(services: Services, lines: list[str], folder: Path) -> None:
    """These lines in the log and in the read models."""
    file = folder / "lines.ndjson"
    file.write_text("\n".join(lines) + "\n")
    assert import_file(services.log, str(file)).rejected == 0
    services.catch_up()


def stays(services: Services) -> list[tuple[str, str]]:
    """First and last day of every stay."""
    with services.reads.reading() as connection:
        rows = connection.exec_driver_sql("SELECT start_day, end_day FROM stay ORDER BY start_day")
        return [(date.fromordinal(start).isoformat(), date.fromordinal(end).isoformat()) for start, end in rows]


def census(services: Services, day: date) -> int:
    """Clients in care on a day."""
    rows = run_report("census", services, ReportParams(start=day, end=day, by=("all",)))
    return sum(row["census"] for row in rows)


@pytest.mark.parametrize(("zone", "day"), [("America/New_York", "2026-01-05"), ("UTC", "2026-01-06")])
def test_offsets_that_a_source_wrote_do_not_make_a_census_negative(
    opened: Opened, tmp_path: Path, zone: str, day: str
) -> None:
    services = opened(time_zone=zone)
    imported(services, OFFSETS, tmp_path)
    assert stays(services) == [(day, day)]
    found = [census(services, date(2026, 1, 1) + timedelta(days=ahead)) for ahead in range(14)]
    assert min(found) >= 0


def test_another_zone_counts_everything_anew(opened: Opened, tmp_path: Path) -> None:
    before = opened(time_zone="UTC")
    imported(before, OFFSETS, tmp_path)
    assert stays(before) == [("2026-01-06", "2026-01-06")]
    after = opened(**NEW_YORK)
    after.catch_up()
    assert stays(after) == [("2026-01-05", "2026-01-05")]
    assert verify(after.projector) == []
    with pytest.raises(NoPreviousError, match="CAREJOURNEY_TIME_ZONE"):
        after.projector.rollback("stays")
    generations = {row.projection: row.generation for row in after.projector.status()}
    after.catch_up()
    opened(**NEW_YORK).catch_up()
    assert {row.projection: row.generation for row in after.projector.status()} == generations


def test_who_has_another_zone_writes_no_row_beside_those_of_the_first(opened: Opened, tmp_path: Path) -> None:
    """Also not when its zone became another's between two pages."""
    old = opened(time_zone="UTC")
    imported(old, OFFSETS, tmp_path)
    new = opened(**NEW_YORK)
    new.catch_up()
    file = tmp_path / "more.ndjson"
    file.write_text("\n".join(stay("B-1", "2026-02-06T03:00:00Z", "2026-02-06T04:00:00Z")) + "\n")
    import_file(old.log, str(file))
    old.projector._advance()
    assert stays(new) == [("2026-01-05", "2026-01-05")]
    new.catch_up()
    assert stays(new) == [("2026-01-05", "2026-01-05"), ("2026-02-05", "2026-02-05")]


def test_read_models_from_before_zones_decided_are_built_anew(opened: Opened, tmp_path: Path) -> None:
    services = opened(**NEW_YORK)
    imported(services, OFFSETS, tmp_path)
    with services.reads.writing() as connection:
        connection.execute(GENERATION.update().values(zones=""))
    assert len(services.projector.renew()) == len(services.reads.models)
    assert stays(services) == [("2026-01-05", "2026-01-05")]


def test_two_sites_in_two_zones(opened: Opened, tmp_path: Path) -> None:
    """05:30 UTC is half past midnight in New York, and half past nine in the evening before in Los Angeles."""
    services = opened(**NEW_YORK, site_time_zones={"West": "America/Los_Angeles"})
    moments = "2026-01-06T05:30:00Z", "2026-01-06T05:45:00Z"
    imported(services, [*stay("E-1", *moments, site="East"), *stay("W-1", *moments, site="West")], tmp_path)
    assert stays(services) == [("2026-01-05", "2026-01-05"), ("2026-01-06", "2026-01-06")]


def test_today_is_the_day_in_the_house(opened: Opened) -> None:
    """NOW is noon of UTC."""
    assert opened(time_zone="UTC").today() == NOW.date()
    assert opened(time_zone="Pacific/Kiritimati").today() == NOW.date() + timedelta(days=1)
