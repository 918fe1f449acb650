"""Whether a client's records may leave: the Part 2 consents in the chart, and the notice that goes with them.

A consent names a recipient, a purpose, perhaps a scope and a last day; it holds until it is revoked or has run out
(42 CFR 2.31, 2.33). Consents are read from the chart itself, corrections and retractions applied, so that one
entered in error opens nothing. Without a consent only what the law itself allows may leave, as in a medical
emergency (42 CFR 2.51): that is said by the purpose ``emergency`` and recorded like every other disclosure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from domain.after_death import counting
from domain.consent_elements import ALL_CARE, CARE
from domain.entries import Entry, effective, microseconds
from domain.events import ConsentGiven, ConsentRevoked
from domain.journey import fold
from domain.vocabulary import ConsentSigner
from infra.access_log.break_glass import SHORTEST_REASON
from infra.eventstore.client_chart import OpenedChart
from infra.identity.people import PURPOSES
from projections.clinical.due import CONSENT_DAYS

EXPIRES_SOON = timedelta(days=CONSENT_DAYS)
EMERGENCY = "emergency"
LISTED = ";"  # between the parts of a scope that names several
# 42 CFR 2.32(a)(1) as amended by 89 FR 12472 (16 February 2024); the setting REDISCLOSURE_NOTICE overrides it.
NOTICE = (
    "This record which has been disclosed to you is protected by Federal confidentiality rules (42 CFR part 2). "
    "These rules prohibit you from using or disclosing this record, or testimony that describes the information "
    "contained in this record, in any civil, criminal, administrative, or legislative proceedings by any Federal, "
    "State, or local authority, against the patient, unless authorized by the consent of the patient, except as "
    "provided at 42 CFR 2.12(c)(5) or as authorized by a court in accordance with 42 CFR 2.64 or 2.65. In addition, "
    "the Federal rules prohibit you from making any other use or disclosure of this record unless at least one of "
    "the following applies: (i) Further use or disclosure is expressly permitted by the written consent of the "
    "individual whose information is being disclosed in this record or is otherwise permitted by 42 CFR part 2; "
    "(ii) You are a covered entity or business associate and have received the record for treatment, payment, or "
    "health care operations; or (iii) You have received the record from a covered entity or business associate as "
    "permitted by 45 CFR part 164, subparts A and E. A general authorization for the release of medical or other "
    "information is NOT sufficient to meet the required elements of written consent to further use or redisclose "
    "the record (see 42 CFR 2.31)."
)
SHORT_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."  # 2.32(a)(2)

State = Literal["given", "expiring", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent and where it stands. ``expires_on`` is the last day, of the facility's zone, on which it holds."""

    consent_id: str
    recipient: str
    purpose: str
    scope: str
    given_at: datetime
    expires_on: date | None
    revoked_at: datetime | None
    state: State
    signed_by: ConsentSigner = "client"

    @property
    def holds(self) -> bool:
        """Whether something may leave under it."""
        return self.state in {"given", "expiring"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether records may leave, why, under which consent, and the notice that must go with them."""

    allowed: bool
    reason: str
    consent: Consent | None = None
    notice: str = ""


def consents_of(entries: Sequence[Entry], at: datetime, zone: ZoneInfo) -> list[Consent]:
    """Every consent of an opened chart as it stands at a moment, in the order given.

    A consent holds until the end of its last day in ``zone``, the facility's, whatever the UTC offset of ``at``. Later
    than the recorded death only a personal representative gives one (42 CFR 2.15(b)(2)); with another's one of the two
    days is wrong, and until that is settled it opens nothing.
    """
    counted = effective(entries)
    limit = microseconds(at)
    given: dict[str, Entry] = {}
    revoked: dict[str, Entry] = {}
    for entry in sorted(counting(fold(counted), counted), key=lambda entry: (entry.at, entry.sequence)):
        if entry.at > limit:
            continue
        if isinstance(entry.event, ConsentGiven):
            given[entry.event.consent_id] = entry
            revoked.pop(entry.event.consent_id, None)
        elif isinstance(entry.event, ConsentRevoked):
            revoked[entry.event.consent_id] = entry
    return [_consent(entry, revoked.get(name), at.astimezone(zone).date()) for name, entry in given.items()]


def may_disclose(
    chart: OpenedChart,
    recipient: str,
    purpose: str,
    at: datetime,
    zone: ZoneInfo,
    notice: str = "",
    *,
    scope: str = "",
    emergency: str = "",
) -> Decision:
    """Whether a chart may leave to a recipient for a purpose at a moment.

    ``recipient`` must be named in a consent as it is written there (letter case and spaces apart); ``purpose`` is
    one of ``PURPOSES``, or the words of the consent. ``scope`` is what would leave: a consent with a scope of its
    own covers that scope only, or those that it lists. ``notice`` replaces the notice of 42 CFR 2.32. ``emergency`` is
    the nature of a medical emergency in words, without which that purpose opens nothing (42 CFR 2.51(c)). Nothing else
    opens a chart with an entry that cannot be read here and was not set aside: it may revoke a consent.
    """
    text = notice or NOTICE
    if purpose == EMERGENCY and len(emergency.strip()) >= SHORTEST_REASON:
        return Decision(allowed=True, reason=f"medical emergency (42 CFR 2.51): {emergency.strip()}", notice=text)
    if chart.missing:  # it may be the revocation of a consent
        return Decision(allowed=False, reason="the chart holds an entry that cannot be read here")
    consents = [
        consent
        for consent in consents_of(chart.entries, at, zone)
        if _same(consent.recipient, recipient) and _covers(consent, purpose, scope)
    ]
    for consent in consents:
        if consent.holds:
            return Decision(allowed=True, reason=f"consent {consent.consent_id}", consent=consent, notice=text)
    if not consents:
        return Decision(allowed=False, reason="no consent names this recipient for this purpose")
    return Decision(allowed=False, reason=f"the consent is {consents[-1].state}", consent=consents[-1])


def described(decision: Decision) -> Mapping[str, str]:
    """What goes with disclosed records: the notice and the scope of the consent (42 CFR 2.32(a), (b))."""
    consent = decision.consent
    if consent is None:
        return {"notice": decision.notice, "basis": decision.reason}
    return {
        "notice": decision.notice,
        "consent": consent.consent_id,
        "recipient": consent.recipient,
        "purpose": consent.purpose,
        "scope": consent.scope or "the whole record",
        "expires_on": consent.expires_on.isoformat() if consent.expires_on else "not set",
        **({} if consent.signed_by == "client" else {"signed_by": consent.signed_by.replace("_", " ")}),
    }


def _consent(entry: Entry, revoked: Entry | None, today: date) -> Consent:
    event = entry.event
    assert isinstance(event, ConsentGiven)
    return Consent(
        event.consent_id,
        event.recipient or "",
        event.purpose or "",
        event.scope or "",
        entry.occurred_at,
        event.expires_on,
        revoked.occurred_at if revoked else None,
        _state(event.expires_on, today, is_revoked=revoked is not None),
        event.signed_by or "client",
    )


def _state(expires_on: date | None, today: date, *, is_revoked: bool) -> State:
    if is_revoked:
        return "revoked"
    if expires_on is None:
        return "given"
    if expires_on < today:
        return "expired"
    return "expiring" if expires_on - today <= EXPIRES_SOON else "given"


def _covers(consent: Consent, purpose: str, scope: str) -> bool:
    if consent.scope and not any(_same(named, scope) for named in (consent.scope, *consent.scope.split(LISTED))):
        return False
    plain = _plain(consent.purpose)
    return plain in {_plain(purpose), _plain(PURPOSES.get(purpose, ""))} or (purpose in CARE and plain in ALL_CARE)


def _same(first: str, other: str) -> bool:
    return _plain(first) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
