"""Process logs: read back by pm4py, which finds the process that was recorded."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.events import DrugScreenResulted, InstrumentScored, LevelOfCareStarted
from domain.levels import title
from domain.vocabulary import REASONS
from infra.bootstrap import Services
from infra.interop.exporters.all_charts import charts
from infra.interop.exporters.process.ocel import export_ocel
from infra.interop.exporters.process.results import scored, screened
from infra.interop.exporters.process.xes import export_xes
from infra.reporting.reports import ReportParams, run_report
from projections.clinical.substances import plain_name
from projections.timeline.words import words


@pytest.fixture(scope="module")
def pm4py() -> Any:
    """The process-mining library; its own imports warn."""
    return _library()


def _library() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py as library
    return library


def read_log(reader: str, path: Path) -> Any:
    """A log, read by one of the library's readers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(_library(), reader)(str(path))


@dataclass(frozen=True)
class Written:
    """What was written of the programme, how many events it was said to hold, and what the library reads in it."""

    path: Path
    events: int
    read: Any


@pytest.fixture(scope="module")
def plain(programme: Services, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A log of cases, without details."""
    path = tmp_path_factory.mktemp("plain") / "journeys.xes"
    return Written(path, export_xes(programme.log, path), read_log("read_xes", path))


@pytest.fixture(scope="module")
def objects(programme: Services, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A log of objects, with details."""
    path = tmp_path_factory.mktemp("objects") / "all.jsonocel"
    return Written(path, export_ocel(programme.log, path, detailed=True), read_log("read_ocel2_json", path))


def test_pm4py_reads_as_many_starts_as_there_are_stays(programme: Services, plain: Written) -> None:
    frame = plain.read
    assert len(frame) == plain.events
    started = Counter(
        f"{title(event.level)} started"
        for chart in charts(programme.log)
        for _, event in chart.events(LevelOfCareStarted)
    )
    found = Counter(name for name in frame["concept:name"] if name.endswith(" started"))
    assert found == started
    assert frame["case:concept:name"].nunique() == sum(1 for _ in charts(programme.log))


def test_the_process_found_is_the_continuum(plain: Written, pm4py: Any) -> None:
    graph, starts, _ = pm4py.discover_dfg(plain.read)
    assert max(starts, key=starts.get) == "Referral received"
    stepped = sum(
        n for (before, after), n in graph.items() if "ended: completed" in before and after.endswith("started")
    )
    assert stepped > 0


def _levels(frame: Any) -> Any:
    """The starts and ends of levels of care alone; a start and an end of one moment in the order recorded."""
    names = frame["concept:name"]
    return frame[names.str.endswith(" started") | names.str.contains(" ended: ")].copy()  # the library writes into it


def test_starts_and_ends_are_the_reports_numbers(programme: Services, pm4py: Any, plain: Written) -> None:
    """Where pm4py sees journeys begin and stays end, `report flow` and `report completion` count the same."""
    frame = _levels(plain.read)
    begun = pm4py.get_start_activities(frame)
    entries = run_report("flow", programme, ReportParams(show="entries"))
    assert begun == {f"{title(row['level'])} started": row["first_entries"] for row in entries if row["first_entries"]}
    ended = Counter(name for name in frame["concept:name"] if " ended: " in name)
    for row in run_report("completion", programme, ReportParams()):
        own = {reason: ended[f"{title(row['level'])} ended: {_plain(reason)}"] for reason in REASONS}
        assert own == {reason: row[reason] for reason in REASONS}


def _plain(reason: str) -> str:
    return (words(reason) or "").lower()


def test_variants_and_moves_are_the_reports_numbers(programme: Services, pm4py: Any, plain: Written) -> None:
    """Each client is in one variant; of those with one level at a time, every step between levels is in `report flow`."""
    frame = _levels(plain.read)
    treated = sum(row["first_entries"] for row in run_report("flow", programme, ReportParams(show="entries")))
    assert sum(pm4py.get_variants(frame).values()) == treated
    graph, _, _ = pm4py.discover_dfg(frame)
    detox, residential = title("medical_detox"), title("residential")
    followed = sum(
        n for (before, after), n in graph.items() if before.startswith(detox) and after == f"{residential} started"
    )
    moves = run_report("flow", programme, ReportParams(by=("level",)))
    stepped = next(row for row in moves if (row["from"], row["to"]) == ("medical_detox", "residential"))
    late = _later_than(frame, f"{detox} ended", f"{residential} started", 30)
    assert followed - late == stepped["count"]


def _later_than(frame: Any, before: str, after: str, days: int) -> int:
    """How often one activity directly follows another by more than so many days."""
    rows = frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    following = rows.groupby("case:concept:name").shift(-1)
    pairs = rows["concept:name"].str.startswith(before) & (following["concept:name"] == after)
    days_between = following["time:timestamp"].dt.normalize() - rows["time:timestamp"].dt.normalize()
    return int((pairs & (days_between.dt.days > days)).sum())


def test_objects_are_clients_stays_and_groups(programme: Services, objects: Written) -> None:
    log = objects.read
    assert len(log.events) == objects.events
    kinds = Counter(log.objects["ocel:type"])
    assert kinds["client"] == sum(1 for _ in charts(programme.log))
    assert kinds["stay"] == sum(len(chart.journey.stays) for chart in charts(programme.log))
    assert kinds["group"] > 0
    assert [path.name for path in objects.path.parent.iterdir()] == [objects.path.name]


def test_scores_and_screens_are_told_apart_with_what_they_found(
    programme: Services, objects: Written, tmp_path: Path
) -> None:
    export_xes(programme.log, tmp_path / "all.xes", detailed=True)
    frame = read_log("read_xes", tmp_path / "all.xes")
    scores = sorted(_scores(programme))
    opioid = sum("opioid" in map(plain_name, event.positive) for event in _screens(programme))
    assert scores
    assert opioid > 0
    for name, found in (("concept:name", frame), ("ocel:activity", objects.read.events)):
        assert sorted(found[found[name] == "Instrument scored: PHQ-9"]["score"]) == scores
        screens = found[found[name] == "Drug screen: urine, 10-panel"]
        assert set(screens["result"]) == {"positive", "negative", "invalid"} & set(screens["result"])
        assert Counter(screens["result_opioid"].dropna()) == {"positive": opioid}


def _scores(programme: Services) -> Iterator[float]:
    for chart in charts(programme.log):
        yield from (event.score for _, event in chart.events(InstrumentScored) if event.instrument == "phq9")


def _screens(programme: Services) -> Iterator[DrugScreenResulted]:
    for chart in charts(programme.log):
        urine = (event for _, event in chart.events(DrugScreenResulted) if event.specimen == "urine")
        yield from (event for event in urine if event.panel == "10-panel" and event.valid is not False)


def test_every_attribute_of_an_event_is_declared_with_its_type(objects: Written) -> None:
    whole = orjson.loads(objects.path.read_bytes())
    declared = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in whole["eventTypes"]}
    python = {"string": str, "float": float}
    for event in whole["events"]:
        for attribute in event["attributes"]:
            assert isinstance(attribute["value"], python[declared[event["type"]][attribute["name"]]])


