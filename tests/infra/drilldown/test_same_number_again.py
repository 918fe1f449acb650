"""An address of a number gives that number again, whatever is recorded after it was made, in both stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from infra.bootstrap import Services, open_services
from infra.drilldown.answer import Answer, Moment, Page, answer
from infra.drilldown.cell import Cell
from infra.drilldown.meaning import meaning
from infra.interop.exporters.events import export_lines
from infra.interop.importers.events.batch import write_batch
from infra.interop.importers.events.lines import prepare
from infra.reporting.reports import ReportParams
from infra.settings import Settings
from tests.depth import by_night
from tests.infra.conftest import NOW
from tests.infra.drilldown.cells import cells_of, opens, tables
from tests.infra.drilldown.test_who_is_in_it import AUDITOR, COMPLETED

Line = dict[str, Any]


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(params=["embedded", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Services, Clock]]:
    """An empty store with its clock."""
    embedded = request.param == "embedded"
    url = f"sqlite:///{tmp_path}/log.db" if embedded else request.getfixturevalue("migrated_postgres_url")
    clock = Clock()
    services = open_services(Settings(database_url=SecretStr(url), master_key=SecretStr("ef" * 32)), clock)
    yield services, clock
    services.close()


def record(services: Services, lines: Sequence[Line], fingerprint: bytes) -> None:
    """Import entries that keep the knowledge times they were given elsewhere."""
    later = datetime(2030, 1, 1, tzinfo=UTC)
    prepared = [
        prepare(n, orjson.dumps(line), fingerprint, later, keep_recorded_at=True) for n, line in enumerate(lines, 1)
    ]
    write_batch(services.log, prepared)
    services.catch_up()


def number_of(line: Line) -> int:
    """The client's, the first of them being 1; of what is said of the provider itself 0."""
    return 0 if "kind" in line else int(line["client"].rpartition("-")[2])


def some_cells(services: Services) -> Iterator[tuple[Cell, int]]:
    """A few counts of every table."""
    for report, show in tables():
        if opens(report, show):
            cells = [found for found in cells_of(services, report, ReportParams(show=show)) if found[1]]
            yield from cells[:: len(cells) // 3 + 1]


@pytest.mark.parametrize("store", ["embedded", by_night("postgresql")], indirect=True)
def test_late_entries_do_not_change_it(store: tuple[Services, Clock], programme: Services) -> None:
    services, clock = store
    lines = [orjson.loads(line) for line in export_lines(programme.log)]
    mine = [line for line in lines if number_of(line) <= 16]
    late = mine[4::5]
    record(services, [line for n, line in enumerate(mine) if n % 5 != 4], b"first")
    asked = [(cell, shown, answer(services, cell)) for cell, shown in some_cells(services)]
    people = answer(services, COMPLETED, page=Page(AUDITOR))

    # an import that adds entries with older knowledge times to the same charts, other charts, and time goes by
    record(services, late, b"late")
    record(services, [line for line in lines if 16 < number_of(line) <= 20], b"others")
    clock.now += timedelta(days=200)

    assert len(asked) > 50
    changed = 0
    for cell, shown, before in sorted(asked, key=lambda one: one[0].report):
        assert before.stamp is not None
        then = Moment(before.stamp.at, before.stamp.position)
        again = answer(services, cell, then)
        assert (again.value, again.value.number, again.stamp) == (before.value, shown, before.stamp), cell
        assert again.meaning == before.meaning
        changed += answer(services, cell).value != before.value
    assert changed > 20
    assert people.stamp is not None
    page = answer(services, COMPLETED, Moment(people.stamp.at, people.stamp.position), Page(AUDITOR))
    assert page.opened == people.opened


def test_a_number_read_while_entries_come_in_has_its_address_too(
    store: tuple[Services, Clock], programme: Services
) -> None:
    services, _ = store
    lines = [orjson.loads(line) for line in export_lines(programme.log)]
    mine = [line for line in lines if number_of(line) <= 10]
    batches = [mine[n::6] for n in range(6)]
    record(services, batches[0], b"0")
    discharges = replace(COMPLETED, number="discharges", at={})

    def go_on() -> None:
        for n, batch in enumerate(batches[1:], 1):
            record(services, batch, str(n).encode())

    writer = Thread(target=go_on)
    writer.start()
    found: dict[int, Answer] = {}
    while writer.is_alive():
        one = answer(services, discharges)
        assert one.stamp is not None
        found[one.stamp.position] = one
    writer.join()
    for before in found.values():
        assert before.stamp is not None
        assert answer(services, discharges, Moment(before.stamp.at, before.stamp.position)).value == before.value
    assert len(found) > 1


def test_another_definition_is_another_version(programme: Services, tmp_path: Path) -> None:
    own, built_in = (
        Cell("completion", ReportParams(denominator=rate), "numerator", {"level": "residential"})
        for rate in ("own_rate", "completed")
    )
    versions: list[tuple[str, str]] = []
    for n, counted in enumerate(('"completed"', '"completed", "transferred"', '"completed", "transferred"')):
        file = tmp_path / f"measures-{n}.toml"
        file.write_text(RATE.format(counted=counted))
        own_rates = replace(programme, settings=programme.settings.model_copy(update={"measures_file": file}))
        versions.append((meaning(own_rates, own).version, meaning(own_rates, built_in).version))
    (first, other), second, third = versions
    assert second == third == (second[0], other)
    assert first != second[0]


RATE = """
[[completion]]
id = "own_rate"
title = "Own rate"
definition = "As we count it."
source = "Own protocol"
counted = [{counted}]
left_out = ["died"]
"""
