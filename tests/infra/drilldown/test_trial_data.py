"""Imported trial data, which has gaps that a programme's own entries have not: every count opens there too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from infra.bootstrap import Services
from infra.interop.importers.ctn0094.run import import_ctn0094
from infra.reporting.reports import ReportParams
from tests.infra.conftest import services_at
from tests.infra.drilldown.cells import opens, tables
from tests.infra.drilldown.test_every_number import check
from tests.infra.interop.importers.conftest import HEADERS

CLIENTS = 40


def rows(rng: random.Random) -> dict[str, list[str]]:
    """Tables of trial clients with weekly screens, visits missed and reported use, all drawn by chance."""
    found: dict[str, list[str]] = {name: [] for name in HEADERS}
    for who in range(1, CLIENTS + 1):
        project = rng.choice(("27", "30", "51"))
        found["everybody"].append(f"{who},{project}")
        found["site_masked"].append(f"{who},{rng.randint(1, 4)}")
        found["demographics"].append(f"{who},{rng.randint(18, 70)},No,White,,,,,Yes")
        found["randomization"].append(
            f"{who},{rng.choice(('Methadone', 'Inpatient BUP', 'Inpatient NR-NTX'))},1,{rng.randint(0, 5)}"
        )
        stays = rng.randint(0, 24)
        for week in range(stays):
            day = 7 * week + rng.randint(1, 7)
            if rng.random() < 0.7:
                found["uds"].append(f"{who},{rng.choice(('Opioid', 'Cocaine', 'Methadone', ''))},{day}")
                found["visit"].append(f"{who},V{week},final,,,,,,,,,,,,,,,,{day}")
            if rng.random() < 0.4:
                found["tlfb"].append(f"{who},{rng.choice(('Heroin', 'Alcohol', 'Cocaine'))},{day}")
            if rng.random() < 0.8:
                found["treatment"].append(f"{who},{rng.randint(1, 32)},{day}")
    return found


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Such tables, imported and projected."""
    folder: Path = tmp_path_factory.mktemp("trial")
    for name, found in rows(random.Random(94)).items():
        (folder / f"{name}.csv").write_text("\n".join([HEADERS[name], *found]) + "\n")
    services = services_at(folder)
    import_ctn0094(services.log, folder, date(2012, 1, 2))
    services.catch_up()
    yield services
    services.close()


@pytest.mark.parametrize(("report", "show"), [table for table in tables() if opens(*table)])
def test_every_count_of_trial_data(trial: Services, report: str, show: str) -> None:
    for by in ((), ("program",), ("month",)):
        if by != ("month",) or report not in {"status", "census", "comparison"}:
            check(trial, report, ReportParams(by=by, show=show))
