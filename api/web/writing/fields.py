"""A form's fields, made from an event's model: one place says what a field is, for the API and for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, cast

from api.i18n.asam import RISKS
from api.whole_numbers import whole_number
from domain.events import Event
from domain.levels import LEVELS, title
from projections.status.flags import FLAG_TITLES
from projections.timeline.words import words

Kind = Literal["text", "long", "choice", "yes", "number", "date", "moment", "lines", "ratings", "goals", "ticks"]
Given = Mapping[str, Sequence[str]]

_LONG = 1_000  # characters that a line may hold, as a person's name; more is a text of several lines
_HIDDEN = frozenset({"unrated", "overridden", "items"})
_LINES = frozenset({"positive", "panel", "substances"})
_RATINGS = tuple((str(number), f"{number} – {text}") for number, text in enumerate(RISKS))
TICKED = ":ticked"
"""What the name of the boxes of a list ends in, beside the list's own text."""
_PARTS = re.compile(r"[\n,;]")
UNRATED = "none"
"""What a form says of the sixth dimension where its edition has no rating."""
_HELP = {
    "positive": "One substance a line; leave empty for a negative screen",
    "panel": "What was looked for: one substance a line, or the panel's name",
    "substances": "One a line",
    "goals": "One goal a line, in the client's words",
    "consent_id": "The number of the signed form",
    "signed_by": "Left empty, the client; after the death a personal representative alone may sign",
    "edition": "Of the ASAM Criteria, by which the dimensions are rated",
    "recommended_level": "Opens this level for 30 days",
    "needs_24h_supervision": "Yes rules IOP out",
    "mental_health_severity": "IOP takes none to moderate",
    "home": "IOP needs a supportive home or sober living",
    "substance_free_home": "IOP needs it, unless the client lives in sober living",
    "motivated": "IOP needs it",
    "override_reason": "Only to start although a criterion is unmet: why? It becomes part of the record",
    "completed_prior_level": "Detox, residential or PHP completed, here or elsewhere: IOP needs it",
    "icd10": "As F11.20",
    "group_id": "What sessions of one group have in common",
    "expires_on": "Last day on which it holds",
    "scope": "As summary, or discharge summary; several with a semicolon between them",
    "concurrent": "Beside another level, as methadone beside IOP",
    "amount": "As the client says it",
    "appointment_id": "What its moves, its cancelling and its session name it by",
    "from": "The level or the facility that they come from",
    "stay": "Event id of the level that ended",
    "referral": "Event id of the referral, where it is not about a stay",
    "first_session": "Event id of the session or the start that care went on with",
    "since": "The day from which the flag has been up",
    "starts_at": "Date and time in the facility's time zone",
    "notice_hours": "Hours between the notice and its start",
    "days_supply": "Days dispensed to take home; none for a dose taken here",
}
_LABELS = {
    "icd10": "ICD-10 code",
    "asam": "ASAM dimensions",
    "needs_24h_supervision": "Needs 24-hour supervision",
    "dose_mg": "Dose, mg",
    "days_supply": "Days of supply",
    "on": "On",
    "to": "Assigned to",
    "appointment_id": "Appointment",
    "notice_hours": "Notice, hours",
    "class": "Class of drug",
    "scope": "What may be disclosed",
    "goal_id": "Goal",
    "group_id": "Group",
    "consent_id": "Consent number",
    "member_ref": "Member number",
    "milestone_days": "Days after the stay",
    "temperature_ok": "Temperature in range",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name as in the event, what people read, and how it is filled in."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    value: Any = ""
    whole: bool = False  # its choices are whole numbers
    rows: bool = False  # its choices stand side by side
    offers: tuple[tuple[str, str], ...] = ()  # what is offered while somebody types; anything else may be typed too
    was: Any = ""  # what it was when it was last recorded, as the form holds it

    def holding(self, value: Any) -> Field:
        """The same field with a value, as the form shows it."""
        return replace(self, value=shown(self, value))


@cache
def fields_of(cls: type[Event]) -> tuple[Field, ...]:
    """The fields of an event's form, in the order of the model."""
    schema = cls.model_json_schema()
    required = frozenset(cast("list[str]", schema.get("required", [])))
    properties: dict[str, Any] = schema.get("properties", {})
    definitions: dict[str, Any] = schema.get("$defs", {})
    return tuple(
        _field(name, _settled(given, definitions), required=name in required)
        for name, given in properties.items()
        if name not in _HIDDEN
    )


def asked_for(fields: Sequence[Field], query: Mapping[str, str]) -> dict[str, str]:
    """What an address asks a form to hold, by field: one that leads here knows the level, or the substance."""
    plain = ("text", "choice", "lines", "date")
    return {field.name: query[field.name] for field in fields if field.kind in plain and query.get(field.name)}


def label_of(name: str) -> str:
    """What people read at a field of that name."""
    return _LABELS.get(name, words(name) or name)


def _settled(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of the value itself, without null and references."""
    parts: list[dict[str, Any]] = [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]
    strings = [part for part in parts if part.get("type") == "string"]
    chosen = strings[0] if len(parts) > 1 and strings else parts[0]
    if "$ref" in chosen:
        chosen = definitions[str(chosen["$ref"]).rpartition("/")[2]]
    return chosen


def _field(name: str, schema: dict[str, Any], *, required: bool) -> Field:
    made = Field(name, label_of(name), "text", required, help=_HELP.get(name, ""))
    choices: list[Any] = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if name == "asam":
        return replace(made, kind="ratings", choices=_RATINGS)
    if name == "goals":
        return replace(made, kind="goals")
    if name == "flag":
        return replace(made, kind="choice", choices=tuple(FLAG_TITLES.items()))
    if name in _LINES:
        return replace(made, kind="lines", required=False)
    if choices:
        whole = all(isinstance(item, int) for item in choices)
        return replace(made, kind="choice", choices=tuple((str(item), _spoken(item)) for item in choices), whole=whole)
    kinds: dict[Any, Kind] = {"boolean": "yes", "integer": "number", "number": "number"}
    if schema.get("format") == "date":
        return replace(made, kind="date")
    if schema.get("format") == "date-time":
        return replace(made, kind="moment")
    if schema.get("type") in kinds:
        return replace(made, kind=kinds[schema["type"]])
    return replace(made, kind="long" if schema.get("maxLength", 0) > _LONG or name == "override_reason" else "text")


def _spoken(choice: Any) -> str:
    text = str(choice)
    return title(text) if text in LEVELS else (words(text) or text)


def read(fields: Sequence[Field], given: Given) -> dict[str, Any]:
    """The payload that a form says; what was left empty is left out. Checking it is the event's own business."""
    data: dict[str, Any] = {}
    for field in fields:
        value = _read(field, [text.strip() for text in _said(field, given)])
        if value is not None:
            data[field.name] = value
    return data


def _said(field: Field, given: Given) -> list[str]:
    """The texts of a field; of ratings one for each dimension, ``asam:1`` to ``asam:6``."""
    if field.kind == "lines":  # what was ticked stands behind what was typed, and nothing twice
        typed = [part.strip() for part in _PARTS.split("\n".join(given.get(field.name, ())[:1])) if part.strip()]
        return ["\n".join(dict.fromkeys([*typed, *given.get(field.name + TICKED, ())]))]
    if field.kind != "ratings":
        return list(given.get(field.name, ()))
    return [(given.get(f"{field.name}:{number}") or [""])[0] for number in range(1, 7)]


def _read(field: Field, texts: list[str]) -> Any:
    text = texts[0] if texts else ""
    match field.kind:
        case "ticks":
            return "; ".join(item for item in texts if item) or None
        case "ratings":
            return [whole_number(item) for item in texts] if any(texts) else None
        case "lines":
            items = text.splitlines()
            return items if items or field.name == "positive" else None
        case "goals":
            goals = [line.strip() for line in text.splitlines() if line.strip()]
            return [{"goal_id": f"g{number}", "text": goal} for number, goal in enumerate(goals, start=1)] or None
        case "yes":
            return {"yes": True, "no": False}.get(text)
        case "number":
            return _number(text)
        case "choice" if field.whole:
            return _number(text)
        case _:
            return text or None


def _number(text: str) -> Any:
    """A number where it is one; what is none is left for the event to refuse."""
    if re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,18}\.\d{1,18}", text) else (text or None)


def shown(field: Field, value: Any) -> Any:
    """A payload's value as the form holds it."""
    if value is None:
        return ["", "", "", "", "", ""] if field.kind == "ratings" else ""
    match field.kind:
        case "ratings":
            return [
                ("" if number < 6 else UNRATED) if item is None else str(item) for number, item in enumerate(value, 1)
            ]
        case "lines":
            return value if isinstance(value, str) else "\n".join(map(str, value))
        case "goals":
            return "\n".join(str(goal.get("text") or goal.get("goal_id", "")) for goal in value)
        case "yes":
            return value if isinstance(value, str) else ("yes" if value else "no")
        case _:
            return str(value)


def as_given(field: Field, given: Given) -> Field:
    """The field with what somebody typed, so that nothing is lost when the form comes back."""
    texts = _said(field, given)
    if field.kind in {"ratings", "ticks"}:
        return replace(field, value=texts)
    return replace(field, value=texts[0] if texts else "")
