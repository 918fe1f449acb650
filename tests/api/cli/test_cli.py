"""The command line: formats, exit codes, errors that say what to do."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from tests import real_tables
from tests.depth import cases
from tests.prepared import empty_store

RUNNER = CliRunner()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty embedded store for the commands of one test."""
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", empty_store(tmp_path, "cli"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


def line(client: str, kind: str, at: str, **data: object) -> str:
    return json.dumps({"client": client, "type": kind, "occurred_at": at, "data": data}) + "\n"


STAY = line("A-1", "LevelOfCareStarted", "2026-01-05T09:00:00-05:00", level="intensive_outpatient", program="P") + line(
    "A-1", "LevelOfCareEnded", "2026-02-16T09:00:00-05:00", level="intensive_outpatient", reason="completed"
)


def test_import_then_report_completion_as_json(store: Path) -> None:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    rows = json.loads(run("report", "completion", "--by", "level,program", "--format", "json").stdout)
    assert len(rows) == 1
    assert rows[0]["level"] == "intensive_outpatient"
    assert (rows[0]["program"], rows[0]["discharges"], rows[0]["completed"]) == ("P", 1, 1)
    assert rows[0]["completion_rate"] == 1.0
    assert {"left_against_advice", "terminated_by_facility", "transferred", "incarcerated", "died", "other"} <= set(
        rows[0]
    )
    assert 0 < rows[0]["ci_low"] < rows[0]["ci_high"] == 1.0


def test_lines_under_the_number_of_a_merged_chart_are_said_to_follow(store: Path) -> None:
    merge = '{"client":"A-1","type":"ChartsMerged","occurred_at":"2026-03-01T09:00:00Z","data":{"other_client":"A-2"}}'
    late = '{"client":"A-2","type":"NoteAdded","occurred_at":"2026-03-02T09:00:00Z","data":{"text":"x"}}'
    Path("a.ndjson").write_text(f"{merge}\n{late}\n")
    result = run("import", "events", "a.ndjson")
    assert "1 line came under a merged chart and follows the surviving chart" in result.stderr


def test_bad_lines_are_kept_with_number_and_reason_and_the_rest_goes_in(store: Path) -> None:
    Path("a.ndjson").write_text(STAY + "{broken\n")
    result = run("import", "events", "a.ndjson", expect=1)
    assert "1 line was rejected" in result.stderr
    rejected = json.loads(Path("a.ndjson.rejected.ndjson").read_text())
    assert rejected["line"] == 3
    assert "not JSON" in rejected["reason"]
    assert json.loads(run("report", "completion", "--format", "json").stdout)[0]["discharges"] == 1


def test_what_a_live_command_would_have_refused_is_reported_by_line(store: Path) -> None:
    Path("a.ndjson").write_text(STAY)
    assert "full_assessment" in run("import", "events", "a.ndjson").stderr
    unmet = json.loads(Path("a.ndjson.unmet.ndjson").read_text().splitlines()[0])
    assert (unmet["line"], unmet["client"]) == (1, "A-1")


TABLE = "chart,id,day,text\n"
NOTES = """
client = "chart"
id = "id"
[[entry]]
type = "SessionAttended"
occurred_at = "day"
[entry.data]
kind = "group"
minutes = { column = "text" }
"""


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["A-1,1,2026-01-06,60"], 0),
        (["A-1,1,2026-01-06,60", "A-1,2,soon,60"], 0),
        (["A-1,2,soon,60"], 1),
        (["A-1,1,2026-01-06,60,x"], 1),
        (["A-1,1,2026-01-06,60", "A-1,1,2026-01-06,90"], 1),
        ([], 0),
    ],
)
def test_a_table_of_which_nothing_was_recorded_exits_1(store: Path, rows: list[str], code: int) -> None:
    Path("m.toml").write_text(NOTES)
    Path("t.csv").write_text(TABLE + "\n".join(rows))
    result = run("import", "csv", "t.csv", "--map", "m.toml", expect=code)
    again = run("import", "csv", "t.csv", "--map", "m.toml", expect=code)
    for told in (result, again):
        assert f"{len(rows)}" in next(row for row in told.stdout.splitlines() if "read" in row)


