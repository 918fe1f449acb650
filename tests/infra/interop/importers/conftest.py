"""A folder of the 15 CTN-0094 tables with a few hand-made rows, empty logs of each kind, and files of lines."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.eventstore.log import EventLog
from infra.eventstore.setup import open_log
from tests.day import UTC_DAYS
from tests.infra.interop.importers.event_lines import Write
from tests.infra.interop.importers.fhir_parts import Store
from tests.spec import KEY

HEADERS = {
    "everybody": "who,project",
    "site_masked": "who,site_masked",
    "demographics": "who,age,is_hispanic,race,job,is_living_stable,education,marital,is_male",
    "screening_date": "who,screening_day,day_zero",
    "randomization": "who,treatment,which,when",
    "detox": "who,what,when",
    "visit": "who,visit,what,is_no_note,is_dead,is_no_show,is_no_funding,is_left_study,is_in_jail,is_forgot,"
    "is_in_hospital,is_illness,is_moved,is_missing_14_consecutive,is_window,is_unable,is_on_vacation,is_other,when",
    "uds": "who,what,when",
    "uds_temp": "who,was_temp_ok,when",
    "treatment": "who,amount,when",
    "tlfb": "who,what,when",
    "withdrawal": "who,withdrawal,when",
    "first_survey": "who,when",
    "meta_study_length": "project,treatment,phase,stage,weeks,description",
    "meta_substance_groups_uds": "Substance,CTN-0027,CTN-0030,CTN-0051",
}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes every table, with the rows given by table name (the rest empty), and answers the folder."""

    def write(**rows: str) -> Path:
        for name, header in HEADERS.items():
            (tmp_path / f"{name}.csv").write_text("\n".join([header, *rows.get(name, "").split()]) + "\n")
        return tmp_path

    return write


MID_2026 = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EventLog]:
    """An empty embedded log in the middle of 2026."""
    log = open_log(f"sqlite:///{tmp_path}/log.db", KEY, UTC_DAYS, lambda: MID_2026)
    yield log
    log.close()


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    """The same of each kind."""
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/log.db" if is_sqlite else request.getfixturevalue("postgres_url")
    log = open_log(url, KEY, UTC_DAYS, lambda: MID_2026)
    yield log
    log.close()


@pytest.fixture
def store(tmp_path: Path, log: EventLog) -> Store:
    """An empty log of each kind, to import FHIR into."""
    return Store(log, tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes lines (objects, or bytes as they are) to a file."""

    def to(*lines: Any, name: str = "in.ndjson") -> Path:
        raw = b"".join((line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines)
        path = tmp_path / name
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return to
