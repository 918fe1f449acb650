"""Words of drill-downs: names of numbers, an entry's part in a case, what made a case count."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from api.i18n.formats import day, number, words
from api.i18n.language import N_, _, translated
from api.web.dashboards import figures
from domain.phrases import Phrase
from infra.drilldown.cell import Cell

WHAT: dict[str, str] = {
    "assessed": N_("Assessed"),
    "admitted": N_("Admitted"),
    "ended": N_("Ended"),
    "died": N_("Died"),
    "followed": N_("Followed"),
    "registered": N_("Registered"),
    "scored": N_("Scored"),
    "screened": N_("Screened"),
    "reported": N_("Reported"),
    "attended": N_("Attended"),
    "missed": N_("Missed"),
    "medication": N_("Medication"),
    "diagnosed": N_("Diagnosed"),
    "followed_up": N_("Followed up"),
    "started": N_("Started"),
    "event": N_("The event"),
    "last_seen": N_("Seen last"),
}
# What made a case count, in the order in which it is shown; the rest stays in CSV and API.
FACTS: dict[str, str] = {
    "state": N_("State"),
    "reason": N_("Reason"),
    "days": N_("Days"),
    "target": N_("Followed by"),
    "pattern": N_("Weeks in order"),
    "weeks": N_("Weeks"),
    "sessions": N_("Sessions"),
    "kind": N_("Kind"),
    "slot": N_("Slot"),
    "index_day": N_("Index day"),
    "due_day": N_("Window ends"),
    "first": N_("First score"),
    "change": N_("Change"),
    "pair": N_("Screen and report"),
    "last_use_day": N_("Last use"),
    "run_days": N_("Longest run"),
    "outcome": N_("What came"),
}
NUMBERS: dict[str, str] = {
    "numerator": N_("Counted"),
    "denominator": N_("Of"),
    "first_numerator": N_("Counted"),
    "second_numerator": N_("Counted"),
    "first_denominator": N_("Of"),
    "second_denominator": N_("Of"),
    "not_yet": N_("Not yet"),
    "unknown": N_("Unknown"),
    "never_observed": N_("Never observed"),
    "open_prescriptions": N_("Open prescriptions"),
    "discharges": N_("Ended stays"),
    "stays": N_("Stays"),
    "without_screens": N_("Without any screen"),
    "clients": N_("Clients"),
    "no_shows": N_("No-shows"),
    "first_entries": N_("First"),
    "both": N_("Both"),
    "count": N_("Counted so far"),
    "at_risk": N_("At risk"),
    "weeks_below_hours": N_("Weeks below the hours"),
    "weeks_within_hours": N_("Weeks within the hours"),
    "weeks_above_hours": N_("Weeks above the hours"),
    "reported_use": N_("Reported use"),
    "events": N_("With the event"),
    "censored": N_("Censored"),
}
PAIRS: dict[str, str] = {
    "both": N_("Both"),
    "screen": N_("Screen only"),
    "report": N_("Report only"),
    "neither": N_("Neither"),
}
WEEKS: dict[str, str] = {"-": N_("clean"), "+": N_("use"), "*": N_("both"), "o": N_("missing")}
_AT_RISK = "at_risk_"
_VOCABULARY = frozenset({"measure", "step", "bound", "to", "target", "reason", "kind", "state", "slot", "outcome"})


def name_of_number(cell: Cell) -> str:
    """A number's name as people read it, as the column of its table says."""
    if cell.number.startswith(_AT_RISK):
        return _("At risk on day {day}").format(day=cell.number.removeprefix(_AT_RISK))
    known = NUMBERS.get(cell.number)
    return _(known) if known else words(cell.number)


def row_names(cell: Cell) -> list[str]:
    """What names a row, and the filters of its report, as people read them; its measure is in the title already."""
    titled = cell.report not in {"comparison", "agreement"} and not cell.params.compare
    at = {name: value for name, value in cell.at.items() if not (titled and name in {"measure", "instrument"})}
    return [_row_name(name, value) for name, value in (*at.items(), *cell.params.where.items())]


def _row_name(name: str, value: str) -> str:
    if name == "milestone":
        return translated(Phrase("{name} days", name=value))
    if name == "day":
        return value if value.isdecimal() else day(value)
    return _named(name, value)


def _named(name: str, value: str) -> str:
    if name == "pair":
        return _(PAIRS[value])
    shown = figures.group_of(name, value)
    return words(value) if name in _VOCABULARY and shown == value else shown


def what(word: str) -> str:
    """What an entry is to a case."""
    return _(WHAT[word])


def weeks_said(pattern: str) -> str:
    """A stay's weekly pattern in words, week after week: how many in a row were clean, use, both or missing."""
    runs = [(symbol, len(list(weeks))) for symbol, weeks in groupby(pattern)]
    return ", ".join(f"{number(count)} {_(WEEKS[symbol])}" for symbol, count in runs)


def fact(name: str, value: Any) -> str:
    """What made a case count, as people read it."""
    if isinstance(value, date):
        return day(value)
    if name == "pattern":
        return weeks_said(str(value))
    return _named(name, value) if isinstance(value, str) else number(value)
