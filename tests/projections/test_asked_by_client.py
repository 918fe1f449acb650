"""Rows of a few clients are found by their ids, whatever else is asked of them: no read goes through everybody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event

from projections.filters import Filters
from projections.status.changes import standing_counts
from projections.status.flag_rows import flags_of
from projections.status.queries import client_count
from projections.status.tables import STATUS
from tests.projections.conftest import TODAY, Programme

DAY = TODAY.toordinal()
SITES = {"a", "b", "c"}
READS: dict[str, Callable[[Connection, list[str]], Any]] = {
    "flags": lambda reading, ids: flags_of(reading, ids, DAY),
    "flags that are not snoozed": lambda reading, ids: flags_of(reading, ids, DAY, snoozed=False),
    "flags that are": lambda reading, ids: flags_of(reading, ids, DAY, snoozed=True),
    "flags left out of counts": lambda reading, ids: standing_counts(reading, DAY, but=ids),
    "flags left out at sites": lambda reading, ids: standing_counts(reading, DAY, SITES, but=ids),
    "clients left out of counts": lambda reading, ids: client_count(
        reading, Filters((), where={"level": "residential", "site": "a"}), SITES, but=ids
    ),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_an_index_of_clients_answers(simulated: Programme, read: Callable[[Connection, list[str]], Any]) -> None:
    with simulated.services.reads.reading() as connection:
        ids = [row[0] for row in connection.execute(STATUS.select().limit(20))]
        sent: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            sent.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        read(connection, ids)
        event.remove(connection, "before_cursor_execute", note)
        asked = [(statement, parameters) for statement, parameters in sent if "client_id IN" in statement]
        plans = [
            str(row[3])
            for statement, parameters in asked
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        ]
    assert plans
    assert all("client_id=?" in plan for plan in plans if plan.startswith(("SEARCH", "SCAN"))), plans
