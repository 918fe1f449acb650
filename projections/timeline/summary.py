"""One line of what an entry says beyond its title, as a clinician would write it: identifiers stay in the entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from domain import events as e
from domain.events import Event
from domain.levels import title as level_title
from domain.phrases import Phrase, joined
from domain.questionnaires import severity
from projections.timeline.words import in_words, plain_words, words

_LONGEST = 400  # letters of one value in a line
_IDENTIFIERS = frozenset({"appointment_id", "goal_id", "consent_id", "member_ref", "milestone_days"})
# Values that need no name beside them: what they are is in what they say.
_BARE = frozenset(
    [
        "address",
        "amount",
        "category",
        "cause",
        "channel",
        "class",
        "clinician",
        "drug",
        "email",
        "flag",
        "ground",
        "group_id",
        "house",
        "icd10",
        "kind",
        "lab",
        "level",
        "name",
        "on",
        "other_client",
        "outcome",
        "owner",
        "partner",
        "payer",
        "phone",
        "program",
        "purpose",
        "reason",
        "recipient",
        "referral_kind",
        "referrer",
        "requested_level",
        "route",
        "scope",
        "service",
        "severity",
        "sex",
        "site",
        "slot",
        "starts_at",
        "status",
        "substance",
        "topic",
    ]
)
_LINES = {
    "authorized_from": Phrase("from {value}"),
    "authorized_to": Phrase("to {value}"),
    "birth_date": Phrase("born {value}"),
    "dose_mg": Phrase("{value} mg"),
    "expires_at": Phrase("expires {value}"),
    "expires_on": Phrase("until {value}"),
    "from": Phrase("from {value}"),
    "minutes": Phrase("{value} min"),
    "notice_hours": Phrase("notice {value} h"),
    "planned_end_on": Phrase("planned end {value}"),
    "requested_by": Phrase("by {value}"),
    "review_due_on": Phrase("review due {value}"),
    "signed_by": Phrase("signed by {value}"),
    "since": Phrase("since {value}"),
    "to": Phrase("assigned to {value}"),
    "until": Phrase("until {value}"),
}
# What is counted: said of one, and of any other number.
_COUNTED = {
    "attempts": (Phrase("1 attempt"), Phrase("{value} attempts")),
    "authorized_sessions": (Phrase("1 session"), Phrase("{value} sessions")),
    "days_supply": (Phrase("supply for 1 day"), Phrase("supply for {value} days")),
    "goals": (Phrase("1 goal"), Phrase("{value} goals")),
    "planned_sessions_per_week": (Phrase("1 session a week"), Phrase("{value} sessions a week")),
}


def summary_of(event: Event) -> str:
    """One line of what the entry says beyond its title."""
    match event:
        case e.LevelOfCareStarted():
            overridden = Phrase("override") if event.overridden else None
            return _joined(event.program, _word(event.slot), event.site, overridden)
        case e.LevelOfCareEnded():
            onward = Phrase("next: {level}", level=level_title(event.next_level)) if event.next_level else None
            return _joined(words(event.reason), onward)
        case e.SessionAttended():
            topic = in_words(type(event), "topic", event.topic) if event.topic else None
            return _joined(Phrase("{value} min", value=event.minutes), topic, words(event.modality), _word(event.slot))
        case e.SessionMissed():
            return _joined(Phrase("excused") if event.excused else None, words(event.cause), _word(event.slot))
        case e.DrugScreenResulted():
            return _screened(event, event.positive)
        case e.InstrumentScored():
            band = severity(event.instrument, event.score)
            return _joined(Phrase("score {score}", score=f"{event.score:g}"), _word(band))
        case e.AssessmentCompleted():
            return _assessed(event)
        case e.FollowUpCompleted():
            clean = event.abstinent_past_30_days
            return Phrase("abstinent in the past 30 days") if clean else Phrase("not abstinent in the past 30 days")
        case e.AbstinenceReported():
            return _abstinent(event)
        case e.NoteAdded():
            return event.text or Phrase("(sealed)")
        case e.ClientErased():
            return _erased(event)
        case _:
            return _fields(event)


def summary_of_screen(event: e.DrugScreenResulted, left: Sequence[str]) -> str:
    """The line of a screen of which nothing prescribed explains ``left``; what is prescribed is named as that."""
    if not left or event.valid is False:
        return _screened(event, event.positive)
    explained = tuple(name for name in event.positive if name not in left)
    explained_by = Phrase("as prescribed: {substances}", substances=_listed(event, "positive", explained))
    return _screened(event, left, explained_by if explained else None)


def _screened(event: e.DrugScreenResulted, substances: Sequence[str], explained: Phrase | None = None) -> str:
    positives = _listed(event, "positive", tuple(substances)) if substances else None
    unscheduled = Phrase("unscheduled") if event.unscheduled else None
    return _joined(positives, explained, words(event.specimen), unscheduled)


def _fields(event: Event) -> str:
    """What the fields of any other entry hold, one after the other."""
    held: Mapping[str, Any] = event.model_dump(by_alias=True, exclude_none=True)
    return _joined(*(_field(event, name, value) for name, value in held.items() if not _identifies(name, value)))


def _identifies(name: str, value: Any) -> bool:
    """Whether a value only names another entry, or the record elsewhere."""
    several = cast("tuple[Any, ...]", value)[:1] if isinstance(value, tuple) else (value,)
    return name in _IDENTIFIERS or any(isinstance(item, UUID) for item in several)


def _field(event: Event, name: str, value: Any) -> str | date | None:
    name_in_words = Phrase(plain_words(name))
    if value is True:
        return name_in_words
    if name in _COUNTED:
        count: int = len(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
        single, several = _COUNTED[name]
        return single if count == 1 else Phrase(several.template, value=count)
    if isinstance(value, dict):
        return None
    shown = _value(event, name, value)
    if name in _LINES:
        return Phrase(_LINES[name].template, value=shown)
    return shown if name in _BARE else Phrase("{name}: {value}", name=name_in_words, value=shown)


def _value(event: Event, name: str, value: Any) -> Any:
    """A value as a phrase takes it: a day and a moment as they are, since each reader writes them otherwise."""
    match value:
        case bool():
            return Phrase("no")
        case float():
            return f"{value:g}"
        case tuple():
            return _listed(event, name, cast("tuple[Any, ...]", value))
        case str():
            return in_words(type(event), name, value[:_LONGEST])
        case _:
            return value


def _listed(event: Event, name: str, values: tuple[Any, ...]) -> str:
    return joined(", ", [in_words(type(event), name, str(value)) for value in values])


def _assessed(event: e.AssessmentCompleted) -> str:
    if event.unrated:
        return Phrase("what it found is not recorded")
    ratings = "–".join("·" if rating is None else str(rating) for rating in event.asam)
    level = level_title(event.recommended_level)
    return Phrase("recommends {level}; ASAM {ratings}", level=level, ratings=ratings)


def _abstinent(event: e.AbstinenceReported) -> str:
    single = Phrase("1 day without use, {day}", day=event.through)
    many = Phrase("{count} days without use, up to {day}", count=event.days, day=event.through)
    of = _listed(event, "substances", event.substances) if event.substances else None
    return _joined(single if event.days == 1 else many, of)


def _erased(event: e.ClientErased) -> str:
    people = [name for name in (event.requested_by, event.confirmed_by) if name]
    by = Phrase("by {first} and {second}", first=people[0], second=people[1]) if len(people) > 1 else None
    return _joined(by or Phrase("by {name}", name="".join(people)), words(event.ground))


def _joined(*parts: str | date | None) -> str:
    return joined(" · ", [part for part in parts if part])


def _word(value: str | None) -> Phrase | None:
    return Phrase(value) if value else None
