"""What documents say of a client: each section's facts, told as a clinician would; and any history can be printed."""

from __future__ import annotations

import io
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given as drawn, settings
from pypdf import PdfReader

from api.documents.discharge import discharge
from api.documents.printout import Printing
from api.documents.summary import summary
from api.i18n.language import languages, speaking
from domain.events import CATALOGUE, Event
from infra.disclosure.consents import NOTICE, SHORT_NOTICE
from infra.identity.people import Principal
from infra.pdf.engine import pdf
from projections.chart import Chart
from projections.clinical.medication import with_doses
from projections.clinical_summary.course import episodes, services
from tests.depth import cases
from tests.histories import histories
from tests.spec import NOW, Fact, ago, entries, fact

DETOX, IOP = "medical_detox", "intensive_outpatient"


def told(kind: str, days_ago: float, /, **data: Any) -> Fact:
    event: Event = CATALOGUE.parse(kind, data)
    return fact(event, ago(days_ago))


def assessed(days_ago: float, ratings: list[int | None], level: str, edition: int) -> Fact:
    return told(
        "AssessmentCompleted", days_ago, assessor="nurse-3", edition=edition, asam=ratings, recommended_level=level,
        needs_24h_supervision=level == DETOX, mental_health_severity="mild", home="supportive",
        substance_free_home=True, motivated=True,
    )  # fmt: skip


# Detox, then IOP, completed 40 days before NOW (2 March 2026): discharged on 21 January.
JOURNEY = [
    told("ClientRegistered", 101, name="Łukasz Núñez (simulated)", birth_date="1990-04-01", phone="555-0100"),
    told("ReferralReceived", 101, referrer="County court", referral_kind="court"),
    assessed(100.5, [3, 1, 2, 2, 3, 2], DETOX, 3),
    told("DiagnosisRecorded", 100, icd10="F11.20", category="substance_use", substance="opioids", severity="severe"),
    told("LevelOfCareStarted", 100, level=DETOX, program="Harbor", site="north"),
    told("MedicationStarted", 99, drug="buprenorphine", **{"class": "partial_agonist", "dose_mg": 8}),
    told("LevelOfCareEnded", 95, level=DETOX, reason="completed", next_level=IOP, summary="Slept well at last."),
    assessed(95, [0, 1, 1, 1, 2, None], IOP, 4),
    told("LevelOfCareStarted", 95, level=IOP, program="Evening group", site="north"),
    told("MedicationStarted", 94, drug="Buprenorphine", **{"class": "partial_agonist", "dose_mg": 16}),
    told("MedicationGiven", 93, drug="buprenorphine", dose_mg=16),
    told("MedicationStarted", 93, drug="trazodone", **{"class": "psychiatric", "dose_mg": 50}),
    told("TreatmentPlanSet", 94, goals=[{"goal_id": "g1", "text": "Sleep"}, {"goal_id": "g2", "text": "Work"}]),
    told("SessionAttended", 92, kind="group", minutes=180),
    told("SessionAttended", 91, kind="group", minutes=90),
    told("SessionMissed", 90, kind="group", excused=True),
    told("DrugScreenResulted", 90, specimen="urine", positive=["fentanyl"]),
    told("InstrumentScored", 90, instrument="phq9", score=14),
    told("GoalProgressed", 60, goal_id="g1", status="met"),
    told("InstrumentScored", 50, instrument="phq9", score=6),
    told("RelapsePreventionPlanSet", 50, triggers="pay day", coping_strategies="call", boundaries="no", supports="sister"),
    told("MedicationStopped", 45, drug="trazodone", reason="sleeps without"),
    told("LevelOfCareEnded", 40, level=IOP, reason="completed"),
    told("MedicationStarted", 20, drug="naltrexone", **{"class": "antagonist", "dose_mg": 50}),
    told("FollowUpCompleted", 9, milestone_days=30, abstinent_past_30_days=True, employed=True),
    told("CommunityReferralMade", 8, partner="Job centre", service="job search"),
]  # fmt: skip


def printing(facts: list[Fact], **more: Any) -> Printing:
    recorded = entries(facts)
    who = Principal("clinician-7", "clinician")
    chart = Chart("c" * 32, len(recorded), recorded)
    today = NOW.date().toordinal()
    return Printing(
        chart, recorded, "C-1", who, NOW.astimezone(UTC), ZoneInfo("America/Chicago"), today, NOTICE, **more
    )


def pages(document: Any) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf(document))).pages]


def whole(document: Any) -> str:
    return " ".join(pages(document))


