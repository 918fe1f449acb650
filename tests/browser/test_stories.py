"""A working day of each kind of user, told at the screen: the clinician's also without JavaScript, on a phone and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from api.app import create_app
from infra.bootstrap import open_services
from infra.settings import Settings
from infra.simulator.demo import fill
from tests.api.access.conftest import Hands
from tests.browser.axe import in_every_look
from tests.browser.conftest import Begin, running
from tests.browser.hands import Keyboard, Pointing
from tests.depth import LONG, by_night

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}


@dataclass
class Programme:
    """A running server, and the hands of its clock."""

    address: str
    clock: Hands


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    """A provider with 60 simulated clients, on a Monday morning."""
    clock = Hands(MORNING)
    url = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('programme') / 'log.db'}")
    services = open_services(Settings(database_url=url, demo=True), clock)
    fill(services.log, 60, 11)
    services.catch_up()
    with running(create_app(services)) as address:
        yield Programme(address, clock)


@dataclass
class Story:
    """One person at a browser, from one working day to the next, about one chart."""

    person: Pointing
    programme: Programme
    chart: str
    born: str
    mistaken: datetime = MORNING  # when a wrong result was what was known

    @property
    def page(self) -> Page:
        return self.person.page

    def begin_day(self, role: str, days: int = 0) -> None:
        """Come to work ``days`` later, and sign in: no session lasts over night."""
        self.page.goto("about:blank")  # a page whose session has ended goes to the sign-in by itself
        self.programme.clock.move(days=days)
        self.page.context.clear_cookies()
        self.person.open("/")
        self.person.press(f"Continue as {role}")
        expect(self.page.locator("header")).to_contain_text("Sign out")

    def record(self, entry: str) -> None:
        """Open a form from the chart."""
        self.person.open(f"/clients/{self.chart}")
        self.person.unfold("Record…")
        self.person.follow(entry)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(entry)

    def is_recorded(self) -> None:
        expect(self.page.get_by_role("status").first).to_contain_text("Saved")

    def assess(self, recommended: str, home: str, *, prior: str) -> None:
        """Rate the six dimensions and what the criteria of a level ask for."""
        self.record("Assessment (ASAM)")
        found = {f"asam:{number}": "2" for number in range(1, 7)} | {
            "recommended_level": recommended,
            "needs_24h_supervision": "no",
            "mental_health_severity": "mild",
            "home": home,
            "substance_free_home": "yes" if home == "supportive" else "no",
            "motivated": "yes",
            "completed_prior_level": prior,
        }
        for name, value in found.items():
            self.person.tick(self.page.locator(f"main [name='{name}'][value='{value}']"))
        self.person.press("Record")
        self.is_recorded()


IOP = "Intensive outpatient (IOP)"
PHP = "Partial hospitalization (PHP)"
LOOKS: dict[str, tuple[type[Pointing], dict[str, Any]]] = {
    "wide": (Pointing, {}),
    "without-scripts": (Pointing, {"java_script_enabled": False}),
    "phone": (Pointing, {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}),
    "keyboard": (Keyboard, {}),
}


# Four people of one name: who looks like somebody else is asked about before they are registered.
BORN = dict(zip(LOOKS, ("1961-02-13", "1974-05-24", "1983-08-06", "1992-11-17"), strict=True))


@pytest.fixture
def story(begin: Begin, programme: Programme, request: pytest.FixtureRequest) -> Story:
    """A person as the test's ``look`` says, with a chart of their own."""
    look = getattr(request, "param", "wide")
    kind, how = LOOKS[look]
    settings: dict[str, Any] = {**WIDE, "locale": "en-US", **how}
    page = begin(MORNING, **settings).new_page()
    return Story(kind(page, programme.address), programme, f"CJ-{look}", BORN[look])


def test_care_is_given_audited_and_reported_on(story: Story) -> None:
    care(story)
    audit(story)
    report(story)


