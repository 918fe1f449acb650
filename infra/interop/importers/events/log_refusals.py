"""Lines that the log itself would not take: of an erased chart, of a new one whose number cannot be one, or of a chart
merged with itself.
"""

from __future__ import annotations

from domain.numbers import ChartNumberError, as_shown
from infra.eventstore.erased import ERASED, ChartErasedError
from infra.eventstore.log import EventLog
from infra.interop.importers.events.lines import Prepared


def refusal_of(log: EventLog, line: Prepared, erased: set[str]) -> str | None:
    """Why a line is not recorded, or None. ``erased`` are the streams that were erased.

    What an erased chart's own export says, under its label, is known already.
    """
    if line.provider:
        return None
    if erased and not line.reference.startswith(ERASED) and log.client_id(line.reference) in erased:
        return f"client: {ChartErasedError()}"
    wrong = _wrong_number(log, line.reference)
    if wrong is not None:
        return f"client: {wrong}"
    if line.other is None:
        return None
    if log.client_id(line.other) == log.client_id(line.reference):
        return "data.other_client: another_chart: it is the same chart: give the number of the other one"
    wrong = _wrong_number(log, line.other)
    return f"data.other_client: {wrong}" if wrong is not None else None


def _wrong_number(log: EventLog, number: str) -> ChartNumberError | None:
    """Why no chart has this number; one that an older release took is taken."""
    try:
        as_shown(number)
    except ChartNumberError as error:
        return error if log.cipher(log.client_id(number)) is None else None
    return None
