"""Short words that both documents use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.i18n.formats import day, number, words as words
from api.i18n.language import _, ngettext, translated
from domain.levels import title
from infra.pdf.document import Block, Facts, Table, Text


def level(name: str | None) -> str:
    """A level's name."""
    return translated(title(name)) if name else ""


def on(ordinal: int | None) -> str:
    """A day by its ordinal."""
    return day(date.fromordinal(ordinal)) if ordinal is not None else ""


def days(count: int) -> str:
    """A number of days."""
    return ngettext("{count} day", "{count} days", count).format(count=number(count))


def times(count: int) -> str:
    """How often."""
    return ngettext("{count} time", "{count} times", count).format(count=number(count))


def hours(minutes: int) -> str:
    """Minutes as hours."""
    return _("{hours} h").format(hours=number(round(minutes / 60, 1)))


def plain(value: float | None) -> str:
    """A score or a dose without needless zeros."""
    return "" if value is None else number(value if value % 1 else int(value))


def until(last: date | None) -> str:
    """How long a consent holds."""
    return _("holds until {day}").format(day=day(last)) if last else _("holds until it is revoked")


def yes(value: bool | None) -> str:  # noqa: FBT001 - the value itself is what is said
    """Yes, no, or nothing."""
    return "" if value is None else number(value)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment in the facility's time zone, which is named: paper has no setting for it."""
    local = at.astimezone(zone)
    offset = f"{local:%z}"
    return f"{day(local.date())}, {local:%H:%M:%S} ({zone.key}, UTC{offset[:3]}:{offset[3:5]})"


def pairs(*given: tuple[str, str | None]) -> list[tuple[str, str]]:
    """Names with values, those that have one."""
    return [(name, value) for name, value in given if value]


def facts(*given: tuple[str, str | None]) -> list[Block]:
    """Facts that are known, or that none is."""
    known = pairs(*given)
    return [Facts(known)] if known else [nothing()]


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float] = ()) -> list[Block]:
    """A table, or that nothing of the kind is recorded."""
    filled = [[cell or "–" for cell in row] for row in rows]
    return [Table(name, head, filled, widths)] if filled else [nothing()]


def nothing() -> Text:
    """What stands where nothing is recorded: a reader must not take silence for a negative finding."""
    return Text(_("Not recorded."), mark="quiet")


def joined(*parts: str | None) -> str:
    """Parts that are there, one after another."""
    return ", ".join(part for part in parts if part)


def spelt() -> str:
    """What a paper says where letters that its fonts lack stand as their numbers."""
    return _("Letters that cannot be drawn here stand as their numbers in Unicode, as {example}.").format(
        example="[U+4E2D]"
    )
