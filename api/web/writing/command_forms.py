"""The forms of commands: their fields, and the command that a sent form gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.i18n.language import N_
from api.web.frame.pages import Pages
from api.web.writing.assessments import all_rated
from api.web.writing.fields import Field, fields_of, read
from api.web.writing.lengths import kept_length
from api.web.writing.moments import with_offsets
from api.web.writing.sheets import answered
from api.web.writing.submission import Posted, moment_of
from domain.commands import RECORDING, Record, Transfer
from domain.events import CATALOGUE, InvalidDataError, LevelOfCareEnded, LevelOfCareStarted, NoteAdded

_END = {field.name: field for field in fields_of(LevelOfCareEnded)}
NO_LENGTHS: Mapping[str, int] = {}
NOTED = frozenset({"attend-session", "miss-session"})
"""Commands whose form has room for a note, which becomes an entry of its own."""
_NOTE = Field(
    "session_note", N_("Note"), "long", help=N_("What happened, for the record: an entry beside the session's")
)
TRANSFER_FIELDS = (_END["reason"], *fields_of(LevelOfCareStarted), _END["summary"])


def fields_for(command: str) -> tuple[Field, ...]:
    """The fields of a command's form."""
    return TRANSFER_FIELDS if command == "transfer" else fields_of(CATALOGUE.current(RECORDING[command]))


def form_fields(command: str) -> tuple[Field, ...]:
    """The same with what a form asks for beside the event."""
    return (*fields_for(command), _NOTE) if command in NOTED else fields_for(command)


def command_of(
    command: str, fields: tuple[Field, ...], form: Posted, pages: Pages, usual: Mapping[str, int] = NO_LENGTHS
) -> Any:
    """The command that a form says.

    Raises:
        InvalidDataError: it does not fit.
    """
    at = moment_of(form.text("occurred_at"), pages.zone)
    data = with_offsets(fields, read(fields, form.given), pages.zone)
    problem = kept_length(form, usual)
    if problem:
        raise InvalidDataError([problem])
    if command == "score-instrument":
        data = answered(data, form.given)
    if command == "complete-assessment":
        all_rated(data)
    if command != "transfer":
        return Record(CATALOGUE.parse(RECORDING[command], data), at, _note(form) if command in NOTED else None)
    reason, summary = data.pop("reason", "transferred"), data.pop("summary", None)
    start = CATALOGUE.parse("LevelOfCareStarted", data)
    assert isinstance(start, LevelOfCareStarted)
    return Transfer(start, at, reason, None, summary)


def _note(form: Posted) -> NoteAdded | None:
    text = form.text(_NOTE.name)
    note = CATALOGUE.parse("NoteAdded", {"text": text, "kind": "progress"}) if text else None
    assert note is None or isinstance(note, NoteAdded)
    return note
