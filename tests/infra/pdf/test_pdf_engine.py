"""The typesetter: any text becomes a tagged PDF, the same bytes each time, read back by another program."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st
from pypdf import PdfReader

from infra.pdf.document import Document, Facts, Section, Table, Text
from infra.pdf.engine import pdf

PAPER = Document(
    title="Summary of care",
    language="en",
    author="clinician-7",
    subject="simulated",
    head=["Simulated Person", "As known now"],
    foot=["CONFIDENTIAL", "42 CFR part 2 prohibits unauthorized use or disclosure of these records."],
    page="Page {page} of {pages}",
    printed=1_700_000_000,
)


def paper(*blocks: Facts | Table | Text, **more: object) -> Document:
    return replace(PAPER, sections=[Section("A section", blocks)], **more)  # type: ignore[arg-type]


def read(document: Document) -> PdfReader:
    return PdfReader(io.BytesIO(pdf(document)))


def text_of(document: Document) -> str:
    return "\n".join(page.extract_text() for page in read(document).pages)


@pytest.mark.parametrize(
    "name", ["Núñez", "Łukasz Żółć", "Nguyễn Thị", "Ελένη", "Дмитрий", "O’Brien — “Jo”", "Şükrü Ğ", "שרה"]
)
def test_names_of_many_alphabets_are_readable(name: str) -> None:
    document = paper(Facts([("Name", name)]), head=[name])
    assert text_of(document).count(name) == 2
    assert b"pdfuaid" in pdf(document)  # accessible: every letter has a picture and a meaning


def test_letters_without_a_picture_are_spelt_and_said() -> None:
    document = paper(Facts([("Name", "Robin 🌱 中文")]), head=["中文"], spelt="Some letters stand as their numbers.")
    text = " ".join(text_of(document).split())
    assert "Robin [U+1F331] [U+4E2D U+6587]" in text
    assert text.count("[U+4E2D U+6587]") == 2
    assert "Some letters stand as their numbers." in text
    assert b"pdfuaid" in pdf(document), "every letter has a picture"


def test_nothing_is_said_where_every_letter_is_drawn() -> None:
    assert "numbers" not in text_of(paper(Facts([("Name", "محمد Дмитрий")]), spelt="Some letters stand as numbers."))


def test_texts_are_no_markup() -> None:
    said = "#panic() *bold* $x$ @ref <label> https://example.org // \\ [x] `raw` = head"
    assert said.replace(" ", "") in text_of(paper(Text(said))).replace(" ", "").replace("\n", "")


def test_the_same_document_makes_the_same_bytes_and_says_when_it_was_printed() -> None:
    document = paper(Text("A"), Table("t", ["a"], [["b"]]))
    assert pdf(document) == pdf(document)
    metadata = PdfReader(io.BytesIO(pdf(document))).metadata
    assert metadata is not None
    assert (metadata.title, metadata.author) == (document.title, document.author)
    assert metadata.creation_date is not None
    assert int(metadata.creation_date.timestamp()) == document.printed


def test_a_table_goes_on_under_its_head_and_every_page_has_its_frame() -> None:
    document = paper(
        Table("Screens", ["Day", "Found"], [[f"day {n}", "negative"] for n in range(200)]), watch="SIMULATED"
    )
    pages = [page.extract_text() for page in read(document).pages]
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert all(words in page for words in (*document.head, *document.foot, "SIMULATED", "Day Found"))


def test_it_is_tagged_in_its_language() -> None:
    root = read(paper(Facts([("Nombre", "X")]), language="es")).root_object
    assert root["/Lang"] == "es"
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in root


def test_a_word_without_an_end_stays_within_its_cell_and_lines_stay_lines() -> None:
    text = text_of(paper(Table("t", ["a", "b"], [["x" * 300, "first\nsecond"]], [1, 9])))
    assert text.replace("\u200b", "").replace("\n", "").count("x") >= 300
    assert "first\n" in text


ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@settings(max_examples=60)
@given(ANY, ANY, st.lists(st.lists(ANY, min_size=2, max_size=2), max_size=4))
def test_any_text_can_be_printed(one: str, other: str, rows: list[list[str]]) -> None:
    document = paper(Facts([(one, other)]), Table(one, [one, other], rows), Text(other, one), head=[one], foot=[other])
    assert len(read(document).pages) >= 1
