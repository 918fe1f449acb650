"""The same of a tenth of the real people of CTN-0094; a file of its own, so that another process can run it."""

from __future__ import annotations

from tests import real_tables
from tests.answers.recorded import now_and_then
from tests.depth import nightly


@nightly
def test_every_answer_of_the_trials_is_the_recorded_one() -> None:
    real_tables.needed()
    found = now_and_then("trials")
    assert not found, "\n".join(found)
