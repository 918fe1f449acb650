"""Page, printed summary, status, work list and measures say the same of what is due, whatever was recorded."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given as drawn, settings, strategies as st

from api.documents.plans import due as interviews, planned
from api.documents.printout import Printing
from api.documents.status import standing, status_of
from api.i18n.formats import day
from api.web.storyboard.facts import due as on_the_page, medication, risks
from domain.decisions import History
from domain.events import (
    ClientDied,
    ConsentGiven,
    ConsentRevoked,
    FollowUpCompleted,
    FollowUpMissed,
    LevelOfCareEnded,
    LevelOfCareStarted,
    TreatmentPlanSet,
)
from infra.disclosure.consents import consents_of
from infra.pdf.document import Facts, Section, Table
from projections.abstinence.fold import fold as weeks
from projections.clinical.course import main_stay
from projections.clinical.due import CONSENT_DAYS
from projections.clinical_summary.course import episodes
from projections.prevalence.fold import fold as prevalence
from projections.status.rows import StatusRow
from tests.api.web.test_printing import printing, told
from tests.day import UTC_DAYS
from tests.histories import histories
from tests.spec import NOW, Fact

TODAY = NOW.date()
STAYS = (LevelOfCareStarted, LevelOfCareEnded, ClientDied)
OTHERS = (TreatmentPlanSet, TreatmentPlanSet, FollowUpCompleted, FollowUpMissed, ConsentGiven, ConsentRevoked)
PAGE = {"plan review": "review_due", "planned end": "planned_end", "consent expires": "consent_expires"}


@st.composite
def courses(draw: st.DrawFn) -> list[Fact]:
    """Anything that sets or settles a day, in any order, perhaps after a stay that ended."""
    facts = draw(histories(kinds=draw(st.sampled_from((OTHERS, (*STAYS, *OTHERS)))), most=12))
    left = draw(st.sampled_from((None, 5, 29, 30, 31, 89, 90, 120, 180, 190)))
    if left is None:
        return facts
    begun = told("LevelOfCareStarted", 250, level="residential", planned_end_on=draw(st.none() | st.just("2026-02-01")))
    return [begun, told("LevelOfCareEnded", left, level="residential", reason="completed"), *facts]


def page(given: Printing, status: StatusRow) -> dict[str, str]:
    """Days by what they are of."""
    lines = on_the_page(status, History.of("C-1", given.recorded, UTC_DAYS), TODAY)
    pairs = [line.partition(": ")[::2] for line in lines if ": " in line]
    return {what: when.removesuffix(", overdue") for when, what in pairs}


def paper(section: Section) -> dict[str, str]:
    return {name: value for block in section.blocks if isinstance(block, Facts) for name, value in block.pairs}


def spoken(iso: object) -> str | None:
    return day(date.fromisoformat(str(iso))) if iso else None


@settings(max_examples=150, deadline=None)
@drawn(courses())
def test_every_reader_says_the_same_of_what_is_due(facts: list[Fact]) -> None:
    given = printing(list({fact.event_id: fact for fact in facts}.values()))
    status = status_of(given)
    if status is None:
        return
    shown, stay = page(given, status), main_stay(given.chart.journey)
    flags = {flag["id"]: str(flag["reason"]) for flag in status["flags"]}

    plan = planned(given, "Plan", stay)
    for name, key in (("Planned end", "planned_end"), ("Review due", "review_due")):
        if "Plan of" in paper(plan):
            assert paper(plan).get(name) == spoken(status[key])
    assert paper(standing(given, status)).get("Planned end") == spoken(status["planned_end"])
    for what in ("plan review", "planned end"):
        assert shown.get(what) == spoken(status[PAGE[what]])
    review = status["review_due"]
    assert ("plan_review_due" in flags) == (review is not None and review <= TODAY.isoformat() and not died(given))
    number = sorted(given.chart.journey.stays, key=lambda one: one.start).index(stay) + 1 if stay else 0
    for row in weeks(given.chart).get("pattern", []):
        if row[1] == number and status["planned_end"]:
            assert status["planned_end"] == date.fromordinal(row[6]).isoformat()

    check_interviews(given, status, shown, "follow_up_due" in flags)
    check_consents(given, status, shown, "consent_expiring" in flags)


def died(given: Printing) -> bool:
    return given.chart.journey.died is not None


def check_interviews(given: Printing, status: StatusRow, shown: dict[str, str], flagged: bool) -> None:
    """The one that the page names is the one that the paper leaves open, and the work list says when it is due."""
    found = episodes(given.chart, given.today)
    rows = [
        row
        for block in interviews(given, found[-1] if found else None)
        if isinstance(block, Table)
        for row in block.rows
    ]
    named = {what.removesuffix("-day interview"): when for what, when in shown.items() if what.endswith("interview")}
    ways = [row for row in rows if row[2] in ("due", "overdue")][:1]
    assert named == {row[0].removesuffix(" days"): row[1] for row in ways}
    by_today = {day(TODAY - timedelta(days=ahead)) for ahead in range(500)}
    assert flagged == (not died(given) and any(when in by_today for when in named.values()))
    left = {date.fromordinal(row[7]).isoformat() for row in prevalence(given.chart).get("prevalence", [])}
    assert left <= {status["discharged"]}


def check_consents(given: Printing, status: StatusRow, shown: dict[str, str], flagged: bool) -> None:
    """The first to run out of those that nobody revoked."""
    standing = [
        one for one in consents_of(given.recorded, given.at, given.zone) if one.state != "revoked" and one.expires_on
    ]
    first = min((one.expires_on for one in standing if one.expires_on), default=None)
    assert status["consent_expires"] == (first.isoformat() if first else None)
    cared_for = status["state"] in ("in_treatment", "alumni")
    assert shown.get("consent expires") == (day(first) if first and cared_for else None)
    assert flagged == bool(cared_for and first and (first - TODAY).days <= CONSENT_DAYS)


def test_a_review_day_of_an_earlier_level_s_plan_is_known_to_everybody() -> None:
    given = printing([
        told("LevelOfCareStarted", 60, level="residential"),
        told("TreatmentPlanSet", 50, review_due_on="2026-03-01", planned_end_on="2026-04-01"),
        told("LevelOfCareEnded", 20, level="residential", reason="completed"),
        told("LevelOfCareStarted", 20, level="intensive_outpatient"),
    ])  # fmt: skip
    status = status_of(given)
    assert status and [flag["id"] for flag in status["flags"]] == ["no_contact", "plan_review_due"]
    assert page(given, status) == {"plan review": "1 Mar 2026", "planned end": "1 Apr 2026"}
    assert paper(planned(given, "Plan", main_stay(given.chart.journey)))["Review due"] == "1 Mar 2026"


def test_an_interview_that_is_too_late_is_overdue_nowhere() -> None:
    given = printing([
        told("LevelOfCareStarted", 200, level="residential"),
        told("LevelOfCareEnded", 100, level="residential", reason="completed"),
    ])  # fmt: skip
    [table] = interviews(given, episodes(given.chart, given.today)[-1])
    assert isinstance(table, Table)
    assert [row[2] for row in table.rows] == ["not recorded", "overdue", "due", "due"]
    status = status_of(given)
    assert status and [str(flag["reason"]) for flag in status["flags"]] == [
        "The 90-day follow-up has been due for 10 days"
    ]
    assert page(given, status) == {"90-day interview": "20 Feb 2026"}


def test_who_died_after_the_discharge_is_asked_nothing() -> None:
    given = printing([
        told("LevelOfCareStarted", 200, level="residential"),
        told("LevelOfCareEnded", 100, level="residential", reason="completed"),
        told("ClientDied", 40),
    ])  # fmt: skip
    status = status_of(given)
    assert status and status["flags"] == [] and page(given, status) == {}


def test_what_is_later_than_the_death_opens_nothing_and_stands_on_no_page() -> None:
    before = [
        told("LevelOfCareStarted", 200, level="residential"),
        told("LevelOfCareEnded", 100, level="residential", reason="completed"),
        told("ClientDied", 40),
    ]
    consent = {"consent_id": "c1", "recipient": "A clinic", "purpose": "treatment", "expires_on": "2030-01-01"}
    later = [
        told("ConsentGiven", 30, **consent),
        told("IncidentRecorded", 30, kind="fall"),
        told("MedicationStarted", 30, drug="buprenorphine", **{"class": "partial_agonist"}),
    ]
    given, alone = printing([*before, *later]), printing(before)
    status = status_of(given)
    assert status == status_of(alone)
    assert status and status["consent_expires"] is None
    assert consents_of(given.recorded, given.at, given.zone) == []
    here, there = (History.of("C-1", chart.recorded, UTC_DAYS) for chart in (given, alone))
    assert len(here.counted) == len(there.counted) + 3
    assert (risks(here), medication(here.care)) == (risks(there), medication(there.care))
