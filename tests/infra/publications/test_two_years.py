"""Years of publications of small and large programmes: nobody is found, and the tables still say something."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.bootstrap import Services
from infra.publications.publisher import attack, verify
from tests.depth import LONG, by_night
from tests.infra.publications.years import published, tables

SIZES = [60, by_night(400), by_night(5_000)]
MONTHS = 24 if LONG else 4


@pytest.mark.parametrize("clients", SIZES)
def test_nobody_is_found_by_years_of_publications(clients: int, tmp_path: Path) -> None:
    made: list[int] = []
    for services, one in published(tmp_path, clients, MONTHS):
        made += [one.number] if one else []
        if services.today().isoformat() >= "2027-01":
            look(services)
    assert made == [*range(1, len(made) + 1)]
    assert len(made) >= 2


def look(services: Services) -> None:
    """The findings of the product's own attack, then what anybody can check with the tables in hand."""
    assert verify(services) == []
    for row in attack(services):
        narrow = row["least"] > 0 or (row["most"] is not None and row["most"] < 11)
        assert not narrow or row["most"] is None or row["most"] - row["least"] >= 11
    seen: Counter[tuple[Any, ...]] = Counter()
    shown = numbers = 0
    for _, table in tables(services):
        numbers += table["numbers"]
        shown += table["shown"]
        for row in table["rows"]:
            seen[table["name"], row["period"], row["group"]] += 1
            _row_gives_nothing_away(table, row)
    assert max(seen.values(), default=1) == 1, "a number was published twice"
    assert shown >= 0.6 * numbers


def _row_gives_nothing_away(table: dict[str, Any], row: dict[str, Any]) -> None:
    for name in table["columns"]:
        assert row[name] is None or row[name] == 0 or row[name] >= 11
    for share in table["shares"]:
        assert row[share] is None or 0 <= row[share] <= 1
