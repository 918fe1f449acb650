"""A whole publication as one document: what it is, its tables with their definitions, and what its signs mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.documents.words import moment, spelt
from api.i18n.formats import number, period_title
from api.i18n.language import _, language, translated
from api.web.publications.rows import columns_of, heads_of
from api.web.publications.words import (
    WITHHELD,
    denominators,
    group_title,
    interval,
    left_out_title,
    shown,
    table_title,
    title_of,
    together,
    withheld_words,
)
from infra.bootstrap import Services
from infra.pdf.document import Block, Document, Facts, Section, Table, Text
from infra.publications.store import Publication

Content = Mapping[str, Any]


def paper_of(services: Services, number_asked: int) -> Document:
    """Publication ``asked``, in the language spoken now: the same bytes whenever it is printed.

    Raises:
        PublicationError: there is none, or its content is not what was signed.
    """
    publication = services.publications.get(number_asked)
    content: Content = services.publications.content(number_asked)
    made = moment(publication.moment, services.zone)
    name = _("Publication {number}").format(number=number_asked)
    tables = [_table(table, content, first=place == 0) for place, table in enumerate(content["tables"])]
    return Document(
        spelt=spelt(),
        title=f"{name}: {content['title']}",
        language=language(),
        author="Care Journey",
        subject=name,
        head=[name, _("Made {when}, up to entry {entry}.").format(when=made, entry=number(publication.position))],
        foot=[_what(), _("Digest: {digest}").format(digest=publication.digest)],
        page=_("Page {page} of {pages}"),
        printed=int(publication.moment.timestamp()),
        watch=_simulated() if services.settings.demo else "",
        sections=[*_front(publication, content, made), *tables],
    )


def _what() -> str:
    return _("Published numbers: about groups, protected together with everything published before.")


def _simulated() -> str:
    return _("Simulated clients: every name, date and number here was made up by the simulator.")


def _front(publication: Publication, content: Content, made: str) -> Iterator[Section]:
    text = _(
        "A publication is a decided set of tables, made once from one place of the log, protected together with "
        "everything published before, and signed. Its tables never change: a correction is a new publication."
    )
    protected = _(
        "Numbers about few people, and numbers from which they could be computed, are withheld. Before anything is "
        "published, an attack on all publications together must find nobody; else nothing is published."
    )
    numbers = _("{shown} of {numbers}").format(shown=number(content["shown"]), numbers=number(content["numbers"]))
    facts = [
        (_("Made"), made),
        (_("Up to entry"), number(publication.position)),
        (_("Tables"), number(len(content["tables"]))),
        (_("Numbers shown"), numbers),
        (_("Digest"), publication.digest),
        (_("Digest of the publication before"), publication.previous),
        (_("Signature"), publication.signature),
        (_("Key"), publication.key_id),
    ]
    withheld = withheld_words(content["plan"]["smallest_shown"])
    yield Section(_("What this is"), [Text(text), Text(protected), Text(withheld, mark="important"), Facts(facts)])
    if content["changed"]:
        changed = "; ".join(translated(title_of(report)) for report in content["changed"])
        yield Section(_("The definition is another one than when it was last published:"), [Text(changed)])
    rows = [[table_title(table), number(len({row["period"] for row in table["rows"]}))] for table in content["tables"]]
    yield Section(_("Tables"), [Table(_("Tables"), [_("Table"), _("Periods")], rows, (4, 1), 1)])
    if content["left_out"]:
        why = _(
            "Too few people are in most of their groups, so that more than half of their numbers would have to be "
            "withheld, or they made room for the table of quarters. Another length of period or larger groups may have "
            "them."
        )
        names = "; ".join(left_out_title(name) for name in content["left_out"])
        yield Section(_("Tables left out"), [Text(why), Text(names, mark="quiet")])


def _table(table: Content, content: Content, *, first: bool) -> Section:
    made_of = denominators(table)
    shares = f"\n{_('Shares:')} {'; '.join(made_of)}" if made_of else ""
    blocks: list[Block] = [
        Text(translated(table["definition"]), _("What it says.")),
        Text(translated(table["source"]) + shares, _("Source:"), "quiet"),
    ]
    grouped = table["by"] != "all"
    head = [_("Period"), *([_("Group")] if grouped else []), *heads_of(table)]
    rows = [
        [
            period_title(row["period"]),
            *([group_title(table["by"], row["group"])] if grouped else []),
            *(_with_interval(table, row, name) for name in columns_of(table)),
        ]
        for row in table["rows"]
    ]
    names = len(head) - len(columns_of(table))
    wide = [2.0 if name in table["shares"] else 1.0 for name in columns_of(table)]
    blocks.append(Table(table_title(table), head, rows, [1.2, *([2.2] if grouped else []), *wide], names))
    if notes := "\n".join(_notes(table, content)):
        blocks.append(Text(notes, mark="quiet"))
    return Section(table_title(table), blocks, first)


def _with_interval(table: Content, row: Content, name: str) -> str:
    interval_text = interval(table, row, name)
    return f"{shown(table, row, name)} ({interval_text})" if interval_text else shown(table, row, name)


def _notes(table: Content, content: Content) -> Iterator[str]:
    if any(WITHHELD in shown(table, row, name) for row in table["rows"] for name in columns_of(table)):
        yield withheld_words(content["plan"]["smallest_shown"])
    if others := together(table):
        text = _("Other groups together: {others}. Alone they are too small to be shown.")
        yield text.format(others=others)
    if table["left_out"]:
        text = _("Without rows, since too few people are in most groups: {periods}.")
        yield text.format(periods=", ".join(period_title(period) for period in table["left_out"]))
