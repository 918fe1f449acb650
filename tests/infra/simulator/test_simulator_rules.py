"""Simulated histories keep the rules of care, but for the dirt that is named."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from summary import UNTIL, effective_of, entries_of, entry_of, stays_of

from domain.commands import Command, Correct, Record, Retract
from domain.decisions import History, decide
from domain.entries import Entry, effective
from domain.events import EntryCorrected, EntryRetracted, SessionAttended
from domain.invariants import broken_rules
from domain.journey import fold
from domain.refusals import CommandRefusedError
from infra.simulator import simulate
from tests.day import UTC_DAYS
from tests.depth import cases

CLIENTS = cases(100, 300)


def test_only_sessions_charted_after_the_end_break_a_rule() -> None:
    """``session_after_end`` of the calibration table: about one in a hundred discharges from care."""
    broken: Counter[tuple[str, str]] = Counter()
    ended = 0
    for lines in simulate(cases(600, 900), 11, until=UNTIL):
        counted = effective_of(lines)
        kinds = {entry.event_id: entry.type for entry in counted}
        ended += sum(stay.end is not None for stay in stays_of(lines))
        broken.update((rule, kinds[entry_id]) for rule, entry_id in broken_rules(fold(counted), counted))
    assert set(broken) == {("belongs_to_an_open_level", "SessionAttended")}
    assert broken.total() < 0.02 * ended


def test_nothing_is_foreseen_beyond_a_death() -> None:
    """Consents, interviews and phone numbers planned for later never happen."""
    deaths = 0
    for lines in simulate(1_500, 1, until=UNTIL):
        died = [line["occurred_at"] for line in lines if line["type"] == "ClientDied"]
        for moment in died:
            deaths += 1
            amending = ("EntryCorrected", "EntryRetracted")
            assert all(line["occurred_at"] <= moment for line in lines if line["type"] not in amending)
    assert deaths > 0


def test_a_live_command_would_have_recorded_it_too() -> None:
    """Line by line, in the order of recording: assessments, criteria, levels, leaves, consents."""
    refused: list[tuple[str, str]] = []
    for lines in simulate(40, 12, until=UNTIL):
        entries: list[Entry] = []
        for place, line in enumerate(lines, start=1):
            entry = entry_of(line, place)
            try:
                history = History.of(entry.client_id, entries, UTC_DAYS)
                decide(history, _command(entry), entry.recorded_at, line["role"])
            except CommandRefusedError as error:
                refused += [(entry.type, refusal.criterion) for refusal in error.refusals]
            entries.append(entry)
    assert set(refused) <= {("SessionAttended", "belongs_to_an_open_level")}


def _command(entry: Entry) -> Command:
    event = entry.event
    if isinstance(event, EntryRetracted):
        return Retract(event.target, "wrong chart")
    if isinstance(event, EntryCorrected):
        new = event.replacement
        return Correct(event.target, new.type, new.occurred_at, new.data, "set right")
    return Record(event, entry.occurred_at)


def test_levels_never_overlap_but_where_they_may() -> None:
    """Only a methadone programme stands beside another level, and it ends with it at the latest."""
    beside = 0
    for lines in simulate(CLIENTS, 13, until=UNTIL):
        stays = stays_of(lines)
        exclusive = sorted((stay for stay in stays if stay.exclusive), key=lambda stay: stay.start)
        assert all(a.end is not None and a.end <= b.start for a, b in pairwise(exclusive))
        for stay in (stay for stay in stays if stay.concurrent):
            beside += 1
            assert any(other.covers(stay.start) and other.end == stay.end for other in exclusive)
    assert beside > 0


def test_a_step_to_another_level_is_one_moment_in_most_cases() -> None:
    """The end names the next level, and that level starts with it or within two weeks."""
    at_once, later = 0, 0
    for lines in simulate(CLIENTS, 14, until=UNTIL):
        stays = sorted((stay for stay in stays_of(lines) if not stay.concurrent), key=lambda stay: stay.start)
        for before, after in pairwise(stays):
            if before.next_level is None or before.end_day is None:
                continue
            assert after.level == before.next_level
            assert after.start_day - before.end_day <= 14
            at_once += after.start == before.end
            later += after.start != before.end
    assert at_once > 3 * later > 0


def test_what_is_charted_twice_is_mostly_taken_back() -> None:
    """``charted_twice`` of the calibration table."""
    twice, left = 0, 0
    for lines in simulate(CLIENTS, 15, until=UNTIL):
        entries = entries_of(lines)
        twice += _doubles(entries)
        left += _doubles(effective(entries))
    assert 0 < left < twice


def _doubles(entries: list[Entry]) -> int:
    sessions = [entry for entry in entries if isinstance(entry.event, SessionAttended)]
    return sum(count - 1 for count in Counter((e.at, e.event) for e in sessions).values())
