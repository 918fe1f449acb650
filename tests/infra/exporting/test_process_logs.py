"""Process logs: read back by pm4py, which finds the process that was recorded."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from domain.events import LevelOfCareStarted
from domain.vocabulary import title
from infra.exporting.charts import charts
from infra.exporting.process.ocel import export_ocel
from infra.exporting.process.xes import export_xes
from infra.services import Services


@pytest.fixture(scope="module")
def pm4py() -> Any:
    """The process-mining library; its own imports warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py as library
    return library


def _read(pm4py: Any, reader: str, path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(pm4py, reader)(str(path))


def test_pm4py_reads_as_many_starts_as_there_are_stays(programme: Services, pm4py: Any, tmp_path: Path) -> None:
    written = export_xes(programme.log, tmp_path / "journeys.xes")
    frame = _read(pm4py, "read_xes", tmp_path / "journeys.xes")
    assert len(frame) == written
    started = Counter(
        f"{title(event.level)} started"
        for chart in charts(programme.log)
        for _, event in chart.events(LevelOfCareStarted)
    )
    found = Counter(name for name in frame["concept:name"] if name.endswith(" started"))
    assert found == started
    assert frame["case:concept:name"].nunique() == sum(1 for _ in charts(programme.log))


def test_the_process_found_is_the_continuum(programme: Services, pm4py: Any, tmp_path: Path) -> None:
    export_xes(programme.log, tmp_path / "journeys.xes")
    frame = _read(pm4py, "read_xes", tmp_path / "journeys.xes")
    graph, starts, _ = pm4py.discover_dfg(frame)
    assert max(starts, key=starts.get) == "Referral received"
    stepped = sum(
        n for (before, after), n in graph.items() if "ended: completed" in before and after.endswith("started")
    )
    assert stepped > 0


def test_objects_are_clients_stays_and_groups(programme: Services, pm4py: Any, tmp_path: Path) -> None:
    written = export_ocel(programme.log, tmp_path / "journeys.jsonocel", detailed=True)
    log = _read(pm4py, "read_ocel2_json", tmp_path / "journeys.jsonocel")
    assert len(log.events) == written
    kinds = Counter(log.objects["ocel:type"])
    assert kinds["client"] == sum(1 for _ in charts(programme.log))
    assert kinds["stay"] == sum(len(chart.journey.stays) for chart in charts(programme.log))
    assert kinds["group"] > 0
    assert not list(tmp_path.glob("*.part"))
