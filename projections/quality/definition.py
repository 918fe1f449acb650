"""The quality measures: what each counts, out of whom, within which days, and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass

DEFINITION = (
    "Published measures of process. Each counts index events (a discharge, an admission, a new diagnosis, a new "
    "prescription) and those with the outcome within the window. Someone whose window has not wholly passed is in "
    "neither: they are counted apart (not_yet). Someone who died within the window without the outcome is left out, "
    "unless the measure's source knows no exclusions. One whose outcome the record does not tell is in neither: it "
    "is counted apart, as missing (unknown). Each row says of how many of the denominator nothing is recorded after "
    "the index event (never_observed: no session, "
    "attended or missed, no level, dose, prescription, screen, score, report or interview), and how many results "
    "rest on a prescription without a recorded stop (open_prescriptions). A visit is a session attended outside of "
    "24-hour care; alumni meetings are none. A medication event is a dose given for addiction outside of detox, or "
    "the order of a drug of which no dose is recorded. An entry belongs to the stay that is open at its moment. "
    "Concurrent stays, and stays ended by death, are no index. Sources ask for ages, payers and enrolment: here "
    "everybody is counted."
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
            "Detox stays that ended; a less intensive level (alumni is none), not over before the end, was begun by "
            "day 14 after it.",
            "Care programme's own standard",
        ),
        *(
            QualityMeasure(
                f"detox_continuity_{days}",
                f"Continuity after withdrawal management, {days} days",
                "detox ended",
                days,
                f"Detox stays that ended; treatment within {days} days: a visit or a day in residential care on day "
                f"1–{days}, or medication for addiction on day 0–{days}. The start of an outpatient level is no "
                "treatment, nor is detox again. No exclusions: deaths count.",
                "CBE 3312",
                excludes_deaths=False,
            )
            for days in (7, 14)
        ),
        QualityMeasure(
            "iet_initiation",
            "Initiation of treatment (IET, adapted)",
            "new diagnosis",
            13,
            "New substance-use diagnoses: no such diagnosis, visit, medication for addiction or day in residential "
            "care in the 194 days before, those of withdrawal management left aside. On day 0–13, the day of the "
            "diagnosis being day 0: an admission to 24-hour care, a visit or a medication event. The start of an "
            "outpatient level is no visit. Adapted: the index is the day on which the diagnosis was recorded; a "
            "visit of that day counts, since the record does not say who diagnosed.",
            "NCQA IET (HEDIS MY 2025)",
        ),
        QualityMeasure(
            "iet_engagement",
            "Engagement in treatment (IET, adapted)",
            "new diagnosis",
            47,
            "New substance-use diagnoses, as for initiation. Treatment was initiated, and on day 1–34 after it came "
            "two visits, a visit and a medication event, or one injection or implant of naltrexone or buprenorphine. "
            "After an admission to 24-hour care the 34 days run from its discharge (of direct transfers the "
            "last); until then and until they are over it is not yet known. The start of a level is no visit; visits "
            "of one day count as one unless they are known to be with different providers. Adapted: as for "
            "initiation; another admission to 24-hour care is no visit, and medication events without any visit, but "
            "for a long-acting one, are no engagement.",
            "NCQA IET (HEDIS MY 2025)",
        ),
        *(
            QualityMeasure(
                f"follow_up_{days}",
                f"Follow-up within {days} days of 24-hour care (FUI)",
                "detox or residential ended",
                days,
                "Detox and residential stays that ended: of direct transfers (the next such stay begins at most one "
                f"day after the end) the last, and of several within 31 days the first. On day 1–{days} after it: a "
                "visit, a medication event or an admission to residential care. The day of discharge does not count, "
                "nor does withdrawal management; the start of an outpatient level is no visit.",
                "NCQA FUI",
            )
            for days in (7, 30)
        ),
        *(
            QualityMeasure(
                f"cbe_3590_{days}",
                f"Continuity within {days} days of residential care (CBE 3590, adapted)",
                "residential ended",
                days,
                "Residential stays that ended, of direct transfers within 24-hour care the last; withdrawal "
                f"management is no index. On day 1–{days} after it: a visit or a medication event. Residential care "
                "counts only after a hospital stay, which is not recorded here. Deaths count. Adapted: direct "
                "transfers count once.",
                "CBE 3590",
                excludes_deaths=False,
            )
            for days in (7, 30)
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
            "Clients to whom medication for opioid use disorder was prescribed, or who were randomised to a program "
            "that bears its name, once for each drug; a dose or supply of that drug is on record on that day or any "
            "later one. It is asked once 30 days have passed. Never observed: of those, no dose of any drug is on "
            "record, so that nobody knows whether there was none or none is recorded here; where that is true of "
            "everybody, there is no share.",
            "Induction, as reported by trials (CTN-0051)",
            excludes_deaths=False,
            needs_a_record=True,
        ),
        QualityMeasure(
            "continuation_30",
            "Four more services within 30 days of admission",
            "episode began",
            30,
            "Admissions that began an episode; at least four units of service on day 1–30 after it: each visit, each "
            "day in detox or residential.",
            "NIATx",
        ),
    )
}
