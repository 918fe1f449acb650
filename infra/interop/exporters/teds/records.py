"""A chart's TEDS records: one admission for each stay, one discharge for each that has ended.

TEDS counts services, not episodes; a change of service within an episode is a transfer (NOPRIOR is then not
asked anew). Alumni services are no treatment and have no record. Source: TEDS-A and TEDS-D codebooks 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from domain.events import (
    AbstinenceReported,
    AssessmentCompleted,
    CoverageVerified,
    DiagnosisRecorded,
    DrugScreenResulted,
    MedicationGiven,
    MedicationStarted,
    ReferralReceived,
    SessionAttended,
    UseReported,
)
from domain.journey import Stay
from domain.levels import LEVELS_OF_CARE
from domain.vocabulary import TEDS_REASON_CODES
from infra.interop.exporters.teds import codes
from infra.interop.exporters.teds.codes import MISSING, coded
from projections.chart import Chart
from projections.clinical.course import episode_numbers
from projections.clinical.details import details
from projections.clinical.medication import MAT_CLASSES

Record = dict[str, int | str]

_MONTH_DAYS = 30
_DAILY_DAYS = 28


def records(chart: Chart) -> list[tuple[Record, Record | None]]:
    """(admission, discharge or None) of each stay of treatment, in the order of their start.

    The chart must have been read with personal fields opened; where they are sealed for good, they are missing.
    """
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    episodes = episode_numbers(stays)
    pairs: list[tuple[Record, Record | None]] = []
    for number, (stay, episode) in enumerate(zip(stays, episodes, strict=True), start=1):
        if stay.level == "alumni":
            continue
        first = next(other for other, number in zip(stays, episodes, strict=True) if number == episode)
        admission = _admission(chart, stay, number, episode, transferred=first is not stay)
        pairs.append((admission, _discharge(chart, stay, admission) if stay.end_day is not None else None))
    return pairs


def _admission(chart: Chart, stay: Stay, number: int, episode: int, *, transferred: bool) -> Record:
    substances = _substances(chart, stay)
    use = [_use(chart, name, stay.start_day) for name in substances]
    taken = [codes.substance_code(name) for name in substances] or [MISSING]
    padded = [*taken, 1, 1][:3]
    return {
        "CLIENT_KEY": chart.client_id,
        "STAY": number,
        "EPISODE": episode,
        "TRANSACTION": "transfer" if transferred else "admission",
        "ADM_DATE": _iso(stay.start_day),
        "ADMYR": date.fromordinal(stay.start_day).year,
        **_person(chart, stay),
        "SERVICES": services_code(stay),
        "PSOURCE": _referral(chart, stay)[0],
        "DAYWAIT": MISSING if transferred else _referral(chart, stay)[1],
        "NOPRIOR": 1 if episode > 1 else MISSING,
        "DSMCRIT": codes.dsm_code(_icd10(chart, stay)),
        "PSYPROB": _psychiatric(chart, stay),
        "METHUSE": _medicated(chart, stay),
        "PRIMPAY": codes.payer_code(_payer(chart, stay)),
        **{f"SUB{index}": code for index, code in enumerate(padded, start=1)},
        "FREQ1": use[0][0] if use else MISSING,
        "ROUTE1": use[0][1] if use else MISSING,
        "ALCDRUG": codes.alcohol_drugs(taken),
    }


def _discharge(chart: Chart, stay: Stay, admission: Record) -> Record:
    assert stay.end_day is not None
    last = min(stay.end_day, max(_last_contact(chart, stay), stay.start_day))
    days = max(1, last - stay.start_day) + (1 if admission["SERVICES"] in codes.OUTPATIENT_SERVICES else 0)
    substances = _substances(chart, stay)
    return {
        **admission,
        "DIS_DATE": _iso(stay.end_day),
        "DISYR": date.fromordinal(stay.end_day).year,
        "LAST_CONTACT": _iso(last),
        "SERVICES_D": services_code(stay),
        "REASON": TEDS_REASON_CODES[stay.reason] if stay.reason else MISSING,
        "LOS_DAYS": days,
        "LOS": codes.los_code(days),
        "FREQ1_D": _use(chart, substances[0], stay.end_day)[0] if substances else MISSING,
    }


def services_code(stay: Stay) -> int:
    """SERVICES of a stay: a residential one is long when over 30 days were planned, or when it came to that."""
    service = LEVELS_OF_CARE[stay.level].teds_service
    if service is None:
        until = stay.planned_end if stay.planned_end is not None else stay.end_day
        long = until is not None and until - stay.start_day > codes.SHORT_DAYS
        return codes.RESIDENTIAL_LONG if long else codes.RESIDENTIAL_SHORT
    return service


def _person(chart: Chart, stay: Stay) -> Record:
    facts: dict[str, object] = details(chart)
    assessment = chart.journey.assessment_before(stay.start)
    event = assessment.event if assessment else None
    home = event.home if isinstance(event, AssessmentCompleted) else None
    hispanic = facts.get("hispanic")
    return {
        "AGE": codes.age_code(_years(facts, stay.start_day)),
        "GENDER": coded(codes.GENDER, _word(facts, "sex")),
        "RACE": coded(codes.RACE, _word(facts, "race")),
        "ETHNIC": MISSING if hispanic is None else (5 if hispanic else 4),
        "MARSTAT": coded(codes.MARSTAT, _word(facts, "marital_status")),
        "EDUC": coded(codes.EDUC, _word(facts, "education")),
        "EMPLOY": coded(codes.EMPLOY, _word(facts, "employment")),
        "LIVARAG": codes.LIVARAG[home] if home else MISSING,
    }


def _word(facts: Mapping[str, object], name: str) -> str | None:
    value = facts.get(name)
    return value if isinstance(value, str) else None


def _years(facts: Mapping[str, object], day: int) -> int | None:
    born, age = facts.get("birth_date"), facts.get("age")
    if isinstance(born, date):
        on = date.fromordinal(day)
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return age if isinstance(age, int) else None


def _referral(chart: Chart, stay: Stay) -> tuple[int, int]:
    """(PSOURCE, DAYWAIT) of the last referral before the stay began."""
    before = [(entry, event) for entry, event in chart.events(ReferralReceived) if entry.at <= stay.start]
    if not before:
        return MISSING, MISSING
    entry, event = before[-1]
    return codes.PSOURCE[event.referral_kind], codes.wait_code(stay.start_day - entry.day)


def _until(stay: Stay) -> int:
    """Diagnoses and payers that became known during the stay count for it."""
    return stay.end if stay.end is not None else 2**62


def _icd10(chart: Chart, stay: Stay) -> list[str]:
    diagnoses = [(entry, event) for entry, event in chart.events(DiagnosisRecorded) if entry.at <= _until(stay)]
    return [event.icd10.upper() for _, event in diagnoses]


def _substances(chart: Chart, stay: Stay) -> list[str]:
    """Substances of the diagnoses known by the stay's end, the first named first; at most three."""
    substances = [
        event.substance
        for entry, event in chart.events(DiagnosisRecorded)
        if event.category == "substance_use" and event.substance and entry.at <= _until(stay)
    ]
    return list(dict.fromkeys(substances))[:3]


