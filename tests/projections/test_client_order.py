"""Pages of clients in an order of days: each client once, none left out, along an index."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, func, select

from projections.filters import Filters
from projections.status.order import ORDERS, Order, clients_in_order
from projections.status.tables import STATUS
from tests.projections.conftest import TODAY, Programme

WAYS = [Order(name, descending) for name in ORDERS for descending in (False, True)]
SHOWN = {"last_contact": "last_contact", "day": "days_in_level"}


@pytest.mark.parametrize("order", WAYS, ids=str)
@pytest.mark.parametrize("size", [7, 1000])
def test_each_client_stands_once_in_order(simulated: Programme, order: Order, size: int) -> None:
    rows: list[Any] = []
    after = ""
    with simulated.services.reads.reading() as connection:
        whole = connection.execute(select(func.count()).select_from(STATUS)).scalar_one()
        while True:
            page, after = clients_in_order(connection, Filters(()), TODAY, order, after=after, limit=size)
            rows += page
            if not after:
                break
    assert len({row["client_id"] for row in rows}) == len(rows) == whole
    values = [row[SHOWN[order.name]] for row in rows]
    known = [value for value in values if value is not None]
    assert values == [*sorted(known, reverse=order.descending), *([None] * (len(values) - len(known)))]


@pytest.mark.parametrize("cursor", ["", "x", "x.y", "1", ".", "٣.a", "9" * 30 + ".a"])
def test_a_cursor_of_nobodys_begins_at_the_front(simulated: Programme, cursor: str) -> None:
    with simulated.services.reads.reading() as connection:
        first, _ = clients_in_order(connection, Filters(()), TODAY, WAYS[0], limit=3)
        assert clients_in_order(connection, Filters(()), TODAY, WAYS[0], after=cursor, limit=3)[0] == first


@pytest.mark.parametrize("order", WAYS, ids=str)
def test_an_index_has_them_in_order(simulated: Programme, order: Order) -> None:
    with simulated.services.reads.reading() as connection:
        _, after = clients_in_order(connection, Filters(()), TODAY, order, limit=3)
        sent: list[tuple[str, Any]] = []

        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            sent.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        clients_in_order(connection, Filters(()), TODAY, order, after=after, limit=1000)
        event.remove(connection, "before_cursor_execute", note)
        ordered = [(statement, parameters) for statement, parameters in sent if "ORDER BY" in statement][:2]
        plans = [
            str(row[3])
            for statement, parameters in ordered
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        ]
    assert len(ordered) == 2
    assert all("INDEX ix_client_status_" in plan for plan in plans), plans
    assert not any("TEMP B-TREE" in plan for plan in plans), plans
