"""Set of erased streams, whose keys are destroyed and which take no more entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from domain.errors import ExpectedError
from infra.eventstore.rows import LogRecorder, Writing

ERASED = "erased:"  # with the stream's id: what stands for the chart number of an erased chart
_ID = re.compile("[0-9a-f]{32}")
_AT_ONCE = 500


class ChartErasedError(ExpectedError, kind="gone"):
    """A chart was erased: its number is not used again, and nothing is written to it."""

    def __init__(self) -> None:
        """Never repeat the number."""
        super().__init__("this chart was erased: its number is not used again; open a chart under a new number")


def erased_among(recorder: LogRecorder, client_ids: Sequence[str]) -> set[str]:
    """Which of these streams were erased; what is no stream id is not."""
    wanted = [client_id for client_id in client_ids if _ID.fullmatch(client_id)]
    return {bytes(row[0]).hex() for sql, part in _queries(wanted) for row in recorder.query(sql, part)}


def all_erased(recorder: LogRecorder) -> set[str]:
    """Every stream that was erased."""
    rows = recorder.query("SELECT client_id FROM erasure WHERE state='erased'")
    return {bytes(row[0]).hex() for row in rows}


def refuse_erased(tx: Writing, client_ids: Sequence[str]) -> None:
    """Make no new key where one was destroyed.

    Raises:
        ChartErasedError: one of these streams was erased.
    """
    if any(tx.rows(sql, part) for sql, part in _queries(client_ids)):
        raise ChartErasedError


def _queries(client_ids: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    for start in range(0, len(client_ids), _AT_ONCE):
        part: list[Any] = [bytes.fromhex(client_id) for client_id in client_ids[start : start + _AT_ONCE]]
        places = ",".join("?" * len(part))
        yield f"SELECT client_id FROM erasure WHERE state='erased' AND client_id IN ({places})", part
