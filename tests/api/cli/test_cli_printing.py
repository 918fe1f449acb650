"""Documents by the command line: a file each, under a consent for others, and none of an erased chart."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from api.cli.main import app
from tests.api.cli.test_cli_erasing import become_another
from tests.prepared import empty_store

RUNNER = CliRunner()
EVENTS = [
    ("ClientRegistered", "2026-01-04T09:00:00-05:00", {"name": "Simulated Person", "birth_date": "1990-04-01"}),
    ("LevelOfCareStarted", "2026-01-05T09:00:00-05:00", {"level": "residential", "program": "Harbor"}),
    ("ConsentGiven", "2026-01-05T10:00:00-05:00", {"consent_id": "c1", "recipient": "Clinic", "purpose": "treatment"}),
    ("LevelOfCareEnded", "2026-02-04T09:00:00-05:00", {"level": "residential", "reason": "completed"}),
]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAREJOURNEY_DATABASE_URL", empty_store(tmp_path, "cli"))
    monkeypatch.chdir(tmp_path)
    lines = [{"client": "A-1", "type": kind, "occurred_at": at, "data": data} for kind, at, data in EVENTS]
    Path("a.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
    run("import", "events", "a.ndjson")


def run(*words: str, expect: int = 0) -> Result:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == expect, (result.output, result.stderr, result.exception)
    return result


def text_of(path: str) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_for_the_operator_for_the_client_and_for_somebody_under_a_consent() -> None:
    run("client", "summary", "A-1", "--pdf", "summary.pdf")
    assert "Simulated Person" in text_of("summary.pdf") and "within the programme" in text_of("summary.pdf")
    run("client", "discharge-summary", "A-1", "--pdf", "d.pdf", "--language", "es", "--purpose", "patient_request")
    assert "Resumen de alta, episodio 1" in text_of("d.pdf") and "Copia del propio cliente" in text_of("d.pdf")
    run("client", "summary", "A-1", "--pdf", "out.pdf", "--recipient", "Clinic")
    assert "Made for Clinic" in text_of("out.pdf")
    run("client", "summary", "A-1", "--pdf", "no.pdf", "--recipient", "Somebody else", expect=1)
    assert not Path("no.pdf").exists()
    disclosed = json.loads(run("audit", "disclosures", "A-1", "--format", "json").stdout)
    assert "Clinic" in json.dumps(disclosed) and "Somebody else" not in json.dumps(disclosed)


def test_what_is_not_there_is_refused_with_the_reason() -> None:
    refused = run("client", "discharge-summary", "A-1", "--pdf", "d.pdf", "--episode", "3", expect=1)
    assert "no such episode" in refused.stderr
    run("client", "summary", "A-1", "--pdf", "s.pdf", "--language", "xx", expect=2)
    run("client", "summary", "A-1", "--pdf", "s.pdf", "--purpose", "curiosity", expect=2)
    run("client", "summary", "none", "--pdf", "s.pdf", expect=1)


def test_an_erased_chart_has_no_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    run("client", "erase", "A-1", "--ground", "court_order", "--by", "a.meyer")
    become_another(monkeypatch)
    said = run("client", "erase", "A-1", "--confirm", "--by", "b.okafor").stdout
    label = re.search(r"erased:[0-9a-f]{32}", said)
    assert label
    run("client", "summary", "A-1", "--pdf", "s.pdf", expect=1)
    refused = run("client", "summary", label[0], "--pdf", "s.pdf", expect=1)
    assert "there is no record of anybody to print" in refused.stderr.replace("\n", " ")
    run("client", "summary", label[0], "--pdf", "s.pdf", "--recipient", "Clinic", expect=1)
    assert not Path("s.pdf").exists()
