"""What somebody typed is kept for them, for this form and these clients, and for nobody and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from api.app import create_app
from domain.commands import Record
from domain.events import AssessmentCompleted, ClientRegistered, LevelOfCareStarted
from domain.vocabulary import Slot
from infra.bootstrap import Services, open_services
from infra.commands.handle import handle
from infra.eventstore.log import Author
from infra.settings import Settings
from tests.api.access.conftest import Hands
from tests.browser.axe import in_every_look
from tests.browser.conftest import Begin, running

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
AUTHOR = Author("demo-clinician", "clinician", "tests", "north")
SLOTS: dict[str, Slot] = {"UX-1": "morning", "UX-10": "morning", "UX-3": "evening", "UX-4": "evening"}
GROUP = "/group-session?level=intensive_outpatient"


class Ward:
    """A running server with four clients at one level in two slots, the hands of its clock, a person's browser."""

    def __init__(self, services: Services, clock: Hands, address: str, page: Page) -> None:
        self.services, self.clock, self.address, self.page = services, clock, address, page

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self) -> None:
        self.page.get_by_role("button", name="Continue as clinician").click()

    def mark(self, chart: str, was: str = "there") -> None:
        self.page.locator(f"select[name='was:{chart}']").select_option(was)

    def marked(self) -> dict[str, str]:
        lists = self.page.locator("select[name^='was:']").all()
        found = {(one.get_attribute("name") or "").removeprefix("was:"): one.input_value() for one in lists}
        return {chart: was for chart, was in found.items() if was}

    def sessions(self) -> dict[str, int]:
        log = self.services.log
        types = {chart: [entry.type for entry in log.stream(log.client_id(chart))] for chart in SLOTS}
        return {chart: own.count("SessionAttended") for chart, own in types.items() if "SessionAttended" in own}


def admit(services: Services, chart: str, slot: Slot, at: datetime) -> None:
    """Register, assess and start intensive outpatient care."""
    found = AssessmentCompleted.model_validate(
        {
            "assessor": "demo-clinician",
            "edition": 3,
            "asam": [1, 1, 2, 2, 2, 2],
            "recommended_level": "intensive_outpatient",
            "needs_24h_supervision": False,
            "mental_health_severity": "mild",
            "home": "supportive",
            "substance_free_home": True,
            "motivated": True,
            "completed_prior_level": True,
        }
    )
    registered = ClientRegistered(name="Person, Simulated", birth_date=at.date().replace(year=1990))
    started = LevelOfCareStarted(level="intensive_outpatient", slot=slot)
    for event in (registered, found, started):
        handle(services.log, chart, Record(event, at - timedelta(hours=1)), author=AUTHOR, now=at)
    services.catch_up()


@pytest.fixture
def ward(tmp_path_factory: pytest.TempPathFactory, begin: Begin) -> Iterator[Ward]:
    """A clinician who has signed in, on a Monday."""
    clock = Hands(MONDAY)
    url = SecretStr(f"sqlite:///{tmp_path_factory.mktemp('ward') / 'log.db'}")
    services = open_services(Settings(database_url=url, demo=True), clock)
    for chart, slot in SLOTS.items():
        admit(services, chart, slot, MONDAY)
    with running(create_app(services)) as address:
        ward = Ward(services, clock, address, begin(MONDAY, locale="en-US").new_page())
        ward.open("/")
        ward.sign_in()
        yield ward


def test_a_second_press_charts_nobody_unasked(ward: Ward) -> None:
    page = ward.page
    ward.open(GROUP)
    page.get_by_label("Topic").fill("mindfulness")
    ward.mark("UX-1")
    ward.mark("UX-3")
    page.get_by_role("button", name="Record for all marked").click()
    expect(page.get_by_role("status")).to_contain_text("Recorded for 2 clients")
    assert (ward.marked(), page.get_by_label("Topic").input_value()) == ({}, "")
    ward.mark("UX-1")
    page.get_by_role("button", name="Record for all marked").click()
    expect(page.get_by_role("alert")).to_contain_text("by demo-clinician")
    assert ward.sessions() == {"UX-1": 1, "UX-3": 1}
    assert in_every_look(page) == []
    page.get_by_role("checkbox", name="record it again").check()
    page.get_by_role("button", name="Record for all marked").click()
    expect(page.get_by_role("status")).to_contain_text("Recorded for 1 client")
    assert ward.sessions() == {"UX-1": 2, "UX-3": 1}


def test_marks_stay_with_their_clients_in_another_slot(ward: Ward) -> None:
    ward.open(GROUP)
    ward.mark("UX-1")
    ward.mark("UX-3", "excused")
    for slot, marked in {"evening": {"UX-3": "excused"}, "morning": {"UX-1": "there"}}.items():
        ward.page.locator("select[name=slot]").first.select_option(slot)
        ward.page.wait_for_url(f"**slot={slot}*")
        assert ward.marked() == marked
        assert ward.page.locator("#f-slot").input_value() == slot


