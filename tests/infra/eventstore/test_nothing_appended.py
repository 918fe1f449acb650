"""An append of nothing is refused where it is made: it would have no position to be answered."""

from __future__ import annotations

import pytest

from infra.eventstore.log import Append, EmptyAppendError


@pytest.mark.parametrize("expected", [None, 0, 3])
def test_it_is_refused(expected: int | None) -> None:
    with pytest.raises(EmptyAppendError, match="give at least one entry"):
        Append("A-1", [], expected)
