"""Charts decoded in part say of what was decoded what whole charts say."""

from __future__ import annotations

import pytest

from infra.bootstrap import Services
from infra.drilldown.case_charts import charts_read
from infra.readmodels.fold import load_chart
from projections.opening.evidence import types_read
from projections.stays.tables import STAY


@pytest.mark.parametrize("kind", ["stay", "scores", "screens", "sessions", "milestone", "index"])
def test_entries_of_the_types_read_are_those_of_the_whole_chart(programme: Services, kind: str) -> None:
    with programme.reads.reading() as connection:
        ids = sorted({row[0] for row in connection.execute(STAY.select())})[::4]
    types = types_read(kind)
    part = charts_read(programme.log, ids, types)
    amended = 0
    for client_id, rows in programme.log.streams(ids):
        whole = load_chart(programme.log, client_id, rows)
        amended += any(entry.amended_by for entry in whole.entries)
        expected = [entry for entry in whole.entries if entry.type in types]
        assert [entry for entry in part[client_id].entries if entry.type in types] == expected
        assert part[client_id].journey == whole.journey
    assert amended
