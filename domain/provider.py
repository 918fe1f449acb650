"""The provider's own streams: their labels, and what may be recorded in them.

A label (``provider:site:Main``) stands where a chart number would; no chart can have one (``domain.numbers``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.asides import aside_refusals
from domain.bookkeeping import DECIDED_ANEW, READABLE, event_of
from domain.commands import Command, Correct, Draft, Record, Retract, SetAside, TakeUp
from domain.decisions import CLOCK_SKEW, correction
from domain.entries import Entry, effective, microseconds
from domain.events import (
    CATALOGUE,
    EntryCorrected,
    EntryRetracted,
    EntrySetAside,
    EntryTakenUp,
    Event,
    GroupClosed,
)
from domain.events.provider import KINDS, ProviderEvent
from domain.numbers import PROVIDER, canonical
from domain.phrases import Phrase
from domain.refusals import CommandRefusedError, Refusal

# One imperative name per definition, beside those of ``domain.commands.RECORDING``.
DEFINING: dict[str, str] = {
    "define-site": "SiteDefined",
    "define-program": "ProgramDefined",
    "define-staff": "StaffDefined",
    "define-group": "GroupDefined",
    "close-group": "GroupClosed",
    "adopt-code-list": "CodeListAdopted",
    "define-consent-form": "ConsentFormDefined",
    "withdraw-consent-form": "ConsentFormWithdrawn",
}


def label_of(event: ProviderEvent) -> str:
    """The label of the stream that a definition belongs to."""
    return label(event.kind, event.key)


def label(kind: str, key: str) -> str:
    """The label of a thing's stream: its spelling as given; ``canonical`` compares two."""
    return f"{PROVIDER}{kind}:{key.strip()}"


def is_label(reference: str) -> bool:
    """Whether a reference is the label of one of the provider's streams, and no chart number."""
    return canonical(reference).startswith(PROVIDER)


def belongs(event: Event, stream: str) -> bool:
    """Whether an event may stand in the provider's stream of this label: a definition of the same thing, what amends
    one, or a decision to go on without one.
    """
    if isinstance(event, EntryCorrected):
        new = event.replacement
        event = CATALOGUE.parse(new.type, new.data, new.version, complete=False)
    if isinstance(event, EntryRetracted | EntrySetAside | EntryTakenUp):
        kind, _, key = canonical(stream).removeprefix(PROVIDER).partition(":")
        return kind in KINDS and bool(key)
    return isinstance(event, ProviderEvent) and canonical(label_of(event)) == canonical(stream)


def decide_definition(
    stream: str, entries: Sequence[Entry], command: Command, now: datetime, unread: Mapping[str, str] | None = None
) -> Draft:
    """The event that a command comes to in the provider's stream of this label, at the moment ``now`` (aware).

    ``entries`` are those that can be read; ``unread`` has the stored type of each of the others by its id.

    Raises:
        CommandRefusedError: what is unmet.
        InvalidDataError, UnknownEventTypeError: a correction's data do not fit its type.
    """
    draft = _drafted(command, now)
    refusals = _future(draft, now) + _keeping(entries, unread or {}, command)
    if not belongs(draft.event, stream):
        refusals.append(_ANOTHER_STREAM)
    if isinstance(draft.event, EntryCorrected | EntryRetracted):
        refusals += _target(entries, draft.event.target)
    if isinstance(draft.event, ProviderEvent) and draft.event.ends:
        refusals += _in_force(entries, draft)
    if refusals:
        raise CommandRefusedError(refusals)
    return draft


def _drafted(command: Command, now: datetime) -> Draft:
    match command:
        case Record():
            return Draft(command.event, command.occurred_at)
        case Correct():
            return Draft(correction(command), now)
        case Retract():
            return Draft(EntryRetracted(target=command.target, reason=command.reason), now)
        case SetAside():
            return Draft(EntrySetAside(target=command.target, reason=command.reason), now)
        case TakeUp():
            return Draft(EntryTakenUp(target=command.target, reason=command.reason), now)
        case _:
            raise CommandRefusedError([_ANOTHER_STREAM])


def _keeping(entries: Sequence[Entry], unread: Mapping[str, str], command: Command) -> list[Refusal]:
    """What a command may not do to decisions about entries that cannot be read."""
    match command:
        case SetAside() | TakeUp():
            return aside_refusals(entries, unread, (), command)
        case Correct() | Retract() if isinstance(event_of(entries, command.target), EntrySetAside | EntryTakenUp):
            return [DECIDED_ANEW]
        case Record(event=EntrySetAside(target=target)) if event_of(entries, target) is not None:
            return [READABLE]
        case _:
            return []


def _future(draft: Draft, now: datetime) -> list[Refusal]:
    moments = [draft.occurred_at]
    if isinstance(draft.event, EntryCorrected):
        moments.append(draft.event.replacement.occurred_at)
    return [_FUTURE] if max(moments) > now + CLOCK_SKEW else []


def _target(entries: Sequence[Entry], target: UUID) -> list[Refusal]:
    return [] if any(entry.event_id == target.hex for entry in entries) else [_NO_TARGET]


def _in_force(entries: Sequence[Entry], draft: Draft) -> list[Refusal]:
    """Whether what is to end was defined then."""
    at = microseconds(draft.occurred_at)
    before = [entry.event for entry in effective(entries) if entry.at <= at]
    if before and isinstance(before[-1], ProviderEvent) and not before[-1].ends:
        return []
    return [_NO_GROUP if isinstance(draft.event, GroupClosed) else _NO_FORM]


_ANOTHER_STREAM = Refusal(
    "own_stream",
    Phrase("it is not a definition of this"),
    Phrase("Give a definition of the same site, program, member of staff, group, code list or consent form."),
)
_FUTURE = Refusal(
    "not_in_the_future", Phrase("the time is in the future"), Phrase("Give the moment from which it holds, or now.")
)
_NO_TARGET = Refusal(
    "target_is_on_this_chart", Phrase("no entry with this id is recorded of it"), Phrase("Choose one of its entries.")
)
_NO_GROUP = Refusal(
    "group_is_open", Phrase("no such group meets then"), Phrase("Define the group first, or check its name.")
)
_NO_FORM = Refusal(
    "consent_form_is_offered",
    Phrase("no such consent form is offered then"),
    Phrase("Define the form first, or check its name."),
)
