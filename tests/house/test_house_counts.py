"""The command that counts the house runs and counts by its rules; what has reached its bar does not slip back."""

from __future__ import annotations

import pytest

from tools.counts import __main__ as command
from tools.counts.rooms import House
from tools.counts.rows import Count, counts
from tools.counts.tree import ROOMS, ROOT, tracked


@pytest.fixture(scope="module")
def rows() -> list[Count]:
    """The whole table: 10 s, which nobody who only collects tests should wait for."""
    return list(counts())


def house(*arrows: str) -> House:
    pairs = frozenset((one, other) for one, other in (arrow.split(">") for arrow in arrows))
    return House(frozenset(room for pair in pairs for room in pair), pairs)


def test_rooms_that_import_each_other_are_a_cycle_and_one_floor() -> None:
    assert house("a>b", "b>c", "a>c").cycles == []
    assert house("a>b", "b>c", "a>c").floors == 3
    round_and_down = house("a>b", "b>c", "c>b", "c>d", "x>y", "y>z", "z>x")
    assert round_and_down.cycles == [frozenset("xyz"), frozenset("bc")]
    assert round_and_down.floors == 3


def test_the_table_has_every_row_once_with_its_figures(
    rows: list[Count], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["counts", "--places"])
    monkeypatch.setattr(command, "counts", lambda: rows)
    command.main()
    printed = capsys.readouterr().out
    assert all(row.what in printed and row.figures in printed for row in rows)
    assert len({row.what for row in rows}) == len(rows)
    assert f"| {sum(_lines(room) for room in ROOMS):,} " in printed


def test_what_reached_its_bar_stays_there(rows: list[Count]) -> None:
    slipped = [row for row in rows if row.held and not row.is_held]
    assert not slipped, "\n".join(
        line for row in slipped for line in (f"{row.what}: {row.figures}, held at {row.held}", *row.places)
    )
    assert any(row.held for row in rows)


def _lines(room: str) -> int:
    own = [path for path in tracked() if path.parts[0] == room and path.suffix == ".py"]
    return sum((ROOT / path).read_text().count("\n") for path in own)