def test_a_table_too_says_what_a_live_command_would_have_refused(store: Path) -> None:
    Path("m.toml").write_text(NOTES)
    Path("t.csv").write_text(TABLE + "A-1,1,2026-01-06T09:00,60\n")
    options = ("import", "csv", "t.csv", "--map", "m.toml", "--zone")
    assert "belongs_to_an_open_level" in run(*options, "America/New_York").stderr
    assert json.loads(Path("t.csv.unmet.ndjson").read_text())["client"] == "A-1"
    [entry] = json.loads(run("client", "history", "A-1", "--format", "json").stdout)
    assert entry["occurred_at"] == "2026-01-06T09:00:00-05:00"
    assert (entry["source"], entry["imported_by"][:3]) == ("import", "os:")
    assert "os:" in run("client", "history", "A-1").stdout
    assert "--zone 'Mars' is no IANA time zone" in run(*options, "Mars", expect=2).stderr


def test_a_zone_for_events_that_have_none(store: Path) -> None:
    Path("a.ndjson").write_text(STAY.replace("-05:00", ""))
    run("import", "events", "a.ndjson", expect=1)
    run("import", "events", "a.ndjson", "--zone", "America/New_York")
    assert "--zone 'Mars' is no" in run("import", "events", "a.ndjson", "--zone", "Mars", expect=2).stderr


def test_offsets_that_are_none_and_a_facility_that_the_file_does_not_name(store: Path) -> None:
    Path("a.ndjson").write_text(STAY.replace("-05:00", "Z"))
    words = ("import", "events", "a.ndjson", "--ignore-offsets")
    assert "--ignore-offsets: say by --zone where" in run(*words, expect=2).stderr
    run(*words, "--zone", "America/New_York", "--site", "Uptown")
    exported = [json.loads(one) for one in run("export", "events").stdout.splitlines()]
    assert {(one["occurred_at"][-6:], one["site"]) for one in exported} == {("-05:00", "Uptown")}
    assert "2 × event_id" in run("import", "events", "a.ndjson", expect=1).stderr
    assert "--site: is longer" in run("import", "events", "a.ndjson", "--site", "x" * 201, expect=2).stderr


def test_strict_import_refuses_it(store: Path) -> None:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "--strict", "a.ndjson", expect=1)
    reasons = [json.loads(text)["reason"] for text in Path("a.ndjson.rejected.ndjson").read_text().splitlines()]
    assert all(reason.startswith("refused: ") for reason in reasons)
    assert len(reasons) == 2


def test_project_status_verify_rebuild(store: Path) -> None:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    for row in json.loads(run("project", "status", "--format", "json").stdout):
        assert {"projection", "generation", "position", "head", "lag"} <= set(row)
        assert (row["position"], row["head"], row["lag"]) == (2, 2, 0)
    run("project", "verify")
    run("project", "rebuild", "stays")
    run("project", "verify")


def test_project_status_tells_of_other_releases_and_of_a_log_that_was_put_back(store: Path) -> None:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    run("project", "run", "--until-caught-up")
    reads = sqlite3.connect("cli.read.db", isolation_level=None)
    reads.execute("UPDATE generation SET version=version+1 WHERE name='stays'")
    told = run("project", "status", "--format", "json")
    assert "stays: of a newer release, and this one rests there" in told.stderr
    assert {row["projection"] for row in json.loads(told.stdout) if row["state"] != "current"} == {"stays"}
    assert "Not compared, since another release's are live: stays" in run("project", "verify").stderr
    assert "a newer release's stays is live" in run("project", "rebuild", "stays", expect=1).stderr
    assert "Rolled back: stays" in run("project", "rollback").stdout
    assert "name the one that is to go back" in run("project", "rollback", expect=1).stderr
    reads.execute("UPDATE generation SET position=99")
    assert "ahead of the log" in run("project", "status", expect=1).stderr
    run("project", "verify")
    run("project", "status")
    reads.close()


