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
SOURCE = "NCQA (IET, FUI, POD), CBE 3312, 3590 and 3175, NIATx; each row names its own; Wilson score interval, 95 %"


@dataclass(frozen=True, slots=True)
class QualityMeasure:
    """One measure: ``days`` is the last day of its window after the index day; ``index`` names the index event.

    ``needs_a_record`` says that there is no share where nothing on record could tell the outcome of anybody.
    """

    id: str
    title: str
    index: str
    days: int
    definition: str
    source: str
    excludes_deaths: bool = True
    needs_a_record: bool = False


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
            "Medication for opioid use disorder for 180 days, adapted",
            "first dose or prescription",
            180,
            "Clients with a dose, a supply or a prescription of medication for opioid use disorder, each once, by the"
            " first; one period of at least 180 days without a gap of more than 7 days. Days are covered by what was "
            "given or dispensed: a dose on site 1, a supply its days (what overlaps is carried forward), an injection"
            " of naltrexone 31, of buprenorphine 7 or 31 by product, an implant 180. A prescription counts for a drug"
            " without any recorded dose alone: to its stop; without one to the end of the last stay, and while a stay"
            " is open as far as the client was seen, beyond which the record cannot tell. Prescribed after the last "
            "stay or without one: unknown. Adapted: the source counts adults with the diagnosis, and here neither age"
            " (sealed) nor diagnosis is looked at.",
            "CBE 3175, adapted",
        ),
        QualityMeasure(
            "pod_180",
            "New periods of medication for opioid use disorder of 180 days, adapted",
            "new period",
            180,
            "Periods of medication for opioid use disorder that began after 31 days or more without (or with the "
            "first on record); it lasted for at least 180 days from then on, and a gap of 8 days ended it. Days are "
            "covered as in medication for 180 days. Adapted: the source counts people of 16 and older, and here age "
            "(sealed) is not looked at.",
            "NCQA POD, adapted",
        ),
        QualityMeasure(
            "ever_dosed",
            "Ever dosed of those prescribed",
            "first prescription of a drug",
            30,
            "Clients to whom medication for opioid use disorder was prescribed, or who were randomised to it, once "
            "for each drug; a dose or supply of that drug is on record on that day or any later one. It is asked once"
            " 30 days have passed. Never observed: of those, no dose of any drug is on record, so that nobody knows "
            "whether there was none or none is recorded here; where that is true of everybody, there is no share.",
            "Induction, as reported by trials (CTN-0051)",
            excludes_deaths=False,
            needs_a_record=True,
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
