"""The command that counts the house runs, and counts by its rules."""

from __future__ import annotations

import pytest

from tests.house import counts
from tests.house.rooms import House
from tests.house.tree import ROOMS, ROOT, tracked


def house(*arrows: str) -> House:
    pairs = frozenset((one, other) for one, other in (arrow.split(">") for arrow in arrows))
    return House(frozenset(room for pair in pairs for room in pair), pairs)


def test_rooms_that_import_each_other_are_a_cycle_and_one_floor() -> None:
    assert house("a>b", "b>c", "a>c").cycles == []
    assert house("a>b", "b>c", "a>c").floors == 3
    round_and_down = house("a>b", "b>c", "c>b", "c>d", "x>y", "y>z", "z>x")
    assert round_and_down.cycles == [frozenset("xyz"), frozenset("bc")]
    assert round_and_down.floors == 3


def test_the_table_has_a_number_in_every_row_and_says_the_same_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["counts", "--places"])
    counts.main()
    printed = capsys.readouterr().out
    assert printed == counts.rendered(places=True) + "\n"
    rows = list(counts.counts())
    assert all(row.now[0].isdigit() for row in rows)
    assert len({row.what for row in rows}) == len(rows)
    assert f"| {sum(_lines(room) for room in ROOMS):,} " in printed


def _lines(room: str) -> int:
    own = [path for path in tracked() if path.parts[0] == room and path.suffix == ".py"]
    return sum((ROOT / path).read_text().count("\n") for path in own)