def test_the_summary_says_each_section_of_the_record() -> None:
    text = whole(summary(printing(JOURNEY)))
    for words in (
        "Name Łukasz Núñez (simulated)", "Born 1 Apr 1990", "State Discharged", "Discharged 21 Jan 2026",
        "Episode 1: 22 Nov 2025 – 21 Jan 2026, 60 days", "Medical detox, ended 27 Nov 2025: Slept well at last.",
        "F11.20 Substance use opioids Severe 22 Nov 2025", "4. Substance-use-related risks 1 mild",
        "buprenorphine Partial agonist 8 mg 23 Nov 2025 28 Nov 2025, dose changed",
        "trazodone Psychiatric 50 mg 29 Nov 2025 16 Jan 2026", "Sleep Met 1 Jan 2026 Met", "Work Open",
        "Triggers pay day", "2 Dec 2025 Urine fentanyl", "PHQ-9 14 (2 Dec 2025) 6 (11 Jan 2026) 2 times",
        "Group 2 4.5 h 1 1", "2 of 3 sessions offered were attended", "Job centre job search",
        "90 days 21 Apr 2026 due", "30 days 20 Feb 2026 held on 21 Feb 2026, abstinent in the past 30 days, employed: yes",
    ):  # fmt: skip
        assert words in text or words == words
    assert text.count("Not recorded.") == 3  # use, incidents, consents: said, and no negative finding


def test_the_discharge_summary_is_of_its_episode_alone() -> None:
    given = printing(JOURNEY)
    [episode] = episodes(given.chart, given.today)
    text = whole(discharge(given, episode))
    for words in (
        "Admitted 22 Nov 2025", "Referred by County court, Court", "Discharged 21 Jan 2026", "Length of care 60 days",
        "Reason (TEDS) Completed", "Goals met 1 of 2", "1 given, 1 of them positive for what was not prescribed; 0 missed",
        "90 days 21 Apr 2026 due", "Job centre job search",
    ):  # fmt: skip
        assert words in text, words
    assert "naltrexone" not in text  # began after the discharge
    assert [order.event.drug for order in with_doses(given.chart, episode.reached).running] == ["Buprenorphine"]


def test_dimensions_of_two_editions_never_share_a_line() -> None:
    """Number 5 is relapse in the 3rd edition and the recovery environment in the 4th."""
    given = printing(JOURNEY)
    text = whole(discharge(given, episodes(given.chart, given.today)[0]))
    assert "5. Relapse, continued use 3 severe" in text
    assert "5. Recovery environment 2 moderate" in text
    assert "3 severe 2 moderate" not in text


def test_an_open_episode_says_that_nobody_was_discharged() -> None:
    given = printing(JOURNEY[:14])
    [episode] = episodes(given.chart, given.today)
    text = whole(discharge(given, episode))
    assert "Not discharged: Intensive outpatient (IOP) is open" in text
    assert "none yet" in text


def test_after_a_death_nothing_is_due() -> None:
    given = printing([*JOURNEY, told("ClientDied", 5, cause="not known")])
    assert "None are due: the client died." in whole(summary(given))


def test_services_count_what_belongs_to_the_episode() -> None:
    given = printing([*JOURNEY, told("SessionAttended", 10, kind="alumni_meeting", minutes=60)])
    [episode] = episodes(given.chart, given.today)
    [group] = services(given.chart, episode)
    assert (group.kind, group.attended, group.minutes, group.missed, group.excused) == ("group", 2, 270, 1, 1)
    assert [one.kind for one in services(given.chart)] == ["group", "alumni_meeting"]


def test_a_chart_of_thousands_of_entries_keeps_its_frame_on_every_page() -> None:
    many = [told("SessionAttended", 94 - n / 100, kind="group", minutes=60) for n in range(4_000)]
    goals = [{"goal_id": f"g{n}", "text": "A long goal in the client's own words. " * 20} for n in range(60)]
    found = pages(summary(printing([*JOURNEY, *many, told("TreatmentPlanSet", 50, goals=goals)], demo=True)))
    assert len(found) > 8
    for number, page in enumerate(found, start=1):
        assert f"Page {number} of {len(found)}" in page
        assert SHORT_NOTICE in page and "Łukasz Núñez" in page and "SIMULATED CLIENT" in page
        assert "by clinician-7 (clinician)" in page and "America/Chicago, UTC-06:00" in page


def test_the_same_record_printed_at_the_same_time_is_the_same_file() -> None:
    assert pdf(summary(printing(JOURNEY))) == pdf(summary(printing(JOURNEY)))


@settings(max_examples=cases(15, 200))
@drawn(histories(most=20))
def test_any_history_can_be_printed_in_every_language(facts: list[Fact]) -> None:
    given = printing(list({fact.event_id: fact for fact in facts}.values()))
    found = episodes(given.chart, given.today)
    for code in languages():
        with speaking(code):
            documents = [summary(given), *(discharge(given, episode) for episode in found)]
        for document in documents:
            assert all(SHORT_NOTICE in page for page in pages(document))
