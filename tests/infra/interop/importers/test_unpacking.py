"""A small packed file does not become one that fills memory: each reader of packed files says so and stops."""

from __future__ import annotations

import gzip
import io
from datetime import date
from pathlib import Path

import pytest

from infra.eventstore.log import EventLog
from infra.interop.importers.ctn0094.run import import_ctn0094
from infra.interop.importers.events.run import ImportFileError, import_file
from infra.interop.importers.fhir.files import read_resources
from infra.interop.importers.packed_files import PackedTooWellError, Unpacked, lines
from infra.interop.importers.tables.csv_file import rows
from infra.interop.importers.tables.mapping import read_mapping
from tests.conftest import ROOT

TOO_WELL = "unpacks to more than 100 times its size"


@pytest.fixture
def bomb(tmp_path: Path) -> Path:
    """30 MB without a line end, in 30 kB."""
    path = tmp_path / "bomb.ndjson.gz"
    path.write_bytes(gzip.compress(b" " * 30_000_000))
    return path


def test_events(bomb: Path, log: EventLog) -> None:
    with pytest.raises(ImportFileError, match=TOO_WELL):
        import_file(log, str(bomb))


def test_fhir(bomb: Path) -> None:
    with pytest.raises(ImportFileError, match=TOO_WELL):
        list(read_resources([bomb]))


def test_tables(bomb: Path) -> None:
    mapping = read_mapping(ROOT / "docs/examples/sessions.toml")
    with pytest.raises(ImportFileError, match=TOO_WELL):
        list(rows(bomb, mapping))


def test_ctn0094(bomb: Path, log: EventLog) -> None:
    bomb.rename(bomb.parent / "everybody.csv.gz")
    with pytest.raises(ImportFileError, match=TOO_WELL):
        import_ctn0094(log, bomb.parent, date(2012, 1, 2))


def test_a_setting_lets_it_pass(bomb: Path, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_IMPORT_UNPACKS_TO", "2000")
    result = import_file(log, str(bomb))
    assert (result.lines, result.rejected) == (1, 1)


def test_what_packs_as_text_does_is_whole() -> None:
    text = b"".join(b"%d\n" % number for number in range(200_000))
    packed = io.BytesIO(gzip.compress(text))
    assert io.BufferedReader(Unpacked(packed, 100)).read() == text
    with pytest.raises(PackedTooWellError):
        io.BufferedReader(Unpacked(io.BytesIO(gzip.compress(bytes(20_000_000))), 100)).read()


def test_of_a_long_line_no_more_is_read_than_tells_that_it_is() -> None:
    given = io.BufferedReader(io.BytesIO(b"ab\n" + b"x" * 40 + b"\ncd\n" + b"1234567\n" + b"12345678 \n"))  # type: ignore[arg-type]
    assert list(lines(given, 8)) == [b"ab\n", b"xxxxxxxx.", b"cd\n", b"1234567\n", b"12345678."]
