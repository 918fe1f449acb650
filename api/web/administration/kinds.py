"""The kinds of things that the provider defines, as pages show and ask them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from api.i18n.language import N_
from domain.consent_elements import STATEMENTS
from domain.events.provider import WEEKDAYS, Kind
from domain.levels import LEVELS, title
from domain.vocabulary import RecipientKind, Slot
from projections.timeline.words import words

Widget = Literal["text", "choice", "zone", "days", "time", "number", "date", "places", "lines", "ticks"]
_DAYS = tuple((day, words(day) or day) for day in WEEKDAYS)
_LEVELS = tuple((level, title(level)) for level in LEVELS)
_RECIPIENTS = tuple((kind, words(kind) or kind) for kind in get_args(RecipientKind))
_SLOTS = tuple((slot, words(slot) or slot) for slot in get_args(Slot))


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name as in the event, what people read, how it is filled in.

    ``known`` names the kind of thing whose keys are offered while somebody types.
    """

    name: str
    label: str
    widget: Widget = "text"
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    known: Kind | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a thing of a kind ends: the event that says so, the words of it, what it means, and its button."""

    event: str
    words: str
    means: str
    button: str


@dataclass(frozen=True, slots=True)
class Page:
    """A kind's page: its titles, what it says where nothing is defined, and its fields, the key first.

    ``prompt`` is for those who may define it; ``event`` is the type of its definition, ``ending`` how one ends that
    can.
    """

    kind: Kind
    title: str
    lede: str
    empty: str
    prompt: str
    define: str
    change: str
    event: str
    fields: tuple[Field, ...]
    ending: Ending | None = None

    @property
    def key_field(self) -> str:
        """The name of the field that tells one from another."""
        return self.fields[0].name

    @property
    def labels(self) -> dict[str, str]:
        """What the inputs of its forms are called, by what their ids end in."""
        labels_here = {field.name: field.label for field in self.fields}
        places = (field for field in self.fields if field.widget == "places")
        levels = {f"{field.name}-{level}": name for field in places for level, name in field.choices}
        return {**labels_here, **levels, "since": N_("Holds from"), "reason": N_("Reason")}


_NAME = Field("name", N_("Name"), required=True)
_LEVEL = Field("level", N_("Level"), "choice", required=True, choices=_LEVELS)

PAGES: Final[dict[str, Page]] = {
    "site": Page(
        "site",
        N_("Sites"),
        N_("Facilities: what they are called, their time zone, and the places they have at each level of care."),
        N_("No site is defined."),
        N_("Define each facility, so that its places and its time zone are known."),
        N_("Define a site"),
        N_("Change a site"),
        "SiteDefined",
        (
            Field("site", N_("Site"), required=True, help=N_("As clients' entries name it")),
            _NAME,
            Field("zone", N_("Time zone"), "zone", required=True, help=N_("As America/Chicago")),
            Field("capacity", N_("Places"), "places", choices=_LEVELS),
        ),
    ),
    "program": Page(
        "program",
        N_("Programs"),
        N_("Programs at a level of care, and what other systems call them."),
        N_("No program is defined."),
        N_("Define each one, so that its level of care is known."),
        N_("Define a program"),
        N_("Change a program"),
        "ProgramDefined",
        (
            Field("program", N_("Program"), required=True, help=N_("As clients' entries name it")),
            _LEVEL,
            Field("aliases", N_("Other systems call it"), "lines", help=N_("One a line")),
        ),
    ),
    "staff": Page(
        "staff",
        N_("Staff"),
        N_("Who works here: with which roles, at which sites, until which day."),
        N_("Nobody is defined."),
        N_("Define who works here, so that groups can name who leads them."),
        N_("Define a member of staff"),
        N_("Change a member of staff"),
        "StaffDefined",
        (
            Field("staff", N_("Member of staff"), required=True, help=N_("As clients' entries name them")),
            _NAME,
            Field("roles", N_("Roles"), "lines", help=N_("One a line")),
            Field("sites", N_("Sites"), "lines", help=N_("One a line")),
            Field("until", N_("Last day"), "date"),
        ),
    ),
    "group": Page(
        "group",
        N_("Groups"),
        N_("Groups that meet every week: where, on which days, and who leads them."),
        N_("No group is defined."),
        N_("Define each one, so that it is known when it meets."),
        N_("Define a group"),
        N_("Change a group"),
        "GroupDefined",
        (
            Field("group_id", N_("Group"), required=True, help=N_("What sessions of one group have in common")),
            _NAME,
            _LEVEL,
            Field("site", N_("Site"), required=True, known="site"),
            Field("slot", N_("Time of day"), "choice", required=True, choices=_SLOTS),
            Field("weekdays", N_("Meets on"), "days", required=True, choices=_DAYS),
            Field("starts", N_("Begins at"), "time", required=True, help=N_("By the site's clocks, as 18:00")),
            Field("minutes", N_("Minutes"), "number", required=True),
            Field("topic", N_("Topic")),
            Field("clinician", N_("Led by"), known="staff"),
        ),
        Ending(
            "GroupClosed",
            N_("Close this group"),
            N_("It does not meet any more, until it is defined anew."),
            N_("Close the group"),
        ),
    ),
    "code_list": Page(
        "code_list",
        N_("Code lists"),
        N_("Which edition of a code list is in use, and the digest of the file it was read from."),
        N_("No code list is adopted."),
        N_("Adopt the editions in use, so that codes can be traced to their list."),
        N_("Adopt a code list"),
        N_("Adopt another edition"),
        "CodeListAdopted",
        (
            Field("list", N_("List"), required=True, help=N_("As ICD-10-CM")),
            Field("edition", N_("Edition"), required=True),
            Field("digest", N_("Digest"), required=True, help=N_("Hex digits, as sha256sum prints them")),
        ),
    ),
    "consent_form": Page(
        "consent_form",
        N_("Consent forms"),
        N_("Forms of consent that are kept ready: what a client may allow, for what, to whom, for how long."),
        N_("No consent form is kept ready."),
        N_("Define each printed form, so that recording a consent begins with it."),
        N_("Define a consent form"),
        N_("Change a consent form"),
        "ConsentFormDefined",
        (
            Field("form", N_("Consent form"), required=True, help=N_("A short name, as probation-reports")),
            _NAME,
            Field(
                "disclosed",
                N_("What may be disclosed"),
                "lines",
                required=True,
                help=N_(
                    "One a line; the client chooses among them. The papers made here are called summary and "
                    "discharge summary"
                ),
            ),
            Field("purpose", N_("Purpose"), required=True, help=N_("As treatment, payment, or in words")),
            Field("recipient_kind", N_("Kind of recipient"), "choice", choices=_RECIPIENTS),
            Field("recipient", N_("Recipient"), help=N_("Empty: who records a consent names them")),
            Field("days_valid", N_("Days valid"), "number", help=N_("Empty: who records a consent gives the last day")),
            Field("states", N_("The printed form says"), "ticks", choices=tuple(STATEMENTS.items())),
        ),
        Ending(
            "ConsentFormWithdrawn",
            N_("Withdraw this form"),
            N_("It is not offered any more, until it is defined anew. Consents given on it go on."),
            N_("Withdraw the form"),
        ),
    ),
}
TITLES: Final = {
    "SiteDefined": N_("Site defined"),
    "ProgramDefined": N_("Program defined"),
    "StaffDefined": N_("Member of staff defined"),
    "GroupDefined": N_("Group defined"),
    "GroupClosed": N_("Group closed"),
    "CodeListAdopted": N_("Code list adopted"),
    "ConsentFormDefined": N_("Consent form defined"),
    "ConsentFormWithdrawn": N_("Consent form withdrawn"),
    "EntryCorrected": N_("Correction"),
    "EntryRetracted": N_("Taken back"),
    "EntrySetAside": N_("Entry set aside"),
    "EntryTakenUp": N_("Entry taken up"),
}
