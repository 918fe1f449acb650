"""The quality measures: what each counts, out of whom, within which days, and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass

DEFINITION = (
    "Published measures of process. Each counts index events (a discharge, an admission, a new diagnosis, a new "
    "prescription) and those with the outcome within the window. Someone whose window has not wholly passed is in "
    "neither: they are counted apart (not_yet). Someone who died within the window without the outcome is left out, "
    "unless the measure's source knows no exclusions. Of whom the record cannot tell is in neither (unknown). Each row "
    "says of how many of the denominator nothing is recorded after the index event (never_observed: no session, "
    "attended or missed, no level, dose, prescription, screen, score, report or interview), and how many results rest "
    "on a prescription without a recorded stop (open_prescriptions). Services are sessions attended, doses given, "
    "medications for addiction started and levels of care started. Concurrent stays, and stays ended by death, are no "
    "index."
)
SOURCE = "NCQA (IET, FUI), CBE 3312, 3590 and 3175, NIATx; each row names its own; Wilson score interval, 95 %"


@dataclass(frozen=True, slots=True)
class QualityMeasure:
    """One measure: ``days`` is the last day of its window after the index day; ``index`` names the index event."""

    id: str
    title: str
    index: str
    days: int
    definition: str
    source: str
    excludes_deaths: bool = True


MEASURES: dict[str, QualityMeasure] = {
    item.id: item
    for item in (
        QualityMeasure(
            "lower_level_14",
            "Lower level after detox within 14 days",
            "detox ended",
            14,
            "Detox stays that ended; a less intensive level (alumni is none) was begun by day 14 after the end.",
            "Care programme's own standard",
        ),
        QualityMeasure(
            "detox_continuity_7",
            "Continuity after withdrawal management, 7 days",
            "detox ended",
            7,
            "Detox stays that ended; treatment within 7 days: a session on day 1–7, or medication for addiction or "
            "another level (alumni is none) on day 0–7. No exclusions: deaths count.",
            "CBE 3312",
            excludes_deaths=False,
        ),
        QualityMeasure(
            "detox_continuity_14",
            "Continuity after withdrawal management, 14 days",
            "detox ended",
            14,
            "Detox stays that ended; treatment within 14 days: a session on day 1–14, or medication for addiction or "
            "another level (alumni is none) on day 0–14. No exclusions: deaths count.",
            "CBE 3312",
            excludes_deaths=False,
        ),
        QualityMeasure(
            "iet_initiation",
            "Initiation of treatment",
            "new diagnosis",
            13,
            "New substance-use diagnoses (none, and no service, in the 194 days before); a service on day 0–13, the "
            "day of the diagnosis being day 0.",
            "NCQA IET",
        ),
        QualityMeasure(
            "iet_engagement",
            "Engagement in treatment",
            "new diagnosis",
            47,
            "New substance-use diagnoses, as for initiation; treatment was initiated and two or more further services "
            "followed on day 1–34 after it.",
            "NCQA IET",
        ),
        QualityMeasure(
            "follow_up_7",
            "Follow-up within 7 days of 24-hour care",
            "detox or residential ended",
            7,
            "Detox and residential stays that ended and were not followed by another such stay within the window; a "
            "service on day 1–7 after the end. The day of discharge does not count.",
            "NCQA FUI; CBE 3590",
        ),
        QualityMeasure(
            "follow_up_30",
            "Follow-up within 30 days of 24-hour care",
            "detox or residential ended",
            30,
            "The same with a service on day 1–30.",
            "NCQA FUI; CBE 3590",
        ),
        QualityMeasure(
            "readmission_30",
            "Readmission within 30 days",
            "stay ended",
            30,
            "Treatment stays that ended (alumni left out); a stay at the same or a more intensive level began on day "
            "1–30 after the end.",
            "Care programme's own standard",
        ),
        QualityMeasure(
            "readmission_90",
            "Readmission within 90 days",
            "stay ended",
            90,
            "The same on day 1–90.",
            "Care programme's own standard",
        ),
        QualityMeasure(
            "medication_180",
            "Medication for addiction for 180 days",
            "medication started",
            180,
            "Periods of agonist, partial agonist or antagonist medication that began (a gap of more than 7 days begins "
            "another); prescribed without such a gap for at least 180 days. Without a recorded stop a prescription "
            "lasts until the last level of care ends.",
            "CBE 3175",
        ),
        QualityMeasure(
            "continuation_30",
            "Four more services within 30 days of admission",
            "episode began",
            30,
            "Admissions that began an episode; at least four units of service on day 1–30 after it: each session "
            "attended outside 24-hour care, each day in detox or residential.",
            "NIATx",
        ),
    )
}
