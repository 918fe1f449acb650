"""The head of a client's page: who it is, and the facts that are looked up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from api.i18n.language import N_, _, translated
from api.web.frame.pages import day, number
from domain.entries import Entry
from domain.levels import title
from infra.privacy.erasure.notice import Notice
from projections.clinical.details import details_of
from projections.status.rows import StatusRow
from projections.timeline.words import words

Facts = list[tuple[str, str]]
_BANDS = {"below": N_("below the level's band"), "above": N_("above the level's band")}


def erased_name(erased: Notice) -> str:
    """What stands in place of the name of an erased chart."""
    people = ", ".join(name for name in (erased.requested_by, erased.confirmed_by) if name)
    return _("Erased on {day} by {people}").format(day=day(erased.day), people=people)


def name_of(entries: Sequence[Entry]) -> str:
    """The client's latest known name, or nothing."""
    return str(details_of(entries).get("name", ""))


def born(entries: Sequence[Entry], today: date) -> str:
    """The day of birth and the age in years, which tell people of one name apart; nothing where it is not known."""
    birth = details_of(entries).get("birth_date")
    if not birth:
        return ""
    years = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    return _("born {day} ({years} years)").format(day=day(birth), years=years)


def facts(status: StatusRow, entries: Sequence[Entry]) -> Facts:
    """The other facts, those that are known."""
    sessions = number(status["sessions_this_week"])
    if status["planned_sessions"]:
        sessions = _("{done} of {planned} planned").format(done=sessions, planned=status["planned_sessions"])
    pairs = [
        (N_("Phone"), details_of(entries).get("phone")),
        (N_("Since"), day(status["since"]) if status["since"] else None),
        (N_("Program"), status["program"]),
        (N_("Site"), status["site"]),
        (N_("Clinician"), status["clinician"]),
        (N_("Living"), words(status["living"])),
        (
            N_("Beside it"),
            ", ".join(translated(title(level)) for level in status["concurrent_levels"].split(",") if level),
        ),
        (N_("Sessions this week"), sessions if status["level"] else None),
        (N_("Hours last week"), _(_BANDS.get(status["hours_outside_band"], ""))),
        (N_("Last contact"), day(status["last_contact"]) if status["last_contact"] else None),
    ]
    return [(name, value) for name, value in pairs if value]
