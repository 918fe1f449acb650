"""Alumni: enrolment and the contacts that follow."""

from __future__ import annotations

from typing import Final

from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import HOUR

CHANNELS: Final = ("phone", "text", "email", "visit")
TOPICS: Final = ("check_in", "milestone", "event_invitation", "support_request")


def alumni_contacts(chart: Chart, stay: Stay) -> None:
    """Enrolment at the start, then a contact every two to six weeks as long as the client answers."""
    rng = chart.rng
    data = {"channel": rng.choice(CHANNELS), "topic": "enrolment"}
    chart.journal.add("AlumniEnrolled", stay.start + 10, data, delay=10)
    day = stay.first_day + rng.randint(7, 21)
    while day <= min(stay.last_day, chart.until_day):
        at = chart.journal.office_time(day)
        if at < stay.end and stay.reached(day):
            contact = {"channel": rng.choice(CHANNELS), "topic": rng.choice(TOPICS)}
            chart.journal.add("AlumniContacted", at, contact, delay=2 * HOUR)
        day += rng.randint(14, 42)
