"""Flags: what needs attention today, each with its reason and the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.vocabulary import MILESTONES, TWENTY_FOUR_HOUR_LEVELS

POSITIVE_SCREEN_DAYS = 7
AUTHORIZATION_DAYS = 7
CONSENT_DAYS = 14
FOLLOW_UP_GRACE_DAYS = 14
MISSED_IN_A_ROW = 2
ASSESSMENT_DAYS = 30
NO_CONTACT_DAYS = 14
STEP_AHEAD_DAYS = 7


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag on one client: its id, why it is up, what to do next."""

    id: str
    reason: str
    next_step: str


FLAG_TITLES = {
    "missed_in_a_row": "Two or more sessions missed in a row",
    "positive_screen": "Positive screen in the last 7 days",
    "no_contact": "No contact for 14 days outside 24-hour care",
    "plan_review_due": "Plan review due",
    "plan_ended": "Planned end has passed",
    "authorization_ends": "Authorisation ends within 7 days",
    "follow_up_due": "Follow-up due",
    "assessment_outdated": "Assessment older than 30 days, and a level may start soon",
    "consent_expiring": "Consent expires within 14 days",
    "on_leave": "On leave",
}


def flags(row: Mapping[str, Any], today: int) -> list[Flag]:
    """The flags of a status row on a day (proleptic ordinal)."""
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
        *_follow_ups(row, today),
    ]
    return [flag for flag in found if flag is not None]


def _missed(row: Mapping[str, Any]) -> Flag | None:
    if row["missed_in_a_row"] < MISSED_IN_A_ROW or row["state"] != "in_treatment":
        return None
    return Flag("missed_in_a_row", f"{row['missed_in_a_row']} sessions missed in a row", "Call the client today.")


def _positive(row: Mapping[str, Any], today: int) -> Flag | None:
    day = row["last_positive_day"]
    if day is None or not 0 <= today - day <= POSITIVE_SCREEN_DAYS:
        return None
    return Flag("positive_screen", f"A screen {_ago(today - day)} found something", "Review it in the next session.")


def _no_contact(row: Mapping[str, Any], today: int) -> Flag | None:
    """Nobody has seen the client since the last contact, or since the level began."""
    if row["state"] != "in_treatment" or row["level"] in TWENTY_FOUR_HOUR_LEVELS or row["on_leave"]:
        return None
    day = max(row["last_contact_day"] or 0, row["since_day"])
    if today - day < NO_CONTACT_DAYS:
        return None
    return Flag("no_contact", f"No contact for {today - day} days", "Reach out; follow the outreach plan.")


def _assessment(row: Mapping[str, Any], today: int) -> Flag | None:
    """A level opens only on an assessment of the last 30 days: one is due for who waits, or is about to step."""
    day, planned = row["last_assessment_day"], row["planned_end"]
    stepping = row["state"] == "in_treatment" and planned is not None and planned - today <= STEP_AHEAD_DAYS
    if day is None or today - day <= ASSESSMENT_DAYS or not (stepping or row["state"] == "not_admitted"):
        return None
    return Flag("assessment_outdated", f"The last assessment is {today - day} days old", "Assess again.")


def _review(row: Mapping[str, Any], today: int) -> Flag | None:
    due = row["review_due"]
    if due is None or due > today:
        return None
    return Flag("plan_review_due", f"The treatment plan was due for review {_ago(today - due)}", "Review the plan.")


def _plan_end(row: Mapping[str, Any], today: int) -> Flag | None:
    planned = row["planned_end"]
    if planned is None or planned >= today or row["state"] != "in_treatment":
        return None
    return Flag(
        "plan_ended", f"The planned end was {_ago(today - planned)}", "Extend the plan, step down or discharge."
    )


def _authorization(row: Mapping[str, Any], today: int) -> Flag | None:
    until, left = row["authorized_to"], row["authorized_left"]
    if row["state"] != "in_treatment":
        return None
    if left is not None and left <= 0:
        return Flag("authorization_ends", "No authorised session is left", "Ask the payer for more sessions.")
    if until is None or until - today > AUTHORIZATION_DAYS:
        return None
    when = f"ended {_ago(today - until)}" if until < today else f"ends {_in(until - today)}"
    return Flag("authorization_ends", f"The authorisation {when}", "Ask the payer to extend it.")


def _consent(row: Mapping[str, Any], today: int) -> Flag | None:
    expires = row["consent_expires"]
    if expires is None or expires - today > CONSENT_DAYS or row["state"] not in {"in_treatment", "alumni"}:
        return None
    when = f"expired {_ago(today - expires)}" if expires < today else f"expires {_in(expires - today)}"
    return Flag("consent_expiring", f"A consent {when}", "Renew it with the client.")


def _leave(row: Mapping[str, Any]) -> Flag | None:
    return (
        Flag("on_leave", f"Away: {row['on_leave']}", "Record the return when it happens.") if row["on_leave"] else None
    )


def _follow_ups(row: Mapping[str, Any], today: int) -> list[Flag]:
    """Milestones that are due: from their day on, until the next milestone is."""
    discharged = row["discharged_day"]
    if discharged is None:
        return []
    done = {int(part) for part in row["followed_up"].split(",") if part}
    reached = [milestone for milestone in MILESTONES if today - discharged >= milestone]
    due = [milestone for milestone in reached[-1:] if milestone not in done]
    return [
        Flag(
            "follow_up_due",
            f"The {milestone}-day follow-up has been due for {today - discharged - milestone} days",
            "Hold the interview, or record that it could not be held.",
        )
        for milestone in due
    ]


def _ago(days: int) -> str:
    return "today" if days == 0 else ("yesterday" if days == 1 else f"{days} days ago")


def _in(days: int) -> str:
    return "today" if days == 0 else ("tomorrow" if days == 1 else f"in {days} days")
