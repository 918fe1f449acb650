"""Who the client is, who sent them, who may know, who pays, what is diagnosed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.events.base import Count, Day, Event, Personal, PersonalName, PersonalWord, RequiredName, RequiredWord, Word
from domain.levels import Level
from domain.vocabulary import PURPOSES_OF_USE, ConsentSigner, DiagnosisCategory, ReferralKind, Severity

Age = Annotated[int, Field(ge=0, le=130)]


class ClientRegistered(Event):
    """A chart was opened. All of it is personal data."""

    name: RequiredName = None
    birth_date: Annotated[Day | None, Personal(required=True)] = None
    sex: PersonalWord = None
    phone: PersonalWord = None
    email: PersonalWord = None
    address: PersonalWord = None
    emergency_contact: PersonalWord = None


class ClientDetailsUpdated(Event):
    """Some of the client's details changed, or became known."""

    name: PersonalName = None
    birth_date: Annotated[Day | None, Personal()] = None
    sex: PersonalWord = None
    phone: PersonalWord = None
    email: PersonalWord = None
    address: PersonalWord = None
    emergency_contact: PersonalWord = None
    age: Annotated[Age | None, Personal()] = None
    race: PersonalWord = None
    hispanic: Annotated[bool | None, Personal()] = None
    education: PersonalWord = None
    employment: PersonalWord = None
    marital_status: PersonalWord = None
    living_stable: Annotated[bool | None, Personal()] = None


class ReferralReceived(Event):
    """Somebody asked for care for this client."""

    referrer: RequiredWord = None
    referral_kind: ReferralKind
    requested_level: Level | None = None


class ConsentGiven(Event):
    """A disclosure is allowed (42 CFR 2.31).

    ``signed_by``: the client where it is not said; for a minor a parent or guardian (42 CFR 2.14); for somebody who
    cannot decide, or has died, their personal representative (42 CFR 2.15).
    """

    version = 2
    consent_id: Word
    recipient: RequiredWord = None
    purpose: Annotated[Word | None, Personal(required=True, unless=PURPOSES_OF_USE)] = None
    scope: PersonalWord = None
    expires_on: Day | None = None
    signed_by: ConsentSigner | None = None

    @property
    def may_follow_death(self) -> bool:
        """By a personal representative it may (42 CFR 2.15(b)(2))."""
        return self.signed_by == "personal_representative"


class ConsentRevoked(Event):
    """The client takes a consent back."""

    version = 2
    consent_id: Word
    recipient: PersonalWord = None
    purpose: Annotated[Word | None, Personal(unless=PURPOSES_OF_USE)] = None
    scope: PersonalWord = None
    expires_on: Day | None = None


class CoverageVerified(Event):
    """A payer authorises a level of care. A track of its own: it may differ from the clinical level."""

    payer: Word
    member_ref: RequiredWord = None
    level: Level
    authorized_from: Day | None = None
    authorized_to: Day | None = None
    authorized_sessions: Count | None = None
    medically_necessary: bool | None = None


class CoverageDenied(Event):
    """A payer refuses a level of care."""

    version = 2
    payer: Word
    level: Level
    reason: RequiredWord = None


class DiagnosisRecorded(Event):
    """A diagnosis by ICD-10-CM code. One active of each category is a dual diagnosis."""

    icd10: Word
    category: DiagnosisCategory
    substance: Word | None = None
    severity: Severity | None = None
