"""The access log tells people in plain words what was opened; files and programs get the technical name."""

from __future__ import annotations

import ast
import re
from html import unescape

import pytest

from api.http.access import PUBLIC, ROUTES
from api.i18n.language import speaking
from api.web.audit.acts import act, via
from api.web.audit.questions import question
from api.web.frame.pages import Pages
from tests.api.access.conftest import House
from tests.conftest import ROOT

TECHNICAL = re.compile(r"[/{}]|^(GET|POST|PUT|PATCH|DELETE)\b")
COMMANDS = sorted(
    {
        node.args[0].value if isinstance(node.args[0], ast.Constant) else node.args[0].values[0].value.strip()  # type: ignore[attr-defined,union-attr]
        for file in (ROOT / "api").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "operator"
        and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    }
)


def rows(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.partition("<tbody>")[2])))


@pytest.mark.parametrize("route", [route for route, area in ROUTES.items() if area != PUBLIC])
def test_every_route_has_plain_words(route: str) -> None:
    assert not TECHNICAL.search(act(route)), act(route)
    with speaking("es"):
        assert not TECHNICAL.search(act(route)), act(route)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_plain_words(command: str) -> None:
    whole = {"client": "client summary", "export": "export fhir", "report": "report census --members"}.get(
        command, command
    )
    assert act(whole) != whole


@pytest.mark.parametrize(
    ("doing", "english", "spanish"),
    [
        ("GET /clients/{reference}", "the chart", "el expediente"),
        ("GET /api/v1/clients/{reference}/timeline", "the chart's timeline", "la cronología del expediente"),
        ("POST /api/v1/clients/{reference}/commands/add-note", "an entry: Note", "un registro: Nota"),
        ("POST /operations/work/{work} stays", "operations", "operaciones"),
        ("GET /gone/long/ago", "GET /gone/long/ago", "GET /gone/long/ago"),
    ],
)
def test_what_was_opened_in_both_languages(doing: str, english: str, spanish: str) -> None:
    assert act(doing) == english
    with speaking("es"):
        assert act(doing) == spanish


def test_through_what_in_words() -> None:
    assert [via(name) for name in ("web", "api", "command-line", "schedule", "telegraph")] == [
        "in the browser", "by a program", "at the command line", "by schedule", "telegraph",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"report": "census", "from": "2026-01-01", "to": "2026-01-31"}, "Census; From: 1 Jan 2026; To: 31 Jan 2026"),
        ({"report": "status", "by": "level", "where": "level=residential"}, "Status; Groups: Level; Level: Residential"),
        ({"report": "status", "number": "clients", "at": "level=residential"}, "Status; Clients; Residential"),
        ({"report": "quality", "number": "denominator", "at": "measure=readmission_30"},
         "Quality; Measure: Readmission within 30 days; Of"),
        ({"report": "status", "position": "7"}, "Status; up to entry 7"),
        ({"report": "gone", "odd_thing": "2026-01-01"}, "gone; Odd thing: 1 Jan 2026"),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_question_in_words(house: House, state: dict[str, str], says: str) -> None:
    assert question(Pages(house.services), state) == says


def test_the_pages_say_it_in_words_and_the_files_by_name(house: House) -> None:
    house.admit("A-1", "north")
    assert house.browser("clinician", frozenset({"north"}), "nurse").get("/clients/A-1").status_code == 200
    assert house.browser("analyst", name="counter").get("/dashboards/status?by=level").status_code == 200
    auditor = house.browser("auditor")
    for page, words in (("/audit/access-log", "the chart · in the browser"), ("/clients/A-1/disclosures", "the chart · in the browser"),
                        ("/audit/access-log?kind=NumbersAsked", "Status; Groups: Level")):  # fmt: skip
        said = rows(auditor.get(page).text)
        assert words in said
        assert "GET /" not in said
    assert ",web,GET /clients/{reference}," in auditor.get("/audit/access-log.csv").text
    assert ",web,GET /clients/{reference}," in auditor.get("/clients/A-1/disclosures.csv?reads=1").text
