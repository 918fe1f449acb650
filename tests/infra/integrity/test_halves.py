"""Two processes come to what one comes to."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from infra.eventstore.log import EventLog
from infra.integrity.log_scan import read
from infra.integrity.parallel_scan import read_in_two
from infra.integrity.scan import Scan
from infra.integrity.side_tables import wrong_index
from infra.integrity.tree import TILE
from infra.integrity.verify import Checked, Verifier
from tests.infra.integrity.sealed import SealedLog, file_log

SIZES = {TILE, 2 * TILE, 3 * TILE, 3_500, 3_700}


@pytest.fixture
def sealed(tmp_path: Path) -> SealedLog:
    log = file_log(tmp_path, 3_500)
    log.write(200, charts=2)
    log.seal()
    return log


def in_two(log: SealedLog, folder: Path) -> tuple[Scan, dict[int, tuple[str, int]]] | None:
    recorder = log.log.recorder
    tiles = log.seals.tiles("care")
    return read_in_two(
        log.named, f"sqlite:///{folder}/log.db", log.log.code_key, tiles, recorder.head(), SIZES, lambda _: None
    )


def test_they_come_to_the_same(sealed: SealedLog, tmp_path: Path) -> None:
    whole = Scan("care", sealed.log.code_key, codes_needed=True)
    reached = read(whole, sealed.log.recorder, sealed.log.head(), SIZES)
    found = in_two(sealed, tmp_path)
    assert found is not None
    scan, same = found
    assert (same, scan.ends, scan.tree.root(), scan.position) == (
        reached,
        whole.ends,
        whole.tree.root(),
        whole.position,
    )
    assert (scan.tree.tiles, scan.tree.size, scan.index_agrees) == (whole.tree.tiles, 3_700, True)


@pytest.mark.parametrize("position", [5, 1025, 3_700])
@pytest.mark.parametrize("how", ["UPDATE {} SET topic='NoteAdded.2' WHERE rowid=?", "DELETE FROM {} WHERE rowid=?"])
def test_they_find_what_one_finds(sealed: SealedLog, tmp_path: Path, position: int, how: str) -> None:
    alter(sealed.log, how, position)
    checked = Checked(
        sealed.named,
        lambda scan: chain(wrong_index(scan, sealed.log.recorder)),
        url=f"sqlite:///{tmp_path}/log.db",
        tiles_for_two=1,
    )
    alone = Checked(sealed.named, checked.side)
    verifier = Verifier(sealed.seals, sealed.log.code_key)
    assert verifier.verify([checked]).findings == verifier.verify([alone]).findings != []


def alter(log: EventLog, how: str, position: int) -> None:
    with log.recorder.writing() as tx:
        tx.rows(how.format(tx.events_table), (position,))
