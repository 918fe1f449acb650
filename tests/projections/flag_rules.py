"""The judge of flags: what needs attention on one day, asked of a status row day by day.

The rows of ``client_flag`` say from which day to which each flag stands; whatever day is looked at, both agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.levels import TWENTY_FOUR_HOUR_LEVELS
from domain.phrases import Phrase, ago, ahead, lasting
from projections.clinical.due import CONSENT_DAYS, open_milestone
from projections.status.flags import Flag

POSITIVE_SCREEN_DAYS = 7
AUTHORIZATION_DAYS = 7
MISSED_IN_A_ROW = 2
ASSESSMENT_DAYS = 30
NO_CONTACT_DAYS = 14
STEP_AHEAD_DAYS = 7


def flags(row: Mapping[str, Any], today: int) -> list[Flag]:
    """The flags of a status row on a day (proleptic ordinal), in no order."""
    if row["state"] == "died":
        return []
    found = [
        _missed(row),
        _positive(row, today),
        _no_contact(row, today),
        _review(row, today),
        _assessment(row, today),
        _plan_end(row, today),
        _authorization(row, today),
        _consent(row, today),
        _leave(row),
        _overlap(row, today),
        _follow_up(row, today),
    ]
    return [flag for flag in found if flag is not None]


def _missed(row: Mapping[str, Any]) -> Flag | None:
    if row["missed_in_a_row"] < MISSED_IN_A_ROW or row["state"] != "in_treatment":
        return None
    return Flag(
        "missed_in_a_row",
        Phrase("{count} sessions missed in a row", count=row["missed_in_a_row"]),
        Phrase("Call the client today."),
    )


def _positive(row: Mapping[str, Any], today: int) -> Flag | None:
    day = row["last_positive_day"]
    if day is None or not 0 <= today - day <= POSITIVE_SCREEN_DAYS:
        return None
    return Flag(
        "positive_screen",
        Phrase("Positive screen {when}", when=ago(today - day)),
        Phrase("Review it in the next session."),
    )


def _no_contact(row: Mapping[str, Any], today: int) -> Flag | None:
    """Nobody has seen the client since the last contact, or since the level began."""
    if row["state"] != "in_treatment" or row["level"] in TWENTY_FOUR_HOUR_LEVELS or row["on_leave"]:
        return None
    day = max(row["last_contact_day"] or 0, row["since_day"])
    if today - day < NO_CONTACT_DAYS:
        return None
    return Flag(
        "no_contact",
        Phrase("No contact for {days} days", days=today - day),
        Phrase("Reach out; follow the outreach plan."),
    )


def _assessment(row: Mapping[str, Any], today: int) -> Flag | None:
    """A level opens only on an assessment of the last 30 days: one is due for who waits, or is about to step."""
    day, planned = row["last_assessment_day"], row["planned_end"]
    stepping = row["state"] == "in_treatment" and planned is not None and planned - today <= STEP_AHEAD_DAYS
    if day is None or today - day <= ASSESSMENT_DAYS or not (stepping or row["state"] == "not_admitted"):
        return None
    return Flag(
        "assessment_outdated",
        Phrase("The last assessment is {days} days old", days=today - day),
        Phrase("Assess again."),
    )


def _review(row: Mapping[str, Any], today: int) -> Flag | None:
    due = row["review_due"]
    if due is None or due > today:
        return None
    return Flag(
        "plan_review_due",
        Phrase("The treatment plan was due for review {when}", when=ago(today - due)),
        Phrase("Review the plan."),
    )


def _plan_end(row: Mapping[str, Any], today: int) -> Flag | None:
    planned = row["planned_end"]
    if planned is None or planned >= today or row["state"] != "in_treatment":
        return None
    return Flag(
        "plan_ended",
        Phrase("The planned end was {when}", when=ago(today - planned)),
        Phrase("Extend the plan, step down or discharge."),
    )


def _authorization(row: Mapping[str, Any], today: int) -> Flag | None:
    until, left = row["authorized_to"], row["authorized_left"]
    if row["state"] != "in_treatment":
        return None
    if left is not None and left <= 0:
        return Flag(
            "authorization_ends", Phrase("No authorised session is left"), Phrase("Ask the payer for more sessions.")
        )
    if until is None or until - today > AUTHORIZATION_DAYS:
        return None
    if until < today:
        reason = Phrase("The authorisation ended {when}", when=ago(today - until))
    else:
        reason = Phrase("The authorisation ends {when}", when=ahead(until - today))
    return Flag("authorization_ends", reason, Phrase("Ask the payer to extend it."))


def _consent(row: Mapping[str, Any], today: int) -> Flag | None:
    expires = row["consent_expires"]
    if expires is None or expires - today > CONSENT_DAYS or row["state"] not in {"in_treatment", "alumni"}:
        return None
    if expires < today:
        reason = Phrase("A consent expired {when}", when=ago(today - expires))
    else:
        reason = Phrase("A consent expires {when}", when=ahead(expires - today))
    return Flag("consent_expiring", reason, Phrase("Renew it with the client."))


def _leave(row: Mapping[str, Any]) -> Flag | None:
    if not row["on_leave"]:
        return None
    reason = Phrase("Away: {kind}", kind=Phrase(row["on_leave"]))
    return Flag("on_leave", reason, Phrase("Record the return when it happens."))


def _overlap(row: Mapping[str, Any], today: int) -> Flag | None:
    """One person is in one bed: an admission was entered twice, or an end is missing or late."""
    day = row["overlap_day"]
    if day is None:
        return None
    return Flag(
        "overlapping_stays",
        Phrase("A stay that began {when} overlaps an earlier one", when=ago(today - day)),
        Phrase("Correct their times, retract the one entered twice, or mark one as concurrent."),
    )


def _follow_up(row: Mapping[str, Any], today: int) -> Flag | None:
    """The interview that is due."""
    discharged = row["discharged_day"]
    if discharged is None:
        return None
    done = {int(part) for part in row["followed_up"].split(",") if part}
    milestone = open_milestone(discharged, done, today)
    if milestone is None or discharged + milestone > today:
        return None
    return Flag(
        "follow_up_due",
        Phrase(
            "The {milestone}-day follow-up has been due for {time}",
            milestone=milestone,
            time=lasting(today - discharged - milestone),
        ),
        Phrase("Hold the interview, or record that it could not be held."),
    )
