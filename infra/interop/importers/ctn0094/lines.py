"""From the tables to import lines: one client after the other, each in clinical order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from operator import itemgetter

from infra.interop.importers.ctn0094.account import Account
from infra.interop.importers.ctn0094.chart import Calendar, Chart, Line
from infra.interop.importers.ctn0094.people import add_details, add_screening
from infra.interop.importers.ctn0094.reports import add_doses, add_use, add_withdrawal
from infra.interop.importers.ctn0094.screens import add_screens
from infra.interop.importers.ctn0094.stays import add_arm, add_detox, add_end
from infra.interop.importers.ctn0094.tables import Tables
from infra.interop.importers.ctn0094.visits import add_visits

_REFERENCE = ("first_survey", "meta_study_length", "meta_substance_groups_uds")


def lines(tables: Tables, day_zero: date, account: Account | None = None) -> Iterator[list[Line]]:
    """The lines of each person of ``everybody``, by rising number, each person's in clinical order (UTC).

    ``day_zero`` is the date of every person's consent (day 0). ``account`` is opened anew and complete when
    the iterator is exhausted. Two runs over the same tables give the same lines and event ids; ids do not
    depend on ``day_zero``.
    """
    account = Account() if account is None else account
    account.open(tables)
    calendar = Calendar(day_zero)
    for who in sorted(tables.everybody.by_who):
        yield _person(tables, who, calendar, account)
    _leave_reference(tables, account)
    _leave_strangers(tables, account)


def last_day(tables: Tables) -> int:
    """The latest day of all rows that become events, relative to consent."""
    days = [0]
    for table in tables.all():
        if table.name not in _REFERENCE:
            days += [row.day for rows in table.by_who.values() for row in rows if getattr(row, "day", None) is not None]
    return max(days)


def _person(tables: Tables, who: int, calendar: Calendar, account: Account) -> list[Line]:
    project = tables.everybody.of(who)[0].project
    chart = Chart(who, _site(tables, who, account), calendar.iso, account)
    _merge_first(account, "everybody", who, [row.row for row in tables.everybody.of(who)])
    visits = tables.visit.of(who)
    add_details(chart, tables.demographics.of(who))
    add_screening(chart, tables.screening_date.of(who))
    stays = add_detox(chart, tables.detox.of(who))
    arm = add_arm(chart, project, tables.randomization.of(who), stays)
    if arm is not None:
        stays = [*stays, add_end(chart, arm.day or 0, visits)]
    add_visits(chart, visits, stays)
    add_screens(chart, visits, tables.uds.of(who), tables.uds_temp.of(who))
    add_doses(chart, arm, tables.treatment.of(who), stays)
    add_use(chart, tables.tlfb.of(who))
    add_withdrawal(chart, project, tables.withdrawal.of(who))
    chart.lines.sort(key=itemgetter("occurred_at"))
    return chart.lines


def _site(tables: Tables, who: int, account: Account) -> str:
    rows = tables.site_masked.of(who)
    _merge_first(account, "site_masked", who, [row.row for row in rows])
    return rows[0].site if rows else ""


def _merge_first(account: Account, table: str, who: int, rows: list[int]) -> None:
    """A person's one row stands in the envelope of all their events; a second row has nowhere to go."""
    for place, row in enumerate(rows):
        if place:
            account.leave(table, row, who, "a second row of the person")
        else:
            account.merge(table, row)


def _leave_reference(tables: Tables, account: Account) -> None:
    for name in _REFERENCE:
        for who, rows in getattr(tables, name).by_who.items():
            for row in rows:
                account.leave(name, row.row, who, "reference table")


def _leave_strangers(tables: Tables, account: Account) -> None:
    """Rows of people who are not in ``everybody``."""
    known = tables.everybody.by_who
    for table in tables.all():
        if table.name in _REFERENCE:
            continue
        for who, rows in table.by_who.items():
            if who not in known:
                for row in rows:
                    account.leave(table.name, row.row, who, "the person is not in everybody")
