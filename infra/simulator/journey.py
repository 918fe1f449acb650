"""One client's journey, from the first contact to the last entry before ``until``."""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from infra.simulator.amendments import amend
from infra.simulator.calibration import CONCURRENT_OTP, ENTRY, NEVER_ADMITTED, PROGRAMMES, READMITTED
from infra.simulator.care.agenda import agenda
from infra.simulator.care.individual import before_admission
from infra.simulator.care.leaves import leave
from infra.simulator.care.plan import care_for
from infra.simulator.chart import Chart, Stay
from infra.simulator.clock import DAY, HOUR, local_minute, workday
from infra.simulator.follow_up import follow_up
from infra.simulator.intake import consents, coverage, diagnoses, register
from infra.simulator.journal import Journal, Line
from infra.simulator.profile import draw, pick
from infra.simulator.schedule import Site
from infra.simulator.stays import admit, concurrent_otp, finish, finish_concurrent

MOST_STAYS = 14
DAYS_A_MONTH = 30.44


def simulate_client(rng: Random, number: int, site: Site, zone: ZoneInfo, until: datetime, months: int) -> list[Line]:
    """The import lines of one client in the order of recording, none later than ``until``; its site is in ``zone``."""
    now = local_minute(until, zone)
    journal = Journal(rng, f"SIM-{number:06d}", site, zone, now)
    profile = draw(rng)
    called = journal.office_time(now // DAY - int(rng.random() * months * DAYS_A_MONTH))
    first_contact = min(called, now - HOUR)
    chart = Chart(rng, number, site, profile, journal, now // DAY, first_contact)
    register(chart, first_contact)
    diagnoses(chart, first_contact + 50)
    consents(chart, first_contact + 70)
    key = pick(rng, ENTRY)
    if rng.random() < NEVER_ADMITTED:
        coverage(chart, key, first_contact + DAY)
    else:
        _stays(chart, key)
        follow_up(chart)
    if chart.died is not None:
        journal.drop_after(chart.died)
    amend(journal)
    agenda(chart)
    return journal.lines()


def _stays(chart: Chart, key: str) -> None:
    key = _with_methadone(chart, key)
    start = _first_start(chart, key)
    chart.first = PROGRAMMES[key].level, start
    fresh = True
    for _ in range(MOST_STAYS):
        if not key:
            return
        if start > chart.journal.until:
            chart.coming = start if not fresh and chart.stays[-1].wait else None
            return
        if fresh and key != "alumni":
            before_admission(chart, key, start - HOUR // 2)
        stay = admit(chart, key, start)
        _through(chart, stay)
        if chart.died is not None:
            return
        key, start, fresh = _next(chart, stay)


def _through(chart: Chart, stay: Stay) -> None:
    """The care of a stay, with a methadone programme beside it where one is needed."""
    beside = None
    leave(chart, stay)
    methadone = chart.profile.mat == "methadone" and stay.level == "intensive_outpatient"
    if methadone and stay.last_day - stay.first_day > 6 and chart.chance(CONCURRENT_OTP):
        beside = concurrent_otp(chart, stay)
        care_for(chart, beside)
    care_for(chart, stay)
    if beside:
        finish_concurrent(chart, beside, stay)
    finish(chart, stay)


def _first_start(chart: Chart, key: str) -> int:
    """Detox within two days, other levels within two weeks of the first contact."""
    wait = chart.rng.randint(1, 2) if key == "detox" else chart.rng.randint(2, 14)
    return _morning(chart, key, chart.registered // DAY + wait)


def _morning(chart: Chart, key: str, day: int) -> int:
    open_daily = key in ("detox", "short_residential", "long_residential")
    return (day if open_daily else workday(day)) * DAY + 10 * HOUR + chart.rng.randint(0, 90)


def _next(chart: Chart, stay: Stay) -> tuple[str, int, bool]:
    """The next programme, when it starts, and whether it is a new admission from outside."""
    rng = chart.rng
    if stay.following:
        key = _with_methadone(chart, stay.following)
        start = stay.end if not stay.wait else _morning(chart, key, stay.last_day + stay.wait)
        return key, start, False
    if rng.random() >= READMITTED[stay.reason]:
        return "", 0, False
    gap = 6 + round(rng.lognormvariate(3.7, 0.8))
    key = pick(rng, ENTRY)
    return _with_methadone(chart, key), _morning(chart, key, stay.last_day + gap), True


def _with_methadone(chart: Chart, key: str) -> str:
    """Who takes methadone gets outpatient care in the methadone programme."""
    return "otp" if key == "outpatient" and chart.profile.mat == "methadone" else key
