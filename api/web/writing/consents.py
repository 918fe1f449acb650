"""The form of a consent: filled in from a form that the provider keeps ready, and told what 42 CFR 2.31 still asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fastapi import Request

from api.i18n.language import N_
from api.web.frame.pages import Pages
from api.web.writing.fields import Field, read
from api.web.writing.submission import Outcome, Posted
from domain.consent_elements import missing_in, missing_on_paper
from domain.events import CATALOGUE, ConsentFormDefined, ConsentGiven, InvalidDataError
from domain.numbers import canonical
from domain.phrases import Phrase, spaced
from infra.provider.definitions import defined

COMMAND, ALL_THE_SAME = "give-consent", "all-the-same"
_ALLOWED = N_("Tick what the client allows; nothing is ticked for them")


@dataclass(frozen=True, slots=True)
class Kept:
    """The consent forms that are kept ready, by key and name, and the one that was ``chosen``.

    ``missing`` is what the printed form of it does not say; ``gone`` is whether the one asked for is not offered.
    """

    offered: Sequence[tuple[str, str]] = ()
    key: str = ""
    chosen: ConsentFormDefined | None = None
    missing: Sequence[str] = ()
    gone: bool = False


def kept_ready(pages: Pages, request: Request, command: str) -> Kept | None:
    """What stands ready, where the command is that of a consent."""
    if command != COMMAND:
        return None
    definitions = defined(pages.services, "consent_form", pages.services.now())
    key = request.query_params.get("form", "")
    by_key = {canonical(definition.key): definition for definition in reversed(definitions)}
    definition = by_key.get(canonical(key)) if key else None
    chosen = ConsentFormDefined.model_validate(definition.data) if definition else None
    offered = [(definition.key, definition.name) for definition in definitions]
    return Kept(offered, key, chosen, missing_on_paper(chosen) if chosen else (), gone=bool(key) and chosen is None)


def filled_in(pages: Pages, kept: Kept | None) -> dict[str, Any]:
    """What the chosen form says of a consent that is given today; what the client allows of it is left to them."""
    if kept is None or kept.chosen is None:
        return {}
    form = kept.chosen
    end = pages.services.today() + timedelta(days=form.days_valid) if form.days_valid else None
    return {"purpose": form.purpose, "recipient": form.recipient, "expires_on": end}


def with_choices(fields: Sequence[Field], kept: Kept | None) -> tuple[Field, ...]:
    """The fields, where a form was chosen with what it discloses as boxes to tick."""
    if kept is None or kept.chosen is None:
        return tuple(fields)
    choices = tuple((element, element) for element in kept.chosen.disclosed)
    return tuple(
        replace(field, kind="ticks", choices=choices, help=_ALLOWED) if field.name == "scope" else field
        for field in fields
    )


def asked_once(kept: Kept | None, fields: Sequence[Field], form: Posted) -> Outcome | None:
    """What a consent leaves out that 42 CFR 2.31 asks for: said before it is recorded, and once."""
    if kept is None:
        return None
    if kept.gone:
        text = Phrase("This consent form is not offered any more: begin with another, or without one.")
        return Outcome(problems=[text])
    try:
        consent = CATALOGUE.parse("ConsentGiven", read(fields, form.given))
    except InvalidDataError:
        return None  # said where it is refused
    assert isinstance(consent, ConsentGiven)
    missing = {} if form.text(ALL_THE_SAME) else missing_in(consent)
    problems = [
        Phrase("{type}: {field}: {problem}", type=spaced("ConsentGiven"), field=Phrase(name), problem=problem)
        for name, problem in missing.items()
    ]
    return Outcome(problems=problems, may_stay=True) if problems else None
