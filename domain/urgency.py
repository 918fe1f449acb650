"""Urgency of flags: by what is lost if nobody looks today, not by how many flags a client has."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Loss = Literal["safety", "care", "later"]


class Pressing(NamedTuple):
    """One place in the order: a flag, of some of them only ``when`` something is so, and what waiting loses."""

    flag: str
    loss: Loss
    when: str = ""


ORDER: Final = (
    Pressing("missed_in_a_row", "safety"),
    Pressing("positive_screen", "safety"),
    Pressing("no_contact", "safety"),
    Pressing("plan_ended", "care"),
    Pressing("authorization_ends", "care", "no authorised session is left"),
    Pressing("authorization_ends", "care", "its last day is near or over"),
    Pressing("plan_review_due", "care"),
    Pressing("assessment_outdated", "care"),
    Pressing("follow_up_due", "later", "until the next one is due"),
    Pressing("overlapping_stays", "later"),
    Pressing("consent_expiring", "later", "it has not expired yet"),
    Pressing("follow_up_due", "later", "the last one"),
    Pressing("on_leave", "later"),
    Pressing("consent_expiring", "later", "it has expired"),
)
"""The most pressing first; of equals, what stands longer (decision 0049).

``safety``: who drops out of care is in danger at once. All-cause mortality of people who were in opioid agonist
treatment was 36 per 1,000 person-years in the first four weeks out of it, against 11 later and while in it (methadone;
Sordo et al., BMJ 2017;357:j1550): two missed sessions are called about today, before a screen whose client is known to
come, before a silence that was called about when it began. ``care``: it stops, or stops being paid, on a day that is
near, and a re-assessment is needed for the next level. ``later``: it can be made good. An interview that is overtaken
by the next is lost then, the last one never; an overlap falsifies numbers and harms nobody; an expired consent
discloses nothing (42 CFR 2.31), so that it can wait however old it is.
"""
