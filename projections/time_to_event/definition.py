"""What a question of time to event names: where the clock starts, what stops it, and what ends observation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, cast, get_args

from domain.levels import LEVELS
from domain.vocabulary import REASONS
from projections.abstinence.targets import is_target, targets_of
from projections.clinical.substances import class_of
from projections.filters import FilterError

Start = Literal["admission", "discharge", "diagnosis", "medication_started", "randomization", "first_contact"]
EventName = Literal[
    "use",
    "reported_use",
    "positive_screen",
    "lapse",
    "any_level",
    "discharge",
    "medication_given",
    "last_dose",
    "session",
    "readmission",
    "death",
    "level:medical_detox",
    "level:residential",
    "level:partial_hospitalization",
    "level:intensive_outpatient",
    "level:standard_outpatient",
    "level:alumni",
]
Censor = Literal["last_contact", "today"]

LEVEL_PREFIX: Final = "level:"
LAST_DOSE_GAP_DAYS: Final = 7
DAYS: Final = (30, 90, 180, 365)
_LAST_DAY, _MOST_DAYS = 36_500, 20


class Named(NamedTuple):
    """A start or an event as people call it, and what exactly it is."""

    title: str
    meaning: str


STARTS: Final[Mapping[str, Named]] = {
    "admission": Named("Admission", "The start of a level of care (alumni only where the level is asked)."),
    "discharge": Named("Discharge", "The end of a level of care, but by death (alumni only where the level is asked)."),
    "diagnosis": Named("Diagnosis", "A substance-use diagnosis."),
    "medication_started": Named("Prescription", "The order that begins a prescription of medication for addiction."),
    "randomization": Named("Randomization", "The start of a level whose program was assigned by lot."),
    "first_contact": Named(
        "First contact",
        "The first referral, registration, verified coverage, assessment, session, dose, screen or interview on the "
        "record.",
    ),
}
EVENTS: Final[Mapping[str, Named]] = {
    "use": Named(
        "Use, by report or screen",
        "Use of a substance, by self-report or by a valid screen without what is prescribed.",
    ),
    "reported_use": Named("Reported use", "Use by self-report, on the day it was said to have been."),
    "positive_screen": Named("Positive screen", "A valid screen that finds a substance which is not prescribed."),
    "lapse": Named("Lapse or relapse, as judged", "A lapse or relapse in a clinician's judgement."),
    "any_level": Named("Another level", "The start of any other level of care, alumni left out."),
    "discharge": Named("Discharge", "The end of the level of care, for whatever reason, death included."),
    "medication_given": Named("Dose of medication", "A dose of medication for addiction."),
    "last_dose": Named(
        "Last dose of medication",
        "The last dose of medication for addiction, once more than 7 days were observed without another; who never "
        "had one is followed for no day.",
    ),
    "session": Named("Session attended", "A session attended, of any kind."),
    "readmission": Named(
        "Readmission",
        "A level at least as intensive begun on a later day than the end of the stay; concurrent ones "
        "and alumni are none.",
    ),
    "death": Named("Death", "The client's death."),
}
EVENT_NAMES: Final[tuple[EventName, ...]] = get_args(EventName)
# Of these nothing is known of a client whom nobody sees; the others are the provider's own acts.
_OBSERVED: Final = frozenset({"use", "reported_use", "positive_screen", "lapse", "last_dose", "death"})
OF_A_SUBSTANCE: Final = frozenset({"use", "reported_use", "positive_screen", "lapse"})

DEFINITION: Final = (
    "From a start to the first event on or after it, by Kaplan–Meier: the share of clients without the event so many "
    "days later. A client counts once in a group, from the first start that fits. Day 0 counts: what is recorded at "
    "the moment of the start or later that day, and use reported for that day. Whoever had no event is censored: at "
    "the last contact (a session attended, dose, screen, or interview, which is an assessment, score, self-report, "
    "follow-up or alumni contact) for events that somebody has to observe, else today; nobody is observed beyond "
    "death. Competing reasons end observation on the day of the first level that ended so; an event of that day "
    "counts. Use means any substance but nicotine unless one is named. Who has no contact at all after the start is "
    "counted apart: their silence is neither clean time nor use. Bands are 95 % (Greenwood, log-log); "
    "there is none before the first event and where nobody is left. "
    "Quartiles are the first days on which the curve stands at or below 3/4, 1/2 and 1/4, in exact arithmetic."
)
SOURCE: Final = "Kaplan & Meier 1958; bands as in Kalbfleisch & Prentice 1980; log-rank test by Mantel 1966"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """From which start to which event, of which substance, and what ends observation without it.

    ``level`` of the event ``level:LEVEL`` is part of its name. ``censor`` None is the event's own default.
    """

    start: str = "admission"
    event: str = "use"
    substance: str = ""
    censor: str = ""
    competing: tuple[str, ...] = ()

    def checked(self) -> Endpoint:
        """The same endpoint, once it is known to be answerable.

        Raises:
            FilterError: an unknown start, event, censoring or reason, an unknown substance, or a substance or
                readmission where none can be.
        """
        _known("start", self.start, STARTS)
        if self.level is None:
            _known("event", self.event, EVENT_NAMES)
        else:
            _known("level", self.level, LEVELS)
        if self.substance and self.event not in OF_A_SUBSTANCE:
            msg = f"{self.event} has no substance: leave it out, or ask for {', '.join(sorted(OF_A_SUBSTANCE))}"
            raise FilterError(msg)
        if self.substance:
            _check_substance(self.substance)
        if self.event == "readmission" and self.start not in {"admission", "discharge"}:
            raise FilterError("readmission follows a stay: ask from admission or discharge")
        check_censoring(self.censor, self.competing)
        return self

    def as_params(self) -> dict[str, str]:
        """What of it is asked, by the names that it is asked by; an empty text is what goes without saying."""
        usual = USE_AFTER_ADMISSION
        return {
            "start": self.start if self.start != usual.start else "",
            "event": self.event if self.event != usual.event else "",
            "substance": self.substance,
            "censor": self.censor,
            "competing": ",".join(self.competing),
        }

    @property
    def level(self) -> str | None:
        """The level whose start is the event; None where another event is asked."""
        name, colon, level = self.event.partition(":")
        return level if colon and name + colon == LEVEL_PREFIX else None

    @property
    def censors_at(self) -> Censor:
        """Where clients without the event are censored."""
        if self.censor:
            return cast("Censor", self.censor)
        return "last_contact" if self.event in _OBSERVED else "today"


USE_AFTER_ADMISSION: Final = Endpoint()


def check_censoring(censor: str, competing: Collection[str]) -> None:
    """Refuse what cannot end observation.

    Raises:
        FilterError: no such censoring or reason.
    """
    if censor:
        _known("censoring", censor, ("last_contact", "today"))
    for reason in competing:
        _known("reason", reason, REASONS)


def days_of_curve(named: Sequence[int]) -> Sequence[int]:
    """The days at which a curve is read: those named, each once and in order, else the usual ones.

    Raises:
        FilterError: a day before the start, or more days than a row has room for.
    """
    if any(not 0 <= day <= _LAST_DAY for day in named) or len(named) > _MOST_DAYS:
        msg = f"days of a curve are up to {_MOST_DAYS} whole numbers from 0 to {_LAST_DAY}, as 30,90,154"
        raise FilterError(msg)
    return sorted(set(named)) or DAYS


def is_substance(name: str, wanted: str) -> bool:
    """Whether a recorded substance is asked for, as ``targets_of`` reads it; nothing asks for any but nicotine."""
    if not wanted:
        return class_of(name) != "nicotine"
    return is_target(name, targets_of(wanted))


def _check_substance(wanted: str) -> None:
    """Refuse what no record could hold: a mistake in writing would read as nobody ever using it."""
    try:
        targets_of(wanted)
    except ValueError as error:
        msg = f"substance: {error}"
        raise FilterError(msg) from None


def _known(what: str, text: str, known: Collection[str]) -> None:
    if text not in known:
        msg = f"no {what} {text!r}: choose from {', '.join(known)}"
        raise FilterError(msg)
