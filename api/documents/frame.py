"""The frame of a printed document: what stands on every page, and the last section, which says what the paper is."""

from __future__ import annotations

from collections.abc import Sequence

from api.documents.person import born_of, latest_name
from api.documents.printout import Printing
from api.documents.words import facts, joined, moment, spelt, words
from api.i18n.formats import day, number
from api.i18n.language import _, language, translated
from infra.disclosure.consents import SHORT_NOTICE
from infra.identity.people import PURPOSES
from infra.pdf.document import Document, Section, Text


def framed(printing: Printing, title: str, sections: Sequence[Section]) -> Document:
    """A document with its frame."""
    born = born_of(printing)
    person = joined(
        latest_name(printing.chart) or _("Name not recorded"),
        _("chart {number}").format(number=printing.reference),
        _("born {day}").format(day=day(born)) if born else None,
    )
    return Document(
        spelt=spelt(),
        title=title,
        language=language(),
        author=printing.who.name,
        subject=SHORT_NOTICE,
        head=[person, f"{title}. {known(printing)}"],
        foot=[_purpose(printing), SHORT_NOTICE, _printed(printing), _verification(printing)],
        page=_("Page {page} of {pages}"),
        printed=int(printing.at.timestamp()),
        watch=_("SIMULATED CLIENT: this is nobody's record.") if printing.simulated else "",
        sections=[*sections, *_disclosure(printing), _about(printing)],
    )


def known(printing: Printing) -> str:
    """Which knowledge the document holds, with its time zone."""
    if printing.as_of is None:
        return _("As known when it was printed, {when}.").format(when=moment(printing.at, printing.zone))
    when = moment(printing.as_of, printing.zone)
    if printing.entry is not None:
        text = _("The chart right after its entry {entry}, recorded {when}.")
        return text.format(entry=number(printing.entry), when=when)
    return _("As known on {when}.").format(when=when)


def _purpose(printing: Printing) -> str:
    if printing.leaves:
        text = _("CONFIDENTIAL. Made for {recipient}, for the purpose: {purpose}.")
        purpose = printing.disclosed["purpose"]
        purpose = translated(PURPOSES[purpose]) if purpose in PURPOSES else purpose
        return text.format(recipient=printing.disclosed["recipient"], purpose=purpose)
    if printing.for_the_client:
        return _("CONFIDENTIAL. The client's own copy.")
    return _("CONFIDENTIAL. For use within the programme; not to be handed out.")


def _printed(printing: Printing) -> str:
    text = _("Printed {when} by {name} ({role}).")
    when = moment(printing.at, printing.zone)
    return text.format(when=when, name=printing.who.name, role=translated(printing.who.role))


def _verification(printing: Printing) -> str:
    newest = printing.newest
    text = _(
        "Newest entry, of {count} in all: {id}, at position {position} of the log; carejourney audit prove checks it."
    )
    return text.format(count=number(len(printing.recorded)), id=newest.event_id, position=newest.position)


def _disclosure(printing: Printing) -> list[Section]:
    """The consent under which it leaves, or the law (42 CFR 2.32(b))."""
    given = printing.disclosed
    if not given:
        return []
    return [
        Section(
            _("Disclosure"),
            facts(
                (_("Recipient"), given["recipient"]),
                (_("Purpose"), words(given["purpose"]) if given["purpose"] in PURPOSES else given["purpose"]),
                (_("Basis"), given.get("basis")),
                (_("Consent"), given.get("consent")),
                (_("Purpose of the consent"), given.get("consented")),
                (_("Scope of the consent"), given.get("scope")),
                (_("Consent expires on"), given.get("expires_on")),
            ),
        )
    ]


def _sealed(printing: Printing) -> Text:
    """Under which signed head of the log the newest entry is."""
    head = printing.head
    if head is None or head.position < printing.newest.position:
        return Text(_("The newest entry was not sealed yet when this was printed."), mark="quiet")
    text = _("Its entries are under head {number} of the log, {size} entries, root {root}.")
    return Text(text.format(number=head.number, size=number(head.size), root=head.root), mark="quiet")


def _about(printing: Printing) -> Section:
    missing = _(
        "Allergies, vital signs, physical findings, laboratory results other than drug screens, and what was explained "
        "to client and family are not part of this record: add them from where they are kept. Notes are not printed."
    )
    silence = _("Not recorded means that no entry says so; it is no negative finding.")
    check = _(
        "To check this paper against the record: the chart's history shows the entry that every page names; an auditor "
        "proves that it is in the sealed log by carejourney audit prove and its id."
    )
    return Section(
        _("About this document"),
        [
            Text(missing),
            Text(f"{silence} {check}"),
            _sealed(printing),
            # the regulation's own words, which are English
            Text(printing.notice, _("Notice to whoever receives this record (42 CFR 2.32):"), "important", "en"),
        ],
    )
