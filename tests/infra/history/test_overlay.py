"""Over the live read models a moment shows the rows of a full replay, however the log and the live rows go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from knowing import Lived, lived

from infra.history.as_of.overlay import OverlaidReads
from infra.history.as_of.store import known_then, opened_over_live
from projections.base import ReadModel
from projections.catalogue import READ_MODELS
from tests.depth import cases
from tests.infra.readmodels.worlds import Tables, tables
from tests.projections.test_incremental import lived as histories
from tests.spec import Fact

QUICK = settings(
    max_examples=cases(4, 40),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
# With all read models streams are read whole, with these only entries that count in them.
FEW = [model for model in READ_MODELS if model.reads or model.provider]
BOTH = (READ_MODELS, FEW)


def overlaid(here: Lived, at: datetime, models: Sequence[ReadModel], until: int | None = None) -> Tables:
    """What readers see over the live read models."""
    then = opened_over_live(here.services, at, models, until)
    try:
        return here.named(tables(then.reads))
    finally:
        then.reads.close()


def replayed(here: Lived, at: datetime, models: Sequence[ReadModel]) -> Tables:
    """What readers see after a replay of all that was known."""
    with known_then(here.services, at, models) as then:
        return here.named(tables(then.reads))


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_live_rows_and_folded_ones_are_those_of_a_replay(facts: list[Fact], data: st.DataObject) -> None:
    """Knowledge times in any order, live read models that lag behind: merges, corrections and late entries among them."""
    with lived() as here:
        began = here.clock.now - timedelta(days=100)
        moments = [began + timedelta(days=data.draw(st.integers(0, 9))) for _ in facts]
        for fact, moment in zip(facts, moments, strict=True):
            here.record(fact, moment)
            if data.draw(st.booleans()):
                here.services.catch_up()
        for at in sorted({began - timedelta(days=1), *moments}):
            for models in BOTH:
                assert overlaid(here, at, models) == replayed(here, at, models)


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_what_comes_after_it_was_laid_is_taken_in(facts: list[Fact], data: st.DataObject) -> None:
    with lived() as here:
        began = here.clock.now - timedelta(days=100)
        at = began + timedelta(days=5)
        laid = [opened_over_live(here.services, at, models) for models in BOTH]
        for fact in facts:
            here.record(fact, began + timedelta(days=data.draw(st.integers(0, 9))))
            match data.draw(st.integers(0, 9)):
                case 0:
                    here.services.projector.rebuild()
                case 1 | 2 | 3 | 4:
                    here.services.catch_up()
                case _:
                    continue  # nobody asks
            for then, models in zip(laid, BOTH, strict=True):
                assert isinstance(then.reads, OverlaidReads)
                assert here.named(tables(then.reads)) == replayed(here, at, models)
        for then in laid:
            then.reads.close()


@QUICK
@given(facts=histories(), data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_a_position_cuts_the_log_there_too(facts: list[Fact], data: st.DataObject) -> None:
    with lived() as here:
        began = here.clock.now - timedelta(days=100)
        for fact in facts:
            here.record(fact, began + timedelta(days=data.draw(st.integers(0, 9))))
        here.services.catch_up()
        at, until = began + timedelta(days=5), data.draw(st.integers(0, len(facts)))
        for models in BOTH:
            services = here.services
            with services.past.at(at, "completion" if models is FEW else "everything", until=until) as then:
                seen = here.named(tables(then.reads))
            assert {name: rows for name, rows in overlaid(here, at, models, until).items() if name in seen} == seen
