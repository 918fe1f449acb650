"""No log call carries an event's content: a log file knows neither consent nor erasure."""

from __future__ import annotations

import ast

import pytest

from tests.house.logcalls import suspicious
from tests.house.tree import ROOMS, modules


def test_no_log_call_of_the_project_carries_a_charts_content() -> None:
    assert [f"{path}:{line}: {why}" for path, tree in modules(*ROOMS) for line, why in suspicious(tree)] == []


@pytest.mark.parametrize(
    "call",
    [
        "log.info('recorded', data=event.data)",
        "self._log.info('recorded', what=str(error))",
        "logger.warning(f'no chart {name}')",
        "logger.error('refused %s', command)",
        "log.exception('failed')",
        "log.error('failed', exc_info=True)",
        "log.info('seen', **event)",
    ],
)
def test_a_call_that_could_is_found(call: str) -> None:
    assert suspicious(ast.parse(f"def f():\n    {call}"))


@pytest.mark.parametrize(
    "body",
    [
        "log.info('caught up', position=position, lag=head - position)",
        "self._log.error('failed', error=type(error).__name__)",
        "seen = {'status': status}; self._log.info('request', **seen)",
        "self._log.append(event)",
    ],
)
def test_a_call_that_cannot_is_left_alone(body: str) -> None:
    assert suspicious(ast.parse(f"def f():\n    {body}")) == []
