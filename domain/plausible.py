"""What an entry says inside is possible: scores in their range, dates in a life and in order, codes of their shape.

Each rule is silent where a personal field is sealed or its key is gone. No refusal tells a personal value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from domain.entries import Entry
from domain.events import (
    AbstinenceReported,
    ClientDetailsUpdated,
    ClientRegistered,
    ConsentGiven,
    CoverageVerified,
    DiagnosisRecorded,
    FlagAssigned,
    FlagDone,
    FlagSnoozed,
    InstrumentScored,
    LevelOfCareStarted,
    UseReported,
)
from domain.instruments import instrument, known_names
from domain.phrases import Phrase
from domain.refusals import Refusal
from domain.vocabulary import FLAGS

_RULED = frozenset(
    {
        AbstinenceReported,
        ClientDetailsUpdated,
        ClientRegistered,
        ConsentGiven,
        CoverageVerified,
        DiagnosisRecorded,
        FlagAssigned,
        FlagDone,
        FlagSnoozed,
        InstrumentScored,
        LevelOfCareStarted,
        UseReported,
    }
)  # the types that have rules here: most entries have none, and to ask by type alone is quick
LONGEST_LIFE_DAYS = 130 * 366
GRACE_DAYS = 1  # a day inside an entry may be that of a place further east

# ICD-10-CM: a letter, a digit, a digit or letter, then up to four more after a dot that claims leave out.
_ICD10 = re.compile(r"[A-Z][0-9][0-9AB](?:\.?[0-9A-Z]{1,4})?", re.IGNORECASE)
_SUBSTANCES = re.compile(r"F1", re.IGNORECASE)  # F10–F19: disorders due to psychoactive substance use
_MENTAL = re.compile(r"F[234]", re.IGNORECASE)  # F20–F48: psychotic, mood, anxiety and stress disorders


def implausible(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Refusal]]:
    """Each entry that says what cannot be, with why."""
    born = _birth_day(entries)
    for entry in entries:
        if type(entry.event) in _RULED or (born is not None and entry.day < born - GRACE_DAYS):
            yield from ((entry, refusal) for refusal in _refusals(entry, born))


def _birth_day(entries: Sequence[Entry]) -> int | None:
    """The latest birth date that can be one (proleptic ordinal), or None."""
    days = [
        entry.event.birth_date.toordinal()
        for entry in entries
        if type(entry.event) in _OF_BIRTH
        and isinstance(entry.event, ClientRegistered | ClientDetailsUpdated)
        and entry.event.birth_date is not None
        and _can_be_born(entry.event.birth_date.toordinal(), entry.day)
    ]
    return days[-1] if days else None


def _can_be_born(born: int, day: int) -> bool:
    return day - LONGEST_LIFE_DAYS <= born <= day + GRACE_DAYS


def _refusals(entry: Entry, born: int | None) -> Iterator[Refusal]:
    event = entry.event
    if born is not None and entry.day < born - GRACE_DAYS and type(event) not in _OF_BIRTH:
        yield _UNBORN
    match event:
        case InstrumentScored():
            yield from _score(event)
        case DiagnosisRecorded():
            yield from _code(event)
        case ClientRegistered() | ClientDetailsUpdated():
            if event.birth_date is not None and not _can_be_born(event.birth_date.toordinal(), entry.day):
                yield _BIRTH
        case UseReported():
            yield from _reported("on", event.on.toordinal(), event.on.toordinal(), entry.day, born)
        case AbstinenceReported():
            through = event.through.toordinal()
            yield from _reported("through", through, through - max(0, event.days - 1), entry.day, born)
        case FlagAssigned() | FlagSnoozed() | FlagDone():
            yield from _flag(event, entry.day)
        case _:
            yield from _order(entry)


def _score(event: InstrumentScored) -> Iterator[Refusal]:
    known = instrument(event.instrument)
    if known is None:
        yield Refusal(
            "known_instrument",
            Phrase("instrument: it is none that is known here"),
            Phrase(
                "Choose one of {names}; a programme's own is named with its range in CAREJOURNEY_INSTRUMENTS.",
                names=known_names(),
            ),
        )
    elif not known.allows(event.score):
        yield Refusal(
            "score_within_range",
            Phrase("score: it is none that {instrument} can have", instrument=known.title),
            Phrase("Give a whole number from {lowest} to {highest}.", lowest=known.lowest, highest=known.highest)
            if known.whole
            else Phrase("Give a number from {lowest} to {highest}.", lowest=known.lowest, highest=known.highest),
        )


def _code(event: DiagnosisRecorded) -> Iterator[Refusal]:
    code = event.icd10.strip()
    if not _ICD10.fullmatch(code):
        yield Refusal(
            "icd10_code",
            Phrase("icd10: it is no ICD-10-CM code"),
            Phrase("Give the code as F11.20: a letter, two digits, and after a dot up to four more."),
        )
    elif (_MENTAL if event.category == "substance_use" else _SUBSTANCES).match(code):
        yield _OTHER_CATEGORY


def _flag(event: FlagAssigned | FlagSnoozed | FlagDone, day: int) -> Iterator[Refusal]:
    if event.flag not in FLAGS:
        yield Refusal(
            "known_flag",
            Phrase("flag: it is none that is raised here"),
            Phrase("Choose one of {names}.", names=", ".join(sorted(FLAGS))),
        )
    if event.since.toordinal() > day + GRACE_DAYS:
        yield Refusal(
            "date_not_after_entry",
            Phrase("{field}: it is after the day of the entry", field=Phrase("since")),
            Phrase("Give the day from which the flag has been up."),
        )
    if isinstance(event, FlagSnoozed) and event.until.toordinal() <= day:
        yield Refusal(
            "snoozed_until_a_later_day",
            Phrase("until: it is not after the day of the entry"),
            Phrase("Give a later day; mark the flag as done where nothing is to follow."),
        )


_OTHER_CATEGORY = Refusal(
    "category_fits_code",
    Phrase("category: the code is of the other one"),
    Phrase("F10–F19 are substance_use, F20–F48 mental_health: correct the code or the category."),
)
_OF_BIRTH = frozenset({ClientRegistered, ClientDetailsUpdated})
_UNBORN = Refusal(
    "entry_not_before_birth",
    Phrase("the entry is before the client was born"),
    Phrase("Check the time of the entry, or correct the birth date."),
)
_BIRTH = Refusal(
    "possible_birth_date",
    Phrase("birth_date: it is after this entry, or more than 130 years before it"),
    Phrase("Check the year of the birth date."),
)


def _reported(field: str, last: int, first: int, day: int, born: int | None) -> Iterator[Refusal]:
    """Days that a client reports, from ``first`` to ``last``: none after the entry, none before the client's birth."""
    if last > day + GRACE_DAYS:
        yield Refusal(
            "date_not_after_entry",
            Phrase("{field}: it is after the day of the entry", field=Phrase(field)),
            Phrase("Report what has been, not what will be."),
        )
    if first < (day - LONGEST_LIFE_DAYS if born is None else born):
        yield Refusal(
            "date_not_before_birth",
            Phrase("{field}: the days reach to before the client was born", field=Phrase(field)),
            Phrase("Check the dates and the number of days, or correct the birth date."),
        )


def _order(entry: Entry) -> Iterator[Refusal]:
    """Ends before their beginnings: a period's own, a stay's planned one, a consent's.

    A plan may keep a planned end that has passed: who stays longer has one.
    """
    event, day = entry.event, entry.day
    match event:
        case CoverageVerified(authorized_from=start, authorized_to=end) if start and end and end < start:
            yield _early("authorized_to", Phrase("authorized_from"))
        case ConsentGiven(expires_on=end) if end and end.toordinal() < day:
            yield _early("expires_on", _ENTRY_DAY)
        case LevelOfCareStarted(planned_end_on=end) if end and end.toordinal() < day:
            yield _early("planned_end_on", _ENTRY_DAY)
        case _:
            pass


_ENTRY_DAY = Phrase("the day of the entry")


def _early(field: str, start: Phrase) -> Refusal:
    return Refusal(
        "dates_in_order",
        Phrase("{field}: it is before {start}", field=Phrase(field), start=start),
        Phrase("Check both dates."),
    )
