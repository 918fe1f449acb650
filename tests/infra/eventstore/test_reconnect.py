"""How long work is tried again while connections are being lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
from eventsourcing.persistence import OperationalError

from infra.eventstore.reconnect import LONGEST_SECONDS, PATIENCE_SECONDS, again_while_lost


@dataclass
class Clock:
    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    return clock


@dataclass
class Work:
    clock: Clock
    takes: float
    losses: int
    tries: int = 0
    cause: Exception | None = None

    def __call__(self) -> int:
        self.tries += 1
        self.clock.now += self.takes
        if self.tries <= self.losses:
            raise OperationalError("lost") from self.cause
        return self.tries


def nothing() -> None: ...


@pytest.mark.parametrize("takes", [0.0, 6.5])
def test_a_writer_that_waited_for_its_turn_is_as_patient_as_one_that_did_not(clock: Clock, takes: float) -> None:
    assert again_while_lost(Work(clock, takes, losses=2), nothing) == 3


def test_a_server_that_stays_away_is_told_after_three_seconds(clock: Clock) -> None:
    with pytest.raises(OperationalError):
        again_while_lost(Work(clock, 0.0, losses=1000), nothing)
    assert PATIENCE_SECONDS - 0.5 < clock.now <= PATIENCE_SECONDS


def test_tries_that_hang_are_not_made_without_end(clock: Clock) -> None:
    work = Work(clock, 20.0, losses=1000)
    with pytest.raises(OperationalError):
        again_while_lost(work, nothing)
    assert work.tries == 2
    assert clock.now < LONGEST_SECONDS + work.takes


@pytest.mark.parametrize("cause", [psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled])
def test_an_answer_is_no_loss(clock: Clock, cause: Callable[[], Exception]) -> None:
    work = Work(clock, 0.0, losses=1, cause=cause())
    with pytest.raises(OperationalError):
        again_while_lost(work, nothing)
    assert work.tries == 1