@pytest.mark.parametrize("story", ["without-scripts", by_night("phone"), by_night("keyboard")], indirect=True)
def test_a_clinician_takes_a_client_from_admission_to_follow_up(story: Story) -> None:
    care(story)


@pytest.mark.skipif(LONG, reason="by night they give all of the care")
@pytest.mark.parametrize("story", ["keyboard"], indirect=True)
def test_a_clinician_admits_a_client_and_starts_the_right_level(story: Story) -> None:
    """Each kind of field there is: texts, dates, lists, answers of a row."""
    admit(story)
    refuse_and_start(story)


def care(story: Story) -> None:
    """A clinician's days with one client."""
    admit(story)
    refuse_and_start(story)
    step_down(story)
    chart_a_group(story)
    screen_and_correct(story)
    complete_and_follow_up(story)


def admit(story: Story) -> None:
    """Day 1: a new client signs, and the payer agrees."""
    story.begin_day("clinician")
    story.person.open("/clients/new")
    story.person.fill("Chart number", story.chart)
    story.person.fill("Name", "Avery Example")
    story.person.fill_date("Birth date", story.born)
    story.person.press("Record")
    story.is_recorded()
    story.record("Consent given")
    story.person.fill("Consent number", "C-1")
    story.person.fill("Recipient", "Simulated Health")
    story.person.fill("Purpose", "payment")
    story.person.fill("What may be disclosed", "attendance and dates")
    story.person.press("Record")
    story.is_recorded()
    story.record("Coverage verified")
    story.person.fill("Payer", "Simulated Health")
    story.person.fill("Member number", "M-100")
    story.person.choose("Level", PHP)
    story.person.press("Record")
    story.is_recorded()


def refuse_and_start(story: Story) -> None:
    """Intensive outpatient care is refused: the home is not safe; partial hospitalization is the right level."""
    story.assess("intensive_outpatient", "unsupportive", prior="yes")
    story.record("Start a level")
    story.person.choose("Level", IOP)
    story.person.press("Record")
    alert = story.page.get_by_role("alert")
    expect(alert).to_contain_text("home is unsupportive, substance-free: no")
    expect(alert).to_contain_text("Arrange sober living, or start a higher level of care.")
    if story.chart == "CJ-wide":
        assert in_every_look(story.page) == []
    story.assess("partial_hospitalization", "unsupportive", prior="yes")
    story.record("Start a level")
    story.person.choose("Level", PHP)
    story.person.fill("Program", "Day programme")
    story.person.press("Record")
    story.is_recorded()
    story.person.sees(PHP)


def step_down(story: Story) -> None:
    """Two weeks later: one form ends partial hospitalization and starts intensive outpatient care."""
    story.begin_day("clinician", 14)
    story.assess("intensive_outpatient", "supportive", prior="yes")
    story.record("Step down or up")
    story.person.choose("Reason", "completed")
    story.person.choose("Level", IOP)
    story.person.press("Record")
    story.is_recorded()
    entries = story.page.locator("details.entry.k-level")
    expect(entries.filter(has_text=f"{PHP} ended")).to_have_count(1)
    expect(entries.filter(has_text=f"{IOP} started")).to_have_count(1)


def chart_a_group(story: Story) -> None:
    """The next day's group, charted once for three."""
    story.begin_day("clinician", 1)
    story.person.open("/group-session?level=intensive_outpatient")
    lists = story.page.locator("select[name^='was:']")
    story.person.fill("Topic", "Relapse prevention")
    own = story.page.locator(f"select[name='was:{story.chart}']")
    others = [one for one in lists.all() if one.get_attribute("name") != f"was:{story.chart}"][:2]
    order = [
        one
        for one in lists.all()
        if one.get_attribute("name") in {each.get_attribute("name") for each in (own, *others)}
    ]
    for one in order:
        story.person.choose_in(one, "present")
    story.person.press("Record for all marked")
    expect(story.page.get_by_role("status").first).to_contain_text("Recorded for 3 clients")
    story.person.open(f"/clients/{story.chart}")
    story.person.sees("Group session attended")


