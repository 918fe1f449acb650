"""A backlog is folded in the order of clients, window by window: the rows are those of any other way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from domain.events import NoteAdded
from infra.readmodels import backlog, projector as projecting
from infra.readmodels.projector import Projector
from tests.depth import cases
from tests.infra.readmodels.worlds import world
from tests.projections.test_incremental import lived as histories
from tests.spec import Fact, ago, fact, record

QUICK = settings(
    max_examples=cases(12, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "LEAST", 4)
    monkeypatch.setattr(backlog, "WINDOWS", 3)
    monkeypatch.setattr(backlog, "_READ_AT_ONCE", 3)
    monkeypatch.setattr(projecting, "PAGE", 3)


class CutOffError(Exception):
    """As a process that was killed."""


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_windows")
def test_windows_come_to_the_rows_of_a_replay_also_after_being_cut_off(facts: list[Fact], data: st.DataObject) -> None:
    with world() as here, pytest.MonkeyPatch.context() as patch:
        for number, one in enumerate(facts):
            record(here.log, one)
            if not data.draw(st.integers(0, 8)):
                here.projector.catch_up()
            if not data.draw(st.integers(0, 20)) and number:
                here.projector.rebuild()
        left = data.draw(st.integers(0, 4))
        page = Projector._page

        def cut_off(*given: Any) -> None:
            nonlocal left
            if not left:
                raise CutOffError
            left -= 1
            page(*given)

        patch.setattr(Projector, "_page", cut_off)
        with pytest.raises(CutOffError):
            while True:  # the last entries may be folded before it is cut off: then it is the next time
                here.projector.rebuild()
        patch.setattr(Projector, "_page", page)
        here.projector.catch_up()
        assert here.tables() == here.fresh()
        here.projector.rebuild()
        assert here.tables() == here.fresh()
        here.is_sound()


@pytest.mark.usefixtures("small_windows")
def test_progress_goes_on_to_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    with world() as here:
        for client in range(8):
            for day in range(3):
                record(here.log, fact(NoteAdded(text="x"), ago(9 - day), client=f"C-{client}"))
        seen: list[int] = []
        here.projector.catch_up(lambda position, _: seen.append(position))
        assert seen == sorted(seen)
        assert seen[-1] == here.log.head()
        assert len(set(seen)) > 3
