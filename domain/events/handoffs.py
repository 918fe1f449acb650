"""Who sees to what is open: hand-offs between levels of care, and flags."""

from __future__ import annotations

from uuid import UUID

from domain.events.base import Day, Event, PersonalText, RequiredText, Word
from domain.vocabulary import HandoffOutcome


class HandoffAssigned(Event):
    """Somebody sees to it that care goes on after a stay, or that a referral is answered.

    ``stay`` is the event id of the level that ended (of the entry that started or ended it), ``referral`` that of a
    referral; one of them is named. The latest owner counts.
    """

    stay: UUID | None = None
    referral: UUID | None = None
    owner: Word


class HandoffClosed(Event):
    """What became of a hand-off; ``first_session`` is the event id of the session or start that care went on with."""

    stay: UUID | None = None
    referral: UUID | None = None
    outcome: HandoffOutcome
    owner: Word | None = None
    first_session: UUID | None = None


class FlagAssigned(Event):
    """Somebody sees to a flag; ``since`` is the day from which it has been up."""

    flag: Word
    since: Day
    to: Word
    reason: PersonalText = None


class FlagSnoozed(Event):
    """A flag is left alone until a day."""

    flag: Word
    since: Day
    until: Day
    to: Word | None = None
    reason: PersonalText = None


class FlagDone(Event):
    """A flag was seen to, though what raised it may still be so; the same flag since a later day is another one."""

    flag: Word
    since: Day
    reason: RequiredText = None