def test_marks_stay_with_their_clients_when_somebody_is_admitted(ward: Ward) -> None:
    ward.open(GROUP)
    ward.mark("UX-10")
    ward.mark("UX-3")
    admit(ward.services, "UX-0", "morning", MONDAY)
    ward.open(GROUP)
    assert ward.marked() == {"UX-10": "there", "UX-3": "there"}


def test_no_mark_is_left_on_the_next_day(ward: Ward) -> None:
    ward.open(GROUP)
    ward.mark("UX-1")
    ward.clock.move(days=1)
    ward.open(GROUP)
    ward.sign_in()
    assert ward.page.url.endswith("/group-session") or ward.page.url.endswith(GROUP)
    assert ward.marked() == {}


def test_a_recorded_form_takes_its_own_draft_and_no_other(ward: Ward) -> None:
    page = ward.page
    for chart in ("UX-10", "UX-1"):
        ward.open(f"/clients/{chart}/record/add-note")
        page.locator("#f-text").fill(f"a note for {chart}")
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_url("**recorded=*")
    ward.open("/clients/UX-10/record/add-note")
    assert page.locator("#f-text").input_value() == "a note for UX-10"
    ward.open("/clients/UX-1/record/add-note")
    assert page.locator("#f-text").input_value() == ""


def test_back_and_a_change_are_no_dead_end(ward: Ward) -> None:
    page = ward.page
    ward.open("/clients/UX-1/record/add-note")
    held = page.locator("form.write input[name=key], form.write input[name=seen]")
    before: list[str] = held.evaluate_all("fields => fields.map(field => field.value)")
    page.locator("#f-text").fill("came in time")
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_url("**recorded=*")
    page.go_back()  # as a browser that keeps the page shows it
    held.evaluate_all("(fields, before) => fields.forEach((field, place) => { field.value = before[place]; })", before)
    page.locator("#f-text").fill("came in time, left early")
    page.get_by_role("button", name="Record", exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("This form was recorded before you changed it")
    expect(alert.get_by_role("link", name="The entry in chart UX-1")).to_be_visible()
    assert in_every_look(page) == []
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_url("**recorded=*")
    log = ward.services.log
    assert [entry.type for entry in log.stream(log.client_id("UX-1"))].count("NoteAdded") == 2


@pytest.mark.parametrize("path", ["/clients/UX-1/record/attend-session", GROUP])
def test_another_kind_of_session_brings_its_length_unless_somebody_gave_it(ward: Ward, path: str) -> None:
    kind, minutes = ward.page.locator("form.write select[name=kind]"), ward.page.locator("#f-minutes")
    ward.open(path)
    expect(minutes).to_have_value("180")
    kind.select_option("individual")
    expect(minutes).to_have_value("60")
    ward.open(path)
    expect(minutes).to_have_value("60")
    kind.select_option("group")
    expect(minutes).to_have_value("180")
    minutes.fill("150")
    kind.select_option("individual")
    expect(minutes).to_have_value("150")


LOOKED_AT = "document.dispatchEvent(new Event('visibilitychange'))"


def test_who_is_about_to_be_signed_out_is_told_and_can_stay(ward: Ward) -> None:
    page = ward.page
    ward.open("/clients/UX-1/record/add-note")
    ward.clock.move(minutes=29)
    page.evaluate(LOOKED_AT)
    expect(page.get_by_role("alert")).to_contain_text("You will be signed out soon")
    assert in_every_look(page) == []
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    ward.clock.move(minutes=29)
    page.evaluate(LOOKED_AT)
    expect(page.get_by_role("alert")).to_contain_text("You will be signed out soon")


@pytest.mark.parametrize("by", ["itself", "sending"])
def test_a_note_outlives_the_session_for_its_writer(ward: Ward, by: str) -> None:
    page = ward.page
    ward.open("/clients/UX-1/record/add-note")
    page.locator("#f-text").fill("came in time")
    ward.clock.move(minutes=31)
    if by == "itself":
        page.evaluate(LOOKED_AT)
    else:
        page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed was not recorded")
    ward.sign_in()
    expect(page.locator("#f-text")).to_have_value("came in time")
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_url("**recorded=*")


def test_nobody_else_at_the_tab_finds_the_note(ward: Ward) -> None:
    page = ward.page
    ward.open("/clients/UX-1/record/give-consent")
    page.locator("#f-purpose").fill("treatment")
    ward.clock.move(minutes=31)
    page.evaluate(LOOKED_AT)
    page.get_by_role("button", name="Continue as intake").click()
    page.wait_for_url("**/give-consent")
    expect(page.locator("#f-purpose")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter(name => name.startsWith('draft:')).length") == 0