def _use(chart: Chart, substance: str, day: int) -> tuple[int, int]:
    """(FREQ, ROUTE) from self-report over the 30 days before ``day``; without any report both are missing."""
    code = codes.substance_code(substance)
    window = range(day - _MONTH_DAYS, day + 1)
    reports = [
        event
        for _, event in chart.events(UseReported)
        if codes.substance_code(event.substance) == code and event.on.toordinal() in window
    ]
    if reports:
        days = len({event.on for event in reports})
        return (3 if days >= _DAILY_DAYS else 2), coded(codes.ROUTE, reports[-1].route)
    clean = any(_covers(event, day) for _, event in chart.events(AbstinenceReported))
    return (1 if clean else MISSING), MISSING


def _covers(event: AbstinenceReported, day: int) -> bool:
    """Whether 30 days without use are reported up to within a week of a day."""
    through = event.through.toordinal()
    return abs(through - day) <= 7 and event.days >= _MONTH_DAYS


def _psychiatric(chart: Chart, stay: Stay) -> int:
    """PSYPROB: 1 with a mental-health diagnosis, 2 where an assessment found none."""
    if any(
        event.category == "mental_health" and entry.at <= _until(stay)
        for entry, event in chart.events(DiagnosisRecorded)
    ):
        return 1
    assessment = chart.journey.assessment_before(stay.start)
    event = assessment.event if assessment else None
    return 2 if isinstance(event, AssessmentCompleted) and event.mental_health_severity == "none" else MISSING


def _medicated(chart: Chart, stay: Stay) -> int:
    """METHUSE: whether medication for opioid use disorder was started by the stay's end."""
    started = [
        event
        for entry, event in chart.events(MedicationStarted)
        if event.class_ in MAT_CLASSES and entry.at <= _until(stay)
    ]
    return 1 if started else 2


def _payer(chart: Chart, stay: Stay) -> str:
    payers = [event.payer for entry, event in chart.events(CoverageVerified) if entry.at <= _until(stay)]
    return payers[-1] if payers else ""


_CONTACTS = (SessionAttended, MedicationGiven, DrugScreenResulted)


def _last_contact(chart: Chart, stay: Stay) -> int:
    """Day of the last service in the stay; a stay without any counts to its end."""
    days: Sequence[int] = [entry.day for entry in chart.of(*_CONTACTS) if stay.covers(entry.at)]
    return max(days, default=stay.end_day or stay.start_day)


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