@pytest.mark.parametrize(
    ("more", "name", "found"),
    [
        ({"panel": "12-panel", "positive": ["Fentanyl"]}, "urine, 12-panel", {"result_fentanyl": "positive"}),
        ({"panel": None, "positive": []}, "urine", {}),
        (
            {"panel": ["opioids", "cocaine", "6-MAM"], "positive": ["Heroin"]},
            "urine",
            {"result_cocaine": "negative", "result_heroin": "positive"},
        ),
        ({"panel": "12-panel", "positive": ["thc"], "valid": False}, "urine, 12-panel", {}),
    ],
)
def test_results_by_substance(more: dict[str, Any], name: str, found: dict[str, str]) -> None:
    called, details = screened(DrugScreenResulted.model_validate({"specimen": "urine"} | more))
    assert called == f"Drug screen: {name}"
    assert {key: value for key, value in details.items() if key.startswith("result_")} == found
    whole = "invalid" if more.get("valid") is False else "positive" if more["positive"] else "negative"
    assert details["result"] == whole


@pytest.mark.parametrize(("written", "title_"), [("PHQ-9", "PHQ-9"), ("phq9", "PHQ-9"), (" Own scale", "Own scale")])
def test_a_score_is_named_by_its_instrument(written: str, title_: str) -> None:
    name, details = scored(InstrumentScored(instrument=written, score=7))
    assert (name, details) == (f"Instrument scored: {title_}", {"instrument": title_, "score": 7.0})