def screen_and_correct(story: Story) -> None:
    """A positive screen raises a flag, until the laboratory says that it was somebody else's."""
    story.begin_day("clinician", 1)
    story.record("Drug screen result")
    story.person.fill("Positive", "cocaine")
    story.person.press("Record")
    story.is_recorded()
    flag = story.page.locator(".flag", has_text="Positive screen today")
    expect(flag).to_be_visible()
    story.mistaken = story.programme.clock.now + timedelta(minutes=5)
    story.programme.clock.move(minutes=10)
    story.person.follow("Correct or take it back")
    story.person.fill("Positive", "")
    story.person.fill("Why it is corrected", "The laboratory had mixed up two samples")
    story.person.press("Correct")
    story.is_recorded()
    expect(flag).to_have_count(0)
    entry = story.page.locator("details.entry", has_text="corrected").first
    story.person.activate(entry.locator("summary"))
    expect(entry).to_contain_text("The laboratory had mixed up two samples")
    expect(entry).to_contain_text(re.compile("cocaine", re.IGNORECASE))


def complete_and_follow_up(story: Story) -> None:
    """Six weeks on the plan is done; thirty days later the client is well."""
    story.begin_day("clinician", 42)
    story.record("End a level")
    story.person.choose("Level", IOP)
    story.person.choose("Reason", "completed")
    story.person.press("Record")
    story.is_recorded()
    story.begin_day("clinician", 30)
    story.person.find(story.chart)
    story.person.sees("follow-up")
    story.record("Follow-up held")
    story.person.choose("Days after the stay", "30")
    story.person.choose("Abstinent past 30 days", "yes")
    story.person.choose("Employed", "yes")
    story.person.press("Record")
    story.is_recorded()
    expect(story.page.locator("details.entry.k-after").first).to_contain_text("30-day follow-up")


def audit(story: Story) -> None:
    """An auditor replays what was known when, and reads who looked at the chart."""
    story.begin_day("auditor", 1)
    story.person.find(story.chart)
    story.person.follow("History of the record: who recorded what, when, and what was changed")
    rows = story.page.locator("tbody tr")
    expect(rows.filter(has_text="Client registered")).to_have_count(1)
    expect(rows.filter(has_text="Entry corrected")).to_contain_text(re.compile("cocaine", re.IGNORECASE))
    then = story.mistaken.strftime("%Y-%m-%dT%H:%M")
    story.person.fill_date("Known on", then)
    story.person.fill_date("and on", (story.mistaken + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M"))
    story.person.press("Show what changed")
    story.person.sees("What became known")
    expect(rows.filter(has_text="Entry corrected")).to_have_count(1)
    expect(rows.filter(has_text="Client registered")).to_have_count(0)
    story.person.open(f"/clients/{story.chart}?as_of={then}")
    story.person.sees("Viewing as known on")
    story.person.sees("Positive screen today")
    story.person.open(f"/clients/{story.chart}/disclosures")
    expect(rows.filter(has_text="demo-clinician").first).to_be_visible()
    story.person.open("/dashboards/completion?level=partial_hospitalization&from=2026-03-16&to=2026-03-16")
    expect(story.page.get_by_role("row", name=re.compile(PHP[:23])).first).to_contain_text("100.0 %")


def report(story: Story) -> None:
    """An analyst sees rates with their definition, and no chart."""
    story.begin_day("analyst")
    story.person.open("/dashboards/completion")
    story.person.sees("Source:")
    expect(story.page.locator(".chart.drawn").first).to_be_visible()
    story.person.choose_in(story.page.locator("select[name=by]"), "Level and program")
    story.page.wait_for_url(re.compile("by=level%2Cprogram"))
    expect(story.page.get_by_role("cell", name=PHP).first).to_be_visible()
    expect(story.page.get_by_role("link", name="CSV").first).to_be_visible()
    story.person.open(f"/clients/{story.chart}")
    story.person.sees("Not for your role")
