"""Saving a page of the admission: each part by its own command, durable by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request

from api.sessions import Identity
from api.web.admission.parts import FormPart
from api.web.frame.pages import Pages
from api.web.writing.command_forms import command_of
from api.web.writing.consents import COMMAND, Kept, asked_once
from api.web.writing.submission import Outcome, Posted, submit
from domain.events import InvalidDataError


@dataclass
class Saved:
    """What a page came to: the outcome of each part that was filled in, and what its author has seen by now."""

    seen: int | None
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes of parts that were not recorded."""
        return [outcome for outcome in self.outcomes.values() if outcome.receipt is None]

    @property
    def last_id(self) -> str:
        """The id of the last entry that was recorded; empty for none."""
        ids = [outcome.receipt.event_ids[-1] for outcome in self.outcomes.values() if outcome.receipt is not None]
        return ids[-1] if ids else ""


def save(
    pages: Pages,
    request: Request,
    who: Identity,
    reference: str,
    form: Posted,
    parts_asked: Sequence[FormPart],
    kept: Kept | None = None,
) -> Saved:
    """Record every part that was filled in; while one of them cannot be read, or a consent lacks what is asked about
    once, none of them.
    """
    saved = Saved(form.seen)
    filled = [parts_asked for parts_asked in parts_asked if parts_asked.is_filled_in(form)]
    for part in filled:
        problems = _unreadable(pages, part, form)
        if problems:
            saved.outcomes[part.part.command] = Outcome(problems=problems, prefix=part.prefix)
        elif part.part.command == COMMAND and (lacking := asked_once(kept, part.fields, part.of(form, None))):
            saved.outcomes[COMMAND] = replace(lacking, prefix=part.prefix)
    if not saved.outcomes:
        for part in filled:
            record(pages, request, who, reference, form, part, saved)
    return saved


def record(
    pages: Pages,
    request: Request,
    who: Identity,
    reference: str,
    form: Posted,
    part: FormPart,
    saved: Saved,
    **elsewhere: str,
) -> None:
    """Record one part and keep its outcome; ``said`` is what the form says of it elsewhere."""
    part_form = part.of(form, saved.seen)
    part_form = Posted(
        {**part_form.given, **{name: [value] for name, value in elsewhere.items()}}, part_form.key, part_form.seen
    )
    site = part_form.text("site") if who.at(part_form.text("site")) else ""

    def command() -> Any:
        return command_of(part.part.command, part.fields, part_form, pages)

    outcome = submit(pages, request, who, reference, part_form, command, site)
    outcome.prefix = part.prefix
    saved.outcomes[part.part.command] = outcome
    if outcome.receipt is not None:
        saved.seen = outcome.receipt.sequence


def _unreadable(pages: Pages, part: FormPart, form: Posted) -> Sequence[str]:
    try:
        command_of(part.part.command, part.fields, part.of(form, None), pages)
    except InvalidDataError as error:
        return error.problems
    return ()
