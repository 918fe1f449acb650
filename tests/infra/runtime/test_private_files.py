"""What the product writes is for its owner alone, whatever the umask of whoever starts it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.integrity.seal_setup import seal
from infra.interop.importers.ctn0094.account import write_listed
from infra.interop.importers.events.run import import_file
from infra.runtime.private_files import make_private
from infra.simulator.demo import fill
from tests.infra.conftest import services_at


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """The mode of each file and folder that others may do something with."""
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    return {str(path.relative_to(folder)): oct(mode) for path, mode in found.items() if mode & 0o077}


def test_stores_their_side_files_seals_and_rejected_lines(tmp_path: Path) -> None:
    house = tmp_path / "house"
    services = services_at(house / "inner", "store")
    fill(services.log, 2, 3)
    services.catch_up()
    seal(services)
    (tmp_path / "in.ndjson").write_text("{}\n")
    (tmp_path / "in.ndjson").chmod(0o600)
    assert import_file(services.log, str(tmp_path / "in.ndjson")).rejected == 1
    write_listed(tmp_path / "left.csv", [])
    assert {"store.db", "store.read.db", "store.access.db", "store.db-wal"} <= {p.name for p in house.rglob("*")}
    assert modes(tmp_path) == {}
    services.close()


def test_what_is_there_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    path.touch(0o640)
    assert make_private(path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
