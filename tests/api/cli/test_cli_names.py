"""Tables of the command line say sites, groups and staff by their names; JSON and CSV have the keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import line, run, store as store

from api.http.examples import DEFINITIONS

DEFINED = {
    "site": {"site": "N1", "name": "Lakeside"},
    "staff": {"staff": "c-7", "name": "Ada Reed"},
    "group": {"group_id": "iop-eve", "name": "Evening circle", "site": "N1", "clinician": "c-7"},
}
PLACE: dict[str, object] = {"site": "N1", "clinician": "c-7"}
VISIT: dict[str, object] = {"starts_at": "2026-01-07T09:00:00-05:00", **PLACE}
LEVEL = "intensive_outpatient"
LINES = (
    line("A-1", "LevelOfCareStarted", "2026-01-05T09:00:00-05:00", level=LEVEL, **PLACE)
    + line("A-1", "GroupJoined", "2026-01-06T09:00:00-05:00", group_id="IOP-EVE ")
    + line("A-1", "AppointmentScheduled", "2026-01-06T09:00:00-05:00", appointment_id="v1", **VISIT)
    + line("B-1", "LevelOfCareStarted", "2026-01-05T09:00:00-05:00", level=LEVEL, **PLACE)
    + line("B-1", "LevelOfCareEnded", "2026-02-16T09:00:00-05:00", level=LEVEL, reason="completed", next_level="alumni")
)
KEYS = ("N1", "c-7", "IOP-EVE", "iop-eve")
TABLES = [
    ("report agenda --from 2026-01-01 --to 2026-01-31", ("Lakeside", "Ada Reed")),
    ("report agenda --show groups", ("Lakeside", "Evening circle")),
    ("report handoffs", ("Lakeside",)),
    ("report status --by site", ("Lakeside",)),
    ("report completion --by site", ("Lakeside",)),
    ("client status A-1", ("Lakeside", "Ada Reed")),
    ("client timeline A-1", ("Lakeside", "Ada Reed", "Evening circle")),
    ("client rows A-1", ("Lakeside", "Ada Reed", "Evening circle")),
]


@pytest.fixture(autouse=True)
def provider(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    for kind, data in DEFINED.items():
        whole = json.dumps(DEFINITIONS[f"define-{kind}"] | data)
        run(
            "provider",
            "define",
            f"define-{kind}",
            "--data",
            whole,
            "--since",
            "2026-01-01T00:00:00Z",
            "--by",
            "a.meyer",
        )
    Path("a.ndjson").write_text(LINES)
    run("import", "events", "a.ndjson")


@pytest.mark.parametrize(("command", "names"), TABLES)
def test_a_table_says_names(command: str, names: tuple[str, ...]) -> None:
    table = run(*command.split()).stdout
    assert [name for name in names if name not in table] == []
    assert [key for key in KEYS if key in table] == []


@pytest.mark.parametrize(("command", "names"), TABLES)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_program_gets_keys(command: str, names: tuple[str, ...], form: str) -> None:
    data = run(*command.split(), "--format", form).stdout
    assert "N1" in data
    assert [name for name in names if name in data] == []


def test_a_group_stands_under_group() -> None:
    assert "group id" not in run("report", "agenda", "--show", "groups").stdout


def test_what_a_correction_changed_says_names() -> None:
    entry = json.loads(run("client", "history", "A-1", "--format", "json").stdout)[0]
    data = {"level": LEVEL, "site": "N2", "clinician": "c-7"}
    replacement = {"type": "LevelOfCareStarted", "occurred_at": "2026-01-05T14:00:00Z", "data": data}
    amended = {"target": entry["event_id"], "replacement": replacement, "reason": "typed wrong"}
    Path("b.ndjson").write_text(line("A-1", "EntryCorrected", "2026-02-17T09:00:00-05:00", **amended))
    run("import", "events", "b.ndjson")
    assert "site: Lakeside → N2" in run("client", "history", "A-1").stdout


def test_a_saved_views_answer_says_names() -> None:
    view = run("view", "save", "By site", "status", "--filter", "by=site").stdout.split()[-1].rstrip(".")
    assert "Lakeside" in run("view", "answer", view).stdout
    assert "N1" in run("view", "answer", view, "--format", "json").stdout
