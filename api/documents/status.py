"""Where the client stands: the status and what needs attention, on paper."""

from __future__ import annotations

from datetime import date

from api.documents.printout import Printing
from api.documents.words import facts, level, nothing, until, words
from api.i18n.formats import day, number
from api.i18n.language import _, translated
from infra.disclosure.consents import Consent, consents_of
from infra.pdf.document import Block, Section, Text
from projections.status.flag_rows import flags_on
from projections.status.fold import fold
from projections.status.queries import described
from projections.status.rows import StatusRow
from projections.status.tables import STATUS


def status_of(printing: Printing) -> StatusRow | None:
    """The client's status on the day of the printing, folded from what is printed; None for a chart without entries."""
    folded = fold(printing.chart)
    if not folded:
        return None
    [row] = folded["client_status"]
    names = [column.name for column in STATUS.columns]
    flags = flags_on(folded["client_flag"], printing.today)
    return described(dict(zip(names, row, strict=True)), flags, date.fromordinal(printing.today))


def standing(printing: Printing, status: StatusRow | None) -> Section:
    """Key facts of the status."""
    title = _("Where care stands")
    if status is None:
        return Section(title, [nothing()])
    length = status["days_in_level"]
    beside = ", ".join(level(name) for name in status["concurrent_levels"].split(",") if name)
    use = status["days_since_last_use"]
    left = status["authorized_left"]
    return Section(
        title,
        facts(
            (_("State"), words(status["state"])),
            (_("Level"), level(status["level"])),
            (_("Since"), _day(status["since"])),
            (_("Day of the level"), number(length) if length is not None else None),
            (_("Program"), printing.called("program", status["program"])),
            (_("Site"), printing.called("site", status["site"])),
            (_("Clinician"), printing.called("clinician", status["clinician"])),
            (_("Living"), words(status["living"])),
            (_("Beside it"), beside),
            (_("On leave"), words(status["on_leave"])),
            (_("Planned end"), _day(status["planned_end"])),
            (_("Last contact"), _day(status["last_contact"])),
            (_("Medication for addiction treatment"), status["drug"]),
            (_("Days since last known use"), number(use) if use is not None else None),
            (_("Authorised until"), _day(status["authorized_to"])),
            (_("Authorised sessions left"), number(left) if left is not None else None),
            (_("Discharged"), _day(status["discharged"])),
        ),
    )


def attention(printing: Printing, status: StatusRow | None) -> list[Section]:
    """What needs somebody's attention; for the programme alone, since it is work and no finding."""
    flags = status["flags"] if status else []
    if printing.leaves or printing.for_the_client or not flags:
        return []
    blocks: list[Block] = [Text(translated(flag["next_step"]), f"{translated(flag['reason'])}.") for flag in flags]
    return [Section(_("Needs attention"), blocks)]


def consents(printing: Printing) -> list[Section]:
    """Consents to disclose and where each stands; not in what leaves, whose own consent is named instead."""
    if printing.leaves:
        return []
    known = consents_of(printing.recorded, printing.as_of or printing.at, printing.zone)
    blocks: list[Block] = [
        Text(
            _("{purpose}; {scope}; {state}").format(
                purpose=consent.purpose,
                scope=consent.scope or _("the whole record"),
                state=_state(consent),
            ),
            f"{consent.recipient}:",
        )
        for consent in known
    ]
    return [Section(_("Consents to disclose (42 CFR 2.31)"), blocks or [nothing()])]


def _day(iso: str | None) -> str | None:
    return day(iso) if iso else None


def _state(consent: Consent) -> str:
    """Where a consent stands, with its last day."""
    match consent.state:
        case "revoked":
            return _("revoked")
        case "expired":
            return _("expired on {day}").format(day=day(consent.expires_on))
        case "given" | "expiring":
            return until(consent.expires_on)
