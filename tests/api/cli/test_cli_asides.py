"""``audit set-aside`` and ``take-up``: a client counts without an entry that cannot be read, and with it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli_unreadable import filled as filled, run, spoiled, store as store

from api.cli.context import opened
from tests.poison import BAD_ID, HIDDEN, POISONS, SEALED, poison_definition

REASON = "damaged and in no backup"


def quarantined() -> int:
    run("project", "run", "--until-caught-up")
    return len(json.loads(run("project", "quarantine", "--format", "json").stdout or "[]"))


@pytest.mark.parametrize("kind", POISONS)
def test_everything_goes_on_without_it_and_says_who_decided_so(store: Path, kind: str) -> None:
    client_id = spoiled(kind)
    assert (quarantined() > 0) == (kind not in SEALED)
    told = run("audit", "set-aside", BAD_ID, "--reason", REASON, "--by", "a.meyer").stdout
    assert f"Set aside, by entry 6 of client {client_id}." in told
    assert quarantined() == 0
    run("project", "verify")
    for command in ("status", "timeline", "rows", "history"):
        told = run("client", command, "A-1").stderr
        assert "entry 5 (" in told
        assert "was set aside by a.meyer on 20" in told
        assert REASON in told
        assert "cannot be read" not in told
        assert HIDDEN not in told
    rows = json.loads(run("client", "history", "A-1", "--format", "json").stdout)
    assert [row["effect"] for row in rows] == ["learned"] * 4 + ["left_out", "set_aside"]
    assert rows[4]["data"]["reason"] == rows[5]["data"]["reason"] == REASON
    items = json.loads(run("client", "timeline", "A-1", "--format", "json").stdout)
    assert [item["type"] for item in items][-1] == "EntrySetAside"
    for words in (("events", "--out", "out"), ("csv", "c"), ("xes", "x"), ("ocel", "o"), ("teds", "t")):
        run("export", *words)
    run("audit", "package", "A-1", "--out", "p.zip")
    assert REASON.encode() in Path("out").read_bytes()


def test_taking_it_up_undoes_it(store: Path) -> None:
    spoiled("unknown type")
    run("audit", "set-aside", BAD_ID, "--reason", REASON)
    run("audit", "take-up", BAD_ID, "--reason", "the release knows it")
    assert quarantined() > 0
    assert "cannot be read here" in run("client", "status", "A-1").stderr
    assert "is not set aside" in run("audit", "take-up", BAD_ID, "--reason", "x", expect=1).stderr


def test_what_is_refused_is_told_in_a_line(store: Path) -> None:
    note = json.loads(run("client", "history", "A-1", "--format", "json").stdout)[2]["event_id"]
    told = run("audit", "set-aside", note, "--reason", REASON, expect=1).stderr
    assert "the entry can be read" in told
    assert "Retract it" in told
    assert "no entry has this id" in run("audit", "set-aside", BAD_ID, "--reason", REASON, expect=1).stderr
    assert "32 hexadecimal digits" in run("audit", "set-aside", "A-1", "--reason", REASON, expect=2).stderr
    spoiled("unknown type")
    assert "no visible letter" in run("audit", "set-aside", BAD_ID, "--reason", " ", expect=1).stderr


def test_an_export_comes_back_without_it_and_with_the_decision(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled("unknown type")
    run("audit", "set-aside", BAD_ID, "--reason", REASON)
    run("export", "events", "--out", "out")
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", f"sqlite:///{store / 'other.db'}")
    run("import", "events", "out", "--keep-recorded-at")
    run("export", "events", "--out", "again")
    assert Path("again").read_bytes() == Path("out").read_bytes()
    run("project", "verify")


def test_definitions_go_on_without_one_that_nobody_can_read(store: Path) -> None:
    site = '{"site":"North","name":"North House","zone":"America/Chicago"}'
    run("provider", "define", "define-site", "--data", site)
    with opened() as services:
        poison_definition(services.log, "provider:site:North")
    assert quarantined() == 1
    assert "entry 2 (Unheard.1)" in run("provider", "history", "site", "North").stderr
    told = run("audit", "set-aside", BAD_ID, "--reason", REASON, "--by", "a.meyer").stdout
    assert told == "Set aside, by entry 3 of provider:site:North.\n"
    assert quarantined() == 0
    history = run("provider", "history", "site", "North", "--format", "json")
    assert [row["type"] for row in json.loads(history.stdout)] == ["SiteDefined", "EntrySetAside"]
    assert "was set aside by a.meyer" in history.stderr
    assert "by entry 4 of provider:site:North" in run("audit", "take-up", BAD_ID, "--reason", "known now").stdout
