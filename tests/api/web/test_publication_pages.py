"""Pages of publications: what was published is shown, what is withheld is a sign, and nothing of it is live."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, cast

import pytest
from pypdf import PdfReader

from api.app import create_app
from api.http.access import ROLES
from api.i18n.formats import number, percent
from api.web.publications.before import period_before, series
from api.web.publications.words import NAMES, WITHHELD, column_title, table_title
from domain.vocabulary import REASONS
from infra.bootstrap import Services
from infra.publications.plan import Plan
from projections.abstinence.measures import BUILT_IN
from projections.publications.specs import SPECS
from projections.quality.definition import MEASURES
from tests.api.access.conftest import Hands, House
from tests.api.web.walking import texts_of
from tests.infra.publications.years import published

PLAN = Plan.model_validate(
    {"begin": "2025-02", "reports": ["completion", "census"], "groups": ["site"], "title": "Board <b>"}
)
NAME = "completion-by-site-quarter"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Three publications of 300 simulated clients, behind API and pages."""
    months = published(tmp_path_factory.mktemp("pages"), 300, 3, PLAN)
    services = [services for services, _ in (next(months) for _ in range(3))][-1]
    app = create_app(services)
    app.state.appended = services.catch_up
    yield (house := House(services, cast("Hands", services.clock), app))
    for client in house.open:
        client.close()
    months.close()  # type: ignore[attr-defined]


def read(house: House, address: str, role: str = "reporting", code: int = 200) -> str:
    answer = house.browser(role).get(address)
    assert answer.status_code == code, address
    return unescape(answer.text)


def tables(services: Services) -> Iterator[tuple[int, dict[str, Any]]]:
    for one in services.publications.all():
        yield from ((one.number, table) for table in services.publications.content(one.number)["tables"])


def cells(page: str) -> list[list[str]]:
    """The numbers of the first table of a page, row by row; what each was before stands behind a bar."""
    [body, *_] = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [
            re.sub(r"<[^>]+>", "", one.replace("<br>", "|"))
            for one in re.findall(r'<td class="n"[^>]*>(.*?)</td>', row, re.DOTALL)
        ]
        for row in rows
    ]


def test_the_list_names_every_publication_newest_first(made: House) -> None:
    page = read(made, "/publications")
    numbers = re.findall(r'href="/publications/(\d+)"', page)
    assert numbers == [str(one.number) for one in reversed(made.services.publications.all())]
    assert len(numbers) > 1
    assert "Board <b>" not in made.browser("reporting").get("/publications").text


@pytest.mark.parametrize("role", ROLES)
def test_before_the_first_publication_the_page_says_so(house: House, role: str) -> None:
    page = read(house, "/publications", role)
    assert "Nothing was published yet." in page
    assert ('href="/publications/plan"' in page) == (role == "admin")
    assert house.browser(role).get("/publications/1").status_code == 404


def test_a_publication_links_to_each_of_its_tables(made: House) -> None:
    for one in made.services.publications.all():
        page = read(made, f"/publications/{one.number}")
        names = [table["name"] for number, table in tables(made.services) if number == one.number]
        assert re.findall(rf'href="/publications/{one.number}/([^"]+)"', page) == names
        assert one.digest in page
        assert one.signature in page


def test_the_first_table_says_why_others_are_left_out(made: House) -> None:
    left_out = made.services.publications.content(1)["left_out"]
    page = read(made, "/publications/1")
    assert f"Tables left out ({len(left_out)})" in page
    assert left_out


def test_every_table_shows_its_numbers_and_never_a_withheld_one(made: House) -> None:
    seen = {"withheld": 0, "before": 0}
    for publication, table in tables(made.services):
        page = read(made, f"/publications/{publication}/{table['name']}")
        shown = cells(page)
        assert len(shown) == len(table["rows"])
        for row, line in zip(table["rows"], shown, strict=True):
            own = [text.partition("|")[0] for text in line]
            counts = own[len(table["shares"]) :]
            wanted = [WITHHELD if row[name] is None else number(row[name]) for name in table["columns"]]
            assert counts == wanted
            shares = [own[place].partition(" (")[0] for place in range(len(table["shares"]))]
            assert [text for text, name in zip(shares, table["shares"], strict=True) if row[name] is not None] == [
                percent(row[name]) for name in table["shares"] if row[name] is not None
            ]
            seen["withheld"] += wanted.count(WITHHELD)
            seen["before"] += sum("before:" in text for text in line)
        assert ("fewer than 11 people" in page) == (table["shown"] < table["numbers"])
    assert min(seen.values()) > 0


def test_the_period_before_comes_from_this_or_an_earlier_publication(made: House) -> None:
    kept = made.services.publications
    elsewhere = 0
    for publication, table in tables(made.services):
        found = series(kept, publication, table)
        for row in table["rows"]:
            had = found.before(row)
            if had is None:
                continue
            assert had.publication <= publication
            assert had.row["period"] == period_before(table["period"], row["period"])
            assert had.row in kept.table(had.publication, table["name"])["rows"]
            elsewhere += had.publication < publication
    assert elsewhere > 0


