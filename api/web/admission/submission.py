"""Saving a page of the admission: each part by its own command, durable by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from api.sessions import Identity
from api.web.admission.parts import Asked
from api.web.frame.rendering import Pages
from api.web.writing.said import command_of
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
        return [one for one in self.outcomes.values() if one.receipt is None]

    @property
    def last_id(self) -> str:
        """The id of the last entry that was recorded; empty for none."""
        ids = [one.receipt.event_ids[-1] for one in self.outcomes.values() if one.receipt is not None]
        return ids[-1] if ids else ""


def save(pages: Pages, request: Request, who: Identity, reference: str, form: Posted, asked: Sequence[Asked]) -> Saved:
    """Record every part that was filled in; while one of them cannot be read, none of them."""
    saved = Saved(form.seen)
    filled = [one for one in asked if one.is_filled_in(form)]
    for one in filled:
        problems = _unreadable(pages, one, form)
        if problems:
            saved.outcomes[one.part.command] = Outcome(problems=problems, prefix=one.prefix)
    if not saved.outcomes:
        for one in filled:
            record(pages, request, who, reference, form, one, saved)
    return saved


def record(
    pages: Pages, request: Request, who: Identity, reference: str, form: Posted, one: Asked, saved: Saved, **said: str
) -> None:
    """Record one part and keep its outcome; ``said`` is what the form says of it elsewhere."""
    own = one.of(form, saved.seen)
    own = Posted({**own.given, **{name: [value] for name, value in said.items()}}, own.key, own.seen)
    site = own.one("site") if who.at(own.one("site")) else ""

    def command() -> Any:
        return command_of(one.part.command, one.fields, own, pages)

    outcome = submit(pages, request, who, reference, own, command, site)
    outcome.prefix = one.prefix
    saved.outcomes[one.part.command] = outcome
    if outcome.receipt is not None:
        saved.seen = outcome.receipt.sequence


def _unreadable(pages: Pages, one: Asked, form: Posted) -> Sequence[str]:
    try:
        command_of(one.part.command, one.fields, one.of(form, None), pages)
    except InvalidDataError as error:
        return error.problems
    return ()
