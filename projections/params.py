"""Parameters as people write them: days, moments, pairs, lists; parsed by one rule for every way in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo

from domain.phrases import Phrase
from projections.filters import FilterError

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # later ones overflow in some zone
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def known_day(text: str) -> date | None:
    """A day as 2026-01-31; None for what is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def known_moment(text: str) -> datetime | None:
    """A date and time in ISO 8601, with or without its offset; None for what is none.

    A space before the offset is a plus that was not escaped in an address.
    """
    try:
        return datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
    except ValueError:
        return None


def day_of(text: str, name: str) -> date | None:
    """A day, or None where nothing is written.

    Raises:
        FilterError: it is no date.
    """
    day = known_day(text)
    if text and day is None:
        msg = Phrase("{name}: {text} is not a date: write it as 2026-01-31", name=Phrase(name), text=repr(text[:40]))
        raise FilterError(msg)
    return day


def moment_of(text: str, name: str, zone: tzinfo | None = None) -> datetime | None:
    """A moment, or None where nothing is written; without an offset it is one of ``zone``, where that is given.

    Raises:
        FilterError: it is none, has no offset where no zone is given, or is before 1900.
    """
    if not text:
        return None
    moment = known_moment(text)
    if moment is not None and moment.utcoffset() is None:
        moment = moment.replace(tzinfo=zone) if zone else None
    if moment is not None and moment >= EARLIEST:
        return min(moment, LATEST)
    written = {"name": Phrase(name), "text": repr(text[:40])}
    if zone:
        raise FilterError(Phrase("{name}: {text} is not a date and time: choose one, as 2026-01-31T12:00", **written))
    raise FilterError(
        Phrase("{name}: {text} is not a time with its offset: write it as 2026-01-31T12:00:00Z", **written)
    )


def pairs_of(texts: Sequence[str] | None, name: str) -> dict[str, str]:
    """Names and values, each written name=value.

    Raises:
        FilterError: one is not of that form.
    """
    pairs = [(text, *text.partition("=")) for text in texts or ()]
    for text, _, equals, _ in pairs:
        if not equals:
            msg = Phrase("{name}: {text}: write it as level=residential", name=Phrase(name), text=repr(text[:40]))
            raise FilterError(msg)
    return {key.strip(): value.strip() for _, key, _, value in pairs}


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list that is written with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def whole_days(text: str) -> tuple[int, ...]:
    """Numbers of days, written 30,90.

    Raises:
        FilterError: one is no whole number.
    """
    parts = listed(text)
    if not all(part.isdecimal() and len(part) <= 5 for part in parts):
        raise FilterError(Phrase("days: write whole numbers, as 30,90,154"))
    return tuple(map(int, parts))