def test_a_table_with_changes_says_of_which_numbers_they_are(made: House) -> None:
    note, changed = "Differences are of unrounded numbers.", re.compile(r"before: [^<]*; [+−±]")
    pages = [read(made, f"/publications/{number}/{table['name']}") for number, table in tables(made.services)]
    assert any(note in page for page in pages)
    assert [page.count(note) for page in pages] == [int(bool(changed.search(page))) for page in pages]


@pytest.mark.parametrize(
    ("kind", "name", "wanted"),
    [
        ("month", "2026-03", "2026-02"),
        ("month", "2026-01", "2025-12"),
        ("quarter", "2026-Q1", "2025-Q4"),
        ("quarter", "2026-Q3", "2026-Q2"),
        ("year", "2026", "2025"),
    ],
)
def test_the_name_of_the_period_before(kind: str, name: str, wanted: str) -> None:
    assert period_before(kind, name) == wanted


def test_each_number_has_an_address_that_shows_it(made: House) -> None:
    table = made.services.publications.table(1, NAME)
    page = read(made, f"/publications/1/{NAME}")
    addresses = re.findall(r'class="opens" href="([^"]+)#asked"', page)
    rows = len(table["rows"]) * (len(table["columns"]) + len(table["shares"]))
    assert len(set(addresses)) == rows
    marked = read(made, addresses[0])
    [[text]] = [re.findall(r"<mark><a[^>]*>([^<]+)</a>", marked)]
    assert f"<b>{text}</b>. This address shows the same number for ever." in marked
    assert "no such number" in read(made, f"/publications/1/{NAME}?period=1999-Q1&group=x&column=completed", code=404)


def test_the_group_of_the_others_says_what_it_holds(made: House) -> None:
    publication, table = next(
        (number, table)
        for number, table in tables(made.services)
        if table["by"] == "site" and "other" in table["groups"]
    )
    page = read(made, f"/publications/{publication}/{table['name']}")
    assert f"Other groups together: {', '.join(table['groups']['other'])}." in page


def test_a_table_is_saved_as_csv(made: House) -> None:
    table = made.services.publications.table(1, NAME)
    answer = made.browser("reporting").get(f"/publications/1/{NAME}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["completed"] for row in rows] == [
        "" if row["completed"] is None else str(row["completed"]) for row in table["rows"]
    ]


@pytest.mark.parametrize("path", ["/99", "/x", "/1.5", "/1/nothing", "/1/nothing.csv", "/١", f"/{'9' * 30}"])
def test_what_is_not_there_is_said(made: House, path: str) -> None:
    assert "Choose one from the list." in read(made, f"/publications{path}", code=404)


def test_an_altered_publication_is_not_shown(made: House) -> None:
    del vars(made.services)["publications"]
    with made.services.log.recorder.writing() as tx:
        [(before,)] = tx.rows("SELECT digest FROM publication WHERE number=1")
        tx.many("UPDATE publication SET digest=? WHERE number=1", [("00" * 32,)])
    try:
        assert "It is not as it was signed" in read(made, "/publications/1", code=409)
        assert "It is not as it was signed" in read(made, "/publications", code=409)
    finally:
        with made.services.log.recorder.writing() as tx:
            tx.many("UPDATE publication SET digest=? WHERE number=1", [(before,)])


def test_nothing_live_is_on_any_page_of_reporting(made: House) -> None:
    [publication, table] = list(tables(made.services))[-1]
    own = ("/publications", f"/publications/{publication}", f"/publications/{publication}/{table['name']}")
    for path in (*own, "/definitions", "/today", "/nothing", "/dashboards/status"):
        page = made.browser("reporting").get(path).text
        assert not re.search(r"data-live|data-updated|live\.js|Projected up to|Updated at|as_of", page), path
    assert "live.js" in made.browser("analyst").get("/publications").text


def test_publications_speak_spanish(made: House) -> None:
    browser = made.browser("reporting")
    browser.cookies.set("carejourney_language", "es")
    for path in ("/publications", "/publications/1", f"/publications/1/{NAME}"):
        page = browser.get(path).text
        texts = " ".join(texts_of(page))
        for english in (
            "Publication ",
            "Made ",
            "Tables",
            "before:",
            "withheld",
            "quarter",
            "Other groups",
            "Completed",
        ):
            assert english not in texts, path


def test_every_column_has_a_title() -> None:
    known = {*NAMES, *REASONS, *MEASURES, *(measure.id for measure in BUILT_IN)}
    for spec in SPECS.values():
        columns = (*spec.columns, *(one for detail in spec.details for one in detail))
        names = {*(one.name for one in columns), *(one.name for one in spec.shares)}
        assert {name for name in names if name not in known and name.removesuffix("_share") not in known} == set()
        assert all(column_title(name) for name in names)


def test_the_whole_publication_is_a_tagged_paper(made: House) -> None:
    answer = made.browser("reporting").get("/publications/1.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert b"pdfuaid" in answer.content
    assert made.browser("admin").get("/publications/1.pdf").content == answer.content
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
    text = " ".join(" ".join(pages).split())
    assert "never change" in " ".join(pages[0].split())
    for number_of, table in tables(made.services):
        if number_of == 1:
            assert table_title(table) in text
    assert WITHHELD in text
    assert made.services.publications.get(1).digest in re.sub("[\u200b ]", "", text)
    assert made.browser("reporting").get("/publications/99.pdf").status_code == 404
