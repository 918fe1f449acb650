"""Flags: what there is that needs attention, how pressing each is, and how it is said.

When a flag begins and ends is said by ``standing`` alone; its rows are all that is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from domain.phrases import Phrase, ago, ahead, lasting
from domain.urgency import ORDER
from domain.vocabulary import MILESTONES
from projections.clinical.due import CONSENT_DAYS

POSITIVE_SCREEN_DAYS = 7

FLAG_TITLES = {
    "missed_in_a_row": "Two or more sessions missed in a row",
    "positive_screen": "Positive screen in the last 7 days",
    "no_contact": "No contact for 14 days outside 24-hour care",
    "plan_ended": "Planned end has passed",
    "authorization_ends": "Authorisation ends within 7 days",
    "plan_review_due": "Plan review due",
    "assessment_outdated": "Assessment older than 30 days, and a level may start soon",
    "follow_up_due": "Follow-up due",
    "overlapping_stays": "Two stays overlap, and neither is concurrent",
    "consent_expiring": "Consent expired or expires within 14 days",
    "on_leave": "On leave",
}


class Urgency(NamedTuple):
    """One place in the order of what presses (``domain.urgency``).

    ``lasts`` is the most days that it stands (None: until something is recorded), so that what passed long ago is not
    looked through. ``dated`` says that it begins on a day; what is not stands on any day, the chart being as it is.
    """

    flag: str
    lasts: int | None = None
    dated: bool = True
    when: str = ""


_LASTS = {
    ("positive_screen", ""): POSITIVE_SCREEN_DAYS + 1,
    ("follow_up_due", "until the next one is due"): max(later - days for days, later in pairwise(MILESTONES)),
    ("consent_expiring", "it has not expired yet"): CONSENT_DAYS + 1,
}
_UNDATED = frozenset(
    {
        ("missed_in_a_row", ""),
        ("authorization_ends", "no authorised session is left"),
        ("overlapping_stays", ""),
        ("on_leave", ""),
    }
)
URGENCIES: Final = tuple(
    Urgency(flag, _LASTS.get((flag, when)), (flag, when) not in _UNDATED, when) for flag, _, when in ORDER
)


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag on one client: its id, why it is up, what to do next.

    ``since`` is the day (proleptic ordinal) from which it has been up, which names this occurrence of it.
    ``snoozed_until``: until that day nobody need see it.
    """

    id: str
    reason: str
    next_step: str
    since: int = 0
    assigned_to: str = ""
    snoozed_until: int | None = None


def worded(flag: str, of_day: int, detail: str, today: int) -> Flag:
    """A flag as it is said on a day (proleptic ordinal); ``of_day`` is the day that its reason counts from."""
    reason, next_step = _WORDS[flag](today - of_day, detail)
    return Flag(flag, reason, next_step)


Words = tuple[str, str]


def _missed(_: int, detail: str) -> Words:
    return Phrase("{count} sessions missed in a row", count=int(detail)), Phrase("Call the client today.")


def _positive(days: int, _: str) -> Words:
    return Phrase("Positive screen {when}", when=ago(days)), Phrase("Review it in the next session.")


def _no_contact(days: int, _: str) -> Words:
    return Phrase("No contact for {days} days", days=days), Phrase("Reach out; follow the outreach plan.")


def _plan_end(days: int, _: str) -> Words:
    reason = Phrase("The planned end was {when}", when=ago(days))
    return reason, Phrase("Extend the plan, step down or discharge.")


def _authorization(days: int, detail: str) -> Words:
    if detail:
        return Phrase("No authorised session is left"), Phrase("Ask the payer for more sessions.")
    if days > 0:
        reason = Phrase("The authorisation ended {when}", when=ago(days))
    else:
        reason = Phrase("The authorisation ends {when}", when=ahead(-days))
    return reason, Phrase("Ask the payer to extend it.")


def _review(days: int, _: str) -> Words:
    return Phrase("The treatment plan was due for review {when}", when=ago(days)), Phrase("Review the plan.")


def _assessment(days: int, _: str) -> Words:
    return Phrase("The last assessment is {days} days old", days=days), Phrase("Assess again.")


def _follow_up(days: int, detail: str) -> Words:
    reason = Phrase(
        "The {milestone}-day follow-up has been due for {time}",
        milestone=int(detail),
        time=lasting(days),
    )
    return reason, Phrase("Hold the interview, or record that it could not be held.")


def _overlap(days: int, _: str) -> Words:
    reason = Phrase("A stay that began {when} overlaps an earlier one", when=ago(days))
    return reason, Phrase("Correct their times, retract the one entered twice, or mark one as concurrent.")


def _consent(days: int, _: str) -> Words:
    if days > 0:
        reason = Phrase("A consent expired {when}", when=ago(days))
    else:
        reason = Phrase("A consent expires {when}", when=ahead(-days))
    return reason, Phrase("Renew it with the client.")


def _leave(_: int, detail: str) -> Words:
    return Phrase("Away: {kind}", kind=Phrase(detail)), Phrase("Record the return when it happens.")


_WORDS: Final[dict[str, Callable[[int, str], Words]]] = {
    "missed_in_a_row": _missed,
    "positive_screen": _positive,
    "no_contact": _no_contact,
    "plan_ended": _plan_end,
    "authorization_ends": _authorization,
    "plan_review_due": _review,
    "assessment_outdated": _assessment,
    "follow_up_due": _follow_up,
    "overlapping_stays": _overlap,
    "consent_expiring": _consent,
    "on_leave": _leave,
}
