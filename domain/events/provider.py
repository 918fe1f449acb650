"""What the provider says of itself: sites, programs, staff, groups, code lists, consent forms, and what its imports
left over. Each thing has a stream of its own.

A later definition is a change from its own clinical time on. No entry of these says anything of a client.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from domain.days import UnknownZoneError, offsets_of
from domain.events.base import NO_NUL, Count, Day, Event, Minutes, Personal, Text, Word
from domain.levels import Level
from domain.phrases import Phrase
from domain.vocabulary import ConsentStatement, RecipientKind, Slot

Kind = Literal["site", "program", "staff", "group", "code_list", "consent_form"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Key = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=NO_NUL, strip_whitespace=True)]


def _weekday(value: Any) -> Any:
    """A day of the week by its English name, its first three letters, or its number in ISO 8601 (Monday is 1)."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= len(WEEKDAYS):
        return WEEKDAYS[value - 1]
    if isinstance(value, str):
        word = value.strip().casefold()
        return next((day for day in WEEKDAYS if word in {day, day[:3]}), value)
    return value


def _in_order(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    return tuple(day for day in WEEKDAYS if day in days)


def _known_zone(name: str) -> str:
    try:
        offsets_of(name)
    except UnknownZoneError:
        msg = Phrase("is no IANA time zone: give one as America/Chicago")
        raise ValueError(msg) from None
    return name


def _clock_time(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        msg = Phrase("is no time of day: write it as 09:00 or 18:30")
        raise ValueError(msg)
    return text


def _hex_digits(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{32,128}", text):
        msg = Phrase("is no digest: give 32 to 128 hex digits, as sha256sum prints them")
        raise ValueError(msg)
    return text.lower()


Weekdays = Annotated[
    tuple[Annotated[Weekday, BeforeValidator(_weekday)], ...], Field(min_length=1), AfterValidator(_in_order)
]
ClockTime = Annotated[Word, AfterValidator(_clock_time)]
Zone = Annotated[Word, AfterValidator(_known_zone)]
Digest = Annotated[Word, AfterValidator(_hex_digits)]
DaysValid = Annotated[int, Field(ge=1, le=3_660)]
ItemId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]


class ProviderEvent(Event):
    """What is said of one thing of the provider's, which ``key`` names among those of its ``kind``.

    It is a definition where the kind is one of ``KINDS``.
    """

    of_provider: ClassVar[bool] = True
    ends: ClassVar[bool] = False  # it says that what was defined holds no more
    kind: ClassVar[str]
    key_field: ClassVar[str]

    @property
    def key(self) -> str:
        """The thing's own name, as it was given."""
        return str(getattr(self, self.key_field))


class SiteDefined(ProviderEvent):
    """A facility: what it is called, its IANA time zone, and the places that it has at each level of care."""

    kind = "site"
    key_field = "site"

    site: Key
    name: Word
    zone: Zone
    capacity: dict[Level, Count] | None = None


class ProgramDefined(ProviderEvent):
    """A program at a level of care; ``aliases`` are what other systems call it."""

    kind = "program"
    key_field = "program"

    program: Key
    level: Level
    aliases: tuple[Word, ...] | None = None


class StaffDefined(ProviderEvent):
    """Somebody who works here: with which roles, at which sites, until which day."""

    kind = "staff"
    key_field = "staff"

    staff: Key
    name: Word
    roles: tuple[Word, ...] | None = None
    sites: tuple[Word, ...] | None = None
    until: Day | None = None


class GroupDefined(ProviderEvent):
    """A group that meets every week: on these days, at ``starts`` by the site's clocks, for so many minutes."""

    kind = "group"
    key_field = "group_id"

    group_id: Key
    name: Word
    level: Level
    site: Word
    slot: Slot
    weekdays: Weekdays
    starts: ClockTime
    minutes: Minutes
    topic: Word | None = None
    clinician: Word | None = None


class GroupClosed(ProviderEvent):
    """A group does not meet any more, until it is defined anew."""

    ends = True
    kind = "group"
    key_field = "group_id"

    group_id: Key
    reason: Text | None = None


class CodeListAdopted(ProviderEvent):
    """An edition of a code list is in use from now on; ``digest`` (hex) is that of the file it was read from."""

    kind = "code_list"
    key_field = "list"

    list: Key
    edition: Word
    digest: Digest


class ConsentFormDefined(ProviderEvent):
    """A form of consent that the provider keeps ready (42 CFR 2.31): what the client may allow, for what, to whom.

    The client chooses among what is ``disclosed``. ``states`` is what the printed form says besides.
    """

    kind = "consent_form"
    key_field = "form"

    form: Key
    name: Word
    disclosed: Annotated[tuple[Word, ...], Field(min_length=1)]
    purpose: Word
    recipient_kind: RecipientKind | None = None
    recipient: Word | None = None
    days_valid: DaysValid | None = None
    states: tuple[ConsentStatement, ...] | None = None


class ConsentFormWithdrawn(ProviderEvent):
    """A form of consent is not offered any more, until it is defined anew; consents given on it go on."""

    ends = True
    kind = "consent_form"
    key_field = "form"

    form: Key
    reason: Text | None = None


class VersionsLeftOver(ProviderEvent):
    """Newest versions of a source's items that became no entry, or changed none: older ones do not count any more.

    ``versions`` says which version of which item, by the id that an entry made of the item would have had; it is kept
    as ciphertext, for a source may have named the item after a person. ``format`` is that of the files.
    """

    kind = "import"
    key_field = "format"

    format: Key
    versions: Annotated[Annotated[dict[ItemId, Word], Field(min_length=1)] | None, Personal(required=True)] = None
