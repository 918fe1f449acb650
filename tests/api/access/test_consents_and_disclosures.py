"""Part 2 consents: given, expiring, expired, revoked, entered in error; nothing leaves without one, all is accounted for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.http.examples import EXAMPLES
from domain.days import Calendar
from infra.disclosure.consents import NOTICE, consents_of, described, may_disclose
from infra.disclosure.disclosures import DisclosureRefusedError, accounting, disclose
from infra.eventstore.client_chart import open_chart
from infra.identity.people import operator
from tests.api.access.conftest import House

CLINIC = "Riverside Clinic (simulated)"


@pytest.fixture(autouse=True)
def client(house: House) -> None:
    house.admit("A-1", "north")


def give(house: House, **data: Any) -> None:
    house.record(
        "A-1",
        "give-consent",
        **{"consent_id": "c1", "recipient": CLINIC, "purpose": "treatment", "scope": None, "expires_on": None, **data},
    )


def decide(house: House, recipient: str = CLINIC, purpose: str = "treatment", **more: Any) -> Any:
    return may_disclose(
        open_chart(house.services.log, "A-1"), recipient, purpose, house.hands.now, house.services.zone, **more
    )


def test_without_a_consent_nothing_leaves(house: House) -> None:
    decision = decide(house)
    assert not decision.allowed
    assert "no consent" in decision.reason
    assert decision.notice == ""


def test_a_consent_covers_its_recipient_and_purpose_and_the_notice_goes_along(house: House) -> None:
    give(house)
    decision = decide(house, f"  {CLINIC.upper()} ")
    assert decision.allowed
    assert decision.notice == NOTICE
    assert "42 CFR part 2" in described(decision)["notice"]
    assert described(decision)["consent"] == "c1"
    assert not decide(house, "Another Clinic").allowed
    assert not decide(house, purpose="payment").allowed


def test_one_consent_may_cover_treatment_payment_and_operations(house: House) -> None:
    give(house, purpose="TPO")
    assert all(decide(house, purpose=purpose).allowed for purpose in ("treatment", "payment", "operations"))
    assert not decide(house, purpose="audit").allowed


def test_a_consent_with_a_scope_covers_that_scope_only(house: House) -> None:
    give(house, scope="attendance")
    assert not decide(house).allowed
    assert decide(house, scope="Attendance").allowed
    assert not decide(house, scope="drug screens").allowed


def test_a_consent_runs_out_after_its_last_day(house: House) -> None:
    last = house.hands.now.date() + timedelta(days=40)
    give(house, expires_on=last.isoformat())
    chart = open_chart(house.services.log, "A-1")
    seen = [
        (days, consents_of(chart.entries, house.hands.now + timedelta(days=days), house.services.zone)[0].state)
        for days in (0, 25, 26, 40, 41)
    ]
    assert seen == [(0, "given"), (25, "given"), (26, "expiring"), (40, "expiring"), (41, "expired")]
    house.hands.move(days=40)
    assert decide(house).allowed
    house.hands.move(days=1)
    assert decide(house).reason == "the consent is expired"


@pytest.mark.parametrize(
    ("zone", "holds_until"),
    [
        ("UTC", "2026-03-10T23:59:59+00:00"),
        ("America/Denver", "2026-03-10T23:59:59-06:00"),
        ("Pacific/Auckland", "2026-03-10T23:59:59+13:00"),
    ],
)
def test_the_last_day_is_the_facilitys_and_ends_there(house: House, zone: str, holds_until: str) -> None:
    give(house, expires_on="2026-03-10")
    chart = open_chart(house.services.log, "A-1")
    last = datetime.fromisoformat(holds_until)
    for written in (last, last.astimezone(UTC), last.astimezone(ZoneInfo("Asia/Tokyo"))):
        moments = (written, written + timedelta(seconds=1))
        states = [consents_of(chart.entries, moment, ZoneInfo(zone))[0].state for moment in moments]
        assert states == ["expiring", "expired"]


def test_a_disclosure_asks_on_the_facilitys_day(house: House) -> None:
    house.services.log.calendar = Calendar("America/Denver")
    give(house, expires_on="2026-03-10")
    house.hands.now = datetime(2026, 3, 11, 5, 59, tzinfo=UTC)  # a minute before midnight in Denver
    who = operator("export")
    assert disclose(house.services, who, "A-1", recipient=CLINIC, purpose="treatment", what="all")[1].allowed
    house.hands.move(minutes=1)
    with pytest.raises(DisclosureRefusedError, match="expired"):
        disclose(house.services, who, "A-1", recipient=CLINIC, purpose="treatment", what="all")


def test_a_revoked_consent_opens_nothing_and_a_new_one_does(house: House) -> None:
    give(house)
    house.hands.move(hours=1)
    house.record("A-1", "revoke-consent", consent_id="c1")
    assert decide(house).reason == "the consent is revoked"
    house.hands.move(hours=1)
    give(house, consent_id="c2")
    assert decide(house).allowed


def test_a_consent_entered_in_error_opens_nothing(house: House) -> None:
    give(house)
    consent = house.services.log.stream(house.services.log.client_id("A-1"))[-1]
    house.hands.move(hours=1)
    house.record("A-1", "retract", target=consent.event_id, reason="another client's form")
    assert "no consent" in decide(house).reason


def test_after_the_death_the_personal_representatives_consent_opens_and_the_clients_does_not(house: House) -> None:
    """42 CFR 2.15(b)(2)."""
    house.record("A-1", "record-death")
    house.hands.now += timedelta(days=1)
    body = {"occurred_at": house.hands.now.isoformat(), "data": {**EXAMPLES["give-consent"], "signed_by": "client"}}
    answer = house.api("clinician").post("/api/v1/clients/A-1/commands/give-consent", json=body)
    assert answer.status_code == 422
    assert "personal representative" in answer.json()["refusals"][0]["remedy"]
    assert not decide(house).allowed
    give(house, signed_by="personal_representative")
    decision = decide(house)
    assert decision.allowed
    assert described(decision)["signed_by"] == "personal representative"


def test_an_emergency_needs_its_nature_in_words_and_is_flagged(house: House) -> None:
    assert not decide(house, purpose="emergency").allowed
    assert not decide(house, purpose="emergency", emergency="urgent").allowed
    assert decide(house, purpose="emergency", emergency="overdose, unconscious").allowed
    who = operator("export events")
    disclose(
        house.services,
        who,
        "A-1",
        recipient="County ER",
        purpose="emergency",
        what="every entry",
        emergency="overdose, unconscious",
    )
    (entry,) = house.entries("A-1", "RecordsDisclosed")
    assert entry.broken


def test_every_disclosure_and_refusal_is_recorded_and_accounted_for(house: House) -> None:
    who = operator("export events")
    with pytest.raises(DisclosureRefusedError):
        disclose(house.services, who, "A-1", recipient=CLINIC, purpose="treatment", what="every entry")
    give(house)
    disclose(house.services, who, "A-1", recipient=CLINIC, purpose="treatment", what="every entry")
    (row,) = accounting(house.services, house.services.log.client_id("A-1"))
    assert (row.recipient, row.what, row.purpose, row.basis) == (CLINIC, "every entry", "treatment", "consent c1")
    assert len(house.entries("A-1", "DisclosureRefused")) == 1
    answer = house.api("auditor").get("/api/v1/clients/A-1/disclosures").json()
    assert [line["recipient"] for line in answer["disclosures"]] == [CLINIC]
    page = house.browser("auditor").get("/clients/A-1/disclosures").text
    assert CLINIC in page
    assert "disclosure refused" in page


def test_an_accounting_goes_back_six_years(house: House) -> None:
    give(house)
    who = operator("export events")
    disclose(house.services, who, "A-1", recipient=CLINIC, purpose="treatment", what="every entry")
    client_id = house.services.log.client_id("A-1")
    house.hands.move(days=6 * 365)
    assert len(accounting(house.services, client_id)) == 1
    house.hands.move(days=3)
    assert accounting(house.services, client_id) == []


def test_the_recipient_is_sealed(house: House) -> None:
    give(house)
    disclose(house.services, operator("x"), "A-1", recipient=CLINIC, purpose="treatment", what="every entry")
    assert CLINIC.encode() not in b"".join(row.state for row in house.services.people.log.recorder.page(0, 100))