def test_client_timeline_as_of_and_history(store: Path) -> None:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    assert len(json.loads(run("client", "timeline", "A-1", "--format", "json").stdout)) == 2
    for what in ("status", "timeline", "rows", "history"):
        early = run("client", what, "A-1", "--as-of", "2001-01-01T00:00:00Z", "--format", "json", expect=1)
        assert (early.stdout, "not known then" in early.stderr) == ("", True)
    history = json.loads(run("client", "history", "A-1", "--format", "json").stdout)
    assert [row["sequence"] for row in history] == [1, 2]
    assert "no chart has this number" in run("client", "history", "A-2", expect=1).stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("report", "completion", "--by", "colour"), "cannot group"),
        (("report", "completion", "--from", "soon"), "is not a date"),
        (("report", "completion", "--cohort", "all"), "admission or discharge"),
        (("report", "everything"), "choose from"),
        (("client", "timeline", "A-1", "--as-of", "2026-01-01T00:00"), "offset"),
        (("project", "rebuild", "dreams"), "no projection"),
    ],
)
def test_a_wrong_call_exits_2_and_says_what_would_be_right(store: Path, words: tuple[str, ...], says: str) -> None:
    assert says in run(*words, expect=2).stderr


def test_a_missing_file_exits_1_and_says_so(store: Path) -> None:
    assert "No such file" in run("import", "events", "none.ndjson", expect=1).stderr


