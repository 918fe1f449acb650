"""The parts of a page of the admission: their fields under the name of their command, and what a form says of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.http.access import may
from api.web.admission.state import Part, Step
from api.web.writing.assessments import as_rows, last_assessment
from api.web.writing.command_forms import fields_for
from api.web.writing.consents import ALL_THE_SAME, COMMAND, Kept, with_choices
from api.web.writing.defaults import defaults
from api.web.writing.fields import Field, as_given, asked_for
from api.web.writing.submission import Posted
from domain.entries import Entry

# What is asked of each part; the command's own form has every field.
_ASKED: dict[str, tuple[str, ...]] = {
    "verify-coverage": ("payer", "member_ref", "level", "authorized_from", "authorized_to", "authorized_sessions"),
    "give-consent": ("consent_id", "recipient", "purpose", "scope", "expires_on"),
    "record-diagnosis": ("icd10", "category", "substance", "severity"),
    "start-level": ("level", "program", "site", "clinician", "slot", "planned_end_on", "planned_sessions_per_week"),
}
# What stands there before anybody types does not make a part one that was filled in.
_OFFERED = frozenset({"consent_id", "purpose", "category"})
_OF_ALL = frozenset({"occurred_at", ALL_THE_SAME})  # said of every part at once
_OF_STEP: dict[Step, tuple[str, ...]] = {
    "papers": ("verify-coverage", "give-consent", "record-diagnosis"),
    "assessment": ("complete-assessment",),
    "level": ("start-level",),
}


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part as a form asks it: its fields under their plain names."""

    part: Part
    fields: tuple[Field, ...]

    @property
    def prefix(self) -> str:
        """What the names of its fields begin with on the form."""
        return f"{self.part.command}."

    def shown(self, held: Iterable[Field]) -> list[Field]:
        """Fields with their names as the form has them."""
        return [replace(field, name=self.prefix + field.name) for field in held]

    def of(self, form: Posted, seen: int | None) -> Posted:
        """What the form says of this part, with a key of its own."""
        values = {
            name.removeprefix(self.prefix): values
            for name, values in form.given.items()
            if name.startswith(self.prefix)
        }
        values |= {name: form.given[name] for name in _OF_ALL if name in form.given}
        return Posted(values, f"{form.key}:{self.part.command}", seen)

    def is_filled_in(self, form: Posted) -> bool:
        """Whether anything was said of it beyond what stood there."""
        part_form = self.of(form, None)
        return any(part_form.text(name) for name in part_form.given if name not in _OFFERED | _OF_ALL)

    def typed(self, form: Posted) -> list[Field]:
        """Its fields with what was typed."""
        return self.shown(as_given(field, self.of(form, None).given) for field in self.fields)

    def offered(self, entries: list[Entry], who: str, query: Mapping[str, str], form: Mapping[str, Any]) -> list[Field]:
        """Its fields with what stands there before anybody types; of a start, what the address asks them to hold, and
        of a consent what the consent form says that was chosen.
        """
        preset: Mapping[str, Any] = form if self.part.command == COMMAND else {}
        if self.part.command == "start-level":
            preset = asked_for(self.fields, query)
        known = {**defaults(self.part.command, entries, who, preset.get("level")), **_offers(self.part), **preset}
        return self.shown(field.holding(known.get(field.name)) for field in self.fields)


def asked_on(
    step: Step, parts: Iterable[Part], entries: list[Entry], role: str, kept: Kept | None = None
) -> list[FormPart]:
    """The parts that a step asks of a role: of papers those not on record yet; a consent as ``kept`` has it."""
    wanted = [part for part in parts if part.command in _OF_STEP[step] and may(role, f"command:{part.command}")]
    missing = [part for part in wanted if step != "papers" or not part.entries]
    return [FormPart(part, _fields(part.command, entries, kept)) for part in missing]


def _fields(command: str, entries: list[Entry], kept: Kept | None) -> tuple[Field, ...]:
    named = {field.name: field for field in fields_for(command)}
    if command == "complete-assessment":
        return tuple(as_rows(fields_for(command), last_assessment(entries)))
    names = (*_ASKED[command], "override_reason") if command == "start-level" else _ASKED[command]
    fields = tuple(
        replace(named[name], rows=True, required=command == "start-level" and named[name].required) for name in names
    )
    return with_choices(fields, kept) if command == COMMAND else fields


def _offers(part: Part) -> dict[str, Any]:
    match part.command:
        case "give-consent":
            return {"consent_id": f"consent-{len(part.entries) + 1}", "purpose": "TPO"}
        case "record-diagnosis":
            return {"category": "substance_use"}
        case _:
            return {}
