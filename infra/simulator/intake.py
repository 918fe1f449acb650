"""How a client comes in: referral, registration, diagnoses, consents and coverage."""

from __future__ import annotations

from typing import Any, Final

from domain.levels import Level
from domain.vocabulary import ReferralKind
from infra.simulator.calibration import COVERAGE_DENIED, PROGRAMMES
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, date_text
from infra.simulator.people import identity, phone
from infra.simulator.profile import ICD10, MENTAL_HEALTH, pick

REFERRALS: Final[dict[ReferralKind, float]] = {
    "self": 34,
    "court": 22,
    "hospital": 13,
    "provider": 17,
    "family": 8,
    "employer": 2,
    "other": 4,
}
AUTHORIZED_DAYS: Final[dict[Level, int]] = {
    "medical_detox": 7,
    "residential": 28,
    "partial_hospitalization": 28,
    "intensive_outpatient": 56,
    "standard_outpatient": 120,
    "alumni": 0,
}
DENIALS: Final = ("not medically necessary", "out of network", "benefit exhausted", "lower level suggested")
CONSENTS: Final = (
    ("Simulated payer", "payment", "attendance and dates", 365),
    ("Primary care (simulated)", "treatment", "medication and diagnoses", 365),
    ("Family member (simulated)", "support", "attendance and progress", 180),
    ("Probation office (simulated)", "legal", "attendance and screens", 90),
)
CONSENT_SHARES: Final = (0.9, 0.55, 0.4, 0.2)
REVOKED: Final = 0.06


def register(chart: Chart, at: int) -> None:
    """First contact: the chart is opened and the referral written down."""
    rng, desk = chart.rng, chart.staff("intake", 3)
    day = at // DAY
    chart.journal.add("ClientRegistered", at, identity(rng, chart.number, day), delay=4, actor=desk, role="intake")
    kind = rng.choices(tuple(REFERRALS), tuple(REFERRALS.values()))[0]
    data = {"referrer": f"Simulated {kind} referral", "referral_kind": kind}
    chart.journal.add("ReferralReceived", at + 5, data, delay=3, actor=desk, role="intake")
    if rng.random() < 0.07:
        changed = at + rng.randint(20, 200) * DAY
        chart.journal.add("ClientDetailsUpdated", changed, {"phone": phone(rng)}, actor=desk, role="intake")


def consents(chart: Chart, at: int) -> None:
    """Consents to disclose, each with an expiry; a few are taken back."""
    rng = chart.rng
    for number, ((recipient, purpose, scope, days), share) in enumerate(
        zip(CONSENTS, CONSENT_SHARES, strict=True), start=1
    ):
        if rng.random() >= share:
            continue
        consent_id = f"{chart.journal.client}-c{number}"
        data = {"consent_id": consent_id, "recipient": recipient, "purpose": purpose, "scope": scope}
        expires = at // DAY + days
        given = {**data, "expires_on": date_text(expires)}
        chart.journal.add("ConsentGiven", at + number, given, delay=10, role="intake")
        if rng.random() < REVOKED:
            revoked = at + rng.randint(10, days - 5) * DAY
            chart.journal.add("ConsentRevoked", revoked, {"consent_id": consent_id}, role="intake")


def diagnoses(chart: Chart, at: int) -> None:
    """Substance-use diagnoses, and one of mental health in a dual diagnosis."""
    profile, rng = chart.profile, chart.rng
    for substance in filter(None, (profile.primary, profile.secondary)):
        severe = substance == profile.primary and profile.severity != "mild"
        data: dict[str, Any] = {
            "icd10": ICD10[substance][0 if severe else 1],
            "category": "substance_use",
            "substance": substance,
            "severity": profile.severity if substance == profile.primary else "mild",
        }
        chart.journal.add("DiagnosisRecorded", at, data)
    if profile.dual:
        data = {
            "icd10": pick(rng, MENTAL_HEALTH),
            "category": "mental_health",
            "severity": profile.mental_health,
        }
        chart.journal.add("DiagnosisRecorded", at + 10, data)


def coverage(chart: Chart, key: str, at: int) -> None:
    """Ask the payer before a start; a denial is mostly turned round a day later, or the client pays."""
    rng, payer = chart.rng, chart.profile.payer
    level = PROGRAMMES[key].level
    if payer == "Self-pay" or level == "alumni":
        return
    if rng.random() < COVERAGE_DENIED:
        data = {"payer": payer, "level": level, "reason": rng.choice(DENIALS)}
        chart.journal.add("CoverageDenied", at, data, role="intake")
        if rng.random() < 0.3:
            return
        at += 20 * HOUR
    _verified(chart, level, at)


def reauthorize(chart: Chart, stay: Stay) -> None:
    """New authorisations for as long as the stay goes on."""
    days = AUTHORIZED_DAYS[stay.level]
    if not days or chart.profile.payer == "Self-pay":
        return
    for day in range(stay.first_day + days - 3, stay.last_day, days):
        if stay.reached(day):
            _verified(chart, stay.level, chart.journal.office_time(day))


def _verified(chart: Chart, level: Level, at: int) -> None:
    day, days = at // DAY, AUTHORIZED_DAYS[level]
    data = {
        "payer": chart.profile.payer,
        "member_ref": f"SIM-M-{chart.number:06d}",
        "level": level,
        "authorized_from": date_text(day),
        "authorized_to": date_text(day + days),
        "authorized_sessions": max(4, days // 2),
        "medically_necessary": True,
    }
    chart.journal.add("CoverageVerified", at, data, delay=30, role="intake")