def test_config_masks_secrets(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_MASTER_KEY", "ab" * 32)
    assert "ababab" not in run("config", "--format", "json").stdout


def test_simulate_is_the_same_for_the_same_seed(store: Path) -> None:
    words = ("simulate", "--clients", "3", "--seed", "5", "--until", "2026-01-01T00:00:00Z", "--out")
    run(*words, "one.ndjson")
    run(*words, "two.ndjson")
    assert Path("one.ndjson").read_bytes() == Path("two.ndjson").read_bytes()
    run("import", "events", "one.ndjson")


def test_the_ctn_0094_tables_go_in_whole_and_once(store: Path) -> None:
    tables = str(real_tables.some_of(real_tables.needed(), store / "tables", cases(10, 1)))
    account = json.loads(run("import", "ctn0094", tables, "--format", "json").stdout)
    assert len(account) == 16
    assert all(row["rows_in"] == row["rows_used"] + row["left_over"] for row in account)
    again = json.loads(run("import", "ctn0094", tables, "--format", "json").stdout)
    assert "recorded now 0" in again[-1]["events"]
    text = run("report", "abstinence", "--measure", "weekly_pattern", "--per-client", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["client", "program", "value"]
    assert len(rows) == len({row["client"] for row in rows}) == cases(248, 2_492)
    text = run("report", "abstinence", "--measure", "relapse_ctn0094", "--per-client", "--format", "csv").stdout
    assert text.splitlines()[0] == "client,program,value,event"
    text = run(
        "report", "abstinence", "--measure", "end_of_treatment_ctn0094", "--per-client", "--format", "csv"
    ).stdout
    assert {row["value"] for row in csv.DictReader(io.StringIO(text))} == {"true", "false"}


def test_a_difference_names_the_entry_in_every_format(store: Path) -> None:
    Path("a.ndjson").write_text(STAY)
    run("import", "events", "a.ndjson")
    asked = ("audit", "diff", "--report", "completion", "--by", "level", "--from", "2001-01-01T00:00:00Z")
    said = json.loads(run(*asked, "--format", "json").stdout)
    [entry] = said["entries"]
    assert (entry["client"], entry["type"], said["clients"]) == ("A-1", "LevelOfCareEnded", 1)
    assert {cell["name"]: (cell["then"], cell["now"]) for cell in said["cells"]}["completed"] == (None, 1)
    assert "1 entry of 1 client changed them" in run(*asked).stderr
    assert run(*asked, "--format", "csv").stdout.splitlines()[1].startswith("A-1,2,LevelOfCareEnded,learned,")
    of_client = run("audit", "diff", "A-1", "--from", "2001-01-01T00:00:00Z", "--format", "json")
    assert [one["type"] for one in json.loads(of_client.stdout)["entries"]] == [
        "LevelOfCareStarted",
        "LevelOfCareEnded",
    ]
    for form in ("json", "csv", "table"):
        for what in ("status", "timeline", "rows", "history"):
            assert run("client", what, "A-1", "--as-of", "2100-01-01T00:00:00Z", "--format", form).stdout
        assert run("audit", "diff", "A-1", "--from", "2001-01-01T00:00:00Z", "--format", form).stdout
    assert "not both" in run("audit", "diff", "A-1", *asked[2:], expect=2).stderr


def test_an_import_says_how_many_charts_look_like_others_and_they_are_listed(store: Path) -> None:
    def person(client: str, name: str) -> str:
        return line(client, "ClientRegistered", "2026-01-05T09:00:00Z", name=name, birth_date="1990-04-12")

    Path("a.ndjson").write_text(person("A-1", "Katherine Marsh") + person("A-2", "Otto Jones"))
    assert "look like" not in run("import", "events", "a.ndjson").stderr
    Path("b.ndjson").write_text(person("B-1", "Catherine Marsh") + person("B-2", "Una Berg"))
    assert "1 chart of this import looks like another" in run("import", "events", "b.ndjson").stderr
    found = json.loads(run("client", "duplicates", "--format", "json").stdout)
    assert found == [{"client": "A-1", "other": "B-1", "how": "name"}]


def test_fhir_of_which_nothing_is_recorded_ends_with_1(store: Path) -> None:
    stay = {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "IMP"}}
    stay |= {"subject": {"reference": "Patient/p"}, "period": {"start": "2026-01-05", "end": "2026-01-06"}}
    Path("stay.json").write_text(json.dumps(stay))
    run("import", "fhir", "stay.json", "--leftovers", "left.csv", expect=1)
    [left] = csv.DictReader(Path("left.csv").read_text().splitlines())
    assert (left["place"], left["kind"]) == ("Encounter/e", "Encounter")
    run("import", "fhir", "stay.json", "--dry-run", expect=1)


def test_fhir_with_its_source_number_system_and_zone(store: Path) -> None:
    numbers = [
        {"system": "http://h.example/mrn", "value": "N-1"},
        {"system": "http://h.example/visit", "value": "V-1"},
    ]
    person = {"resourceType": "Patient", "id": "p", "identifier": numbers, "birthDate": "1990-02-03"}
    person |= {"name": [{"family": "Sample", "given": ["Pat"]}]}
    stay = {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "IMP"}}
    stay |= {"type": [{"text": "Residential"}], "subject": {"reference": "Patient/p"}}
    stay |= {"period": {"start": "2026-01-05T09:00:00", "end": "2026-01-20T09:00:00"}}
    Path("Patient.ndjson").write_text(json.dumps(person))
    Path("Encounter.ndjson").write_text(json.dumps(stay))
    known = ("--source", "north", "--number-system", "http://h.example/mrn")
    run("import", "fhir", "Patient.ndjson", expect=1)  # two numbers, and nothing says which is the chart's
    run("import", "fhir", "Patient.ndjson", *known)
    run("import", "fhir", "Encounter.ndjson", *known, expect=1)  # no zone
    run("import", "fhir", "Encounter.ndjson", "--source", "south", "--zone", "America/Chicago", expect=1)
    run("import", "fhir", "Encounter.ndjson", *known, "--zone", "America/Chicago")
    exported = map(json.loads, run("export", "events").stdout.splitlines())
    [start] = [one for one in exported if one["type"] == "LevelOfCareStarted"]
    assert (start["client"], start["occurred_at"]) == ("N-1", "2026-01-05T09:00:00-06:00")
    [unmet] = map(json.loads, Path("fhir.unmet.ndjson").read_text().splitlines())
    assert (unmet["client"], unmet["type"], unmet["criterion"]) == ("N-1", "LevelOfCareStarted", "full_assessment")
