"""From a posted form to a command, and from what it came to back to the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, cast
from urllib.parse import parse_qs
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from api.http.access import may
from api.http.correlation import request_id
from api.i18n.language import error_text, sentence
from api.sessions import Identity
from api.web.frame.pages import Pages
from api.web.writing.fields import Given, label_of
from api.whole_numbers import whole_number
from domain.commands import Command
from domain.events import InvalidDataError, UnknownEventTypeError
from domain.phrases import Phrase
from domain.refusals import CommandRefusedError, Refusal
from infra.bootstrap import Services
from infra.commands.handle import Change, StaleChartError, handle
from infra.eventstore.client_chart import NoSuchChartError
from infra.eventstore.erased import ChartErasedError
from infra.eventstore.log import IdempotencyKeyReusedError, Receipt
from projections.params import known_moment

_MISSING = Phrase("needed")


@dataclass
class Outcome:
    """What a form came to: recorded, or why not. ``stale``: entries came since the form was opened.

    ``changes`` are those, for who may read the history; ``earlier`` are the entries that the same form recorded before
    it was changed: their charts and event ids. ``sequence`` is what its author has seen by now.
    """

    receipt: Receipt | None = None
    problems: Sequence[str] = ()
    refusals: Sequence[Refusal] = ()
    changes: Sequence[Change] = ()
    earlier: Sequence[tuple[str, UUID]] = ()
    sequence: int | None = None
    prefix: str = ""  # what the names of its fields begin with on the form
    missing: bool = False
    stale: bool = False
    may_stay: bool = False  # sent again with a word for it, it is recorded as it is

    @property
    def status(self) -> int:
        """The answer's status code."""
        if self.receipt:
            return 303
        return 409 if self.is_another else (404 if self.missing else 422)

    @property
    def placed(self) -> list[tuple[str, str]]:
        """Each problem with the name of the field that it is about; empty where it is about none."""
        return [(_told(problem), self._named(problem)) for problem in self.problems]

    @property
    def invalid(self) -> dict[str, str]:
        """What is wrong with each field that a problem or a refusal names, in the order in which they are told."""
        by_field = {
            field: getattr(problem, "values", {}).get("problem", problem) for problem, field in self.placed if field
        }
        refused = {self._named(refusal.value): refusal.value for refusal in self.refusals}
        return by_field | {name: value for name, value in refused.items() if name}

    def _named(self, problem: str) -> str:
        """The name on the form of the field that a problem is about."""
        name = field_of(problem)
        return name if name in {"", "occurred_at"} else self.prefix + name

    @property
    def is_another(self) -> bool:
        """Whether the form, sent again, is another request: its author was shown what stands in the record."""
        return self.stale or bool(self.earlier)


@dataclass(frozen=True)
class Posted:
    """A posted form: its fields, the key that makes it safe to send twice, the sequence that its author saw."""

    given: Given
    key: str
    seen: int | None
    raw: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def text(self, name: str) -> str:
        """A field's text."""
        return (self.given.get(name) or [""])[0].strip()


def _short(problem: str) -> str:
    """What is wrong with a field, where the field itself says which it is."""
    values = getattr(problem, "values", {})
    text = values.get("problem") or (_MISSING if getattr(problem, "template", "").endswith(": missing") else problem)
    return _MISSING if text == "Field required" else text


def _told(problem: str) -> str:
    """A problem of an event's field by the name that people read at it; any other as it is."""
    values = getattr(problem, "values", {})
    if "type" not in values or not field_of(problem):
        return problem
    return Phrase("{field}: {problem}", field=Phrase(label_of(field_of(problem))), problem=_short(problem))


def field_of(problem: str) -> str:
    """The field that a problem names; a refusal of the rules names its own before a colon."""
    named = getattr(problem, "values", {}).get("field", "")
    first, colon, _ = problem.partition(": ")
    name = str(named).partition(".")[0] or (first if colon and first.isidentifier() and first.islower() else "")
    return "" if name == "data" else name


def hidden(sequence: int | None, form: Posted | None, outcome: Outcome | None) -> dict[str, object]:
    """The ``key`` and ``seen`` of a form that is shown, for a chart at ``sequence``.

    Where its author was shown what stands in the record, sending it again is another request that has seen this.
    """
    if form is None:
        key, seen = uuid4().hex, sequence
    elif outcome is not None and outcome.is_another:
        key, seen = uuid4().hex, outcome.sequence
    else:
        key, seen = form.key, form.seen
    return {"key": key, "seen": "" if seen is None else seen}


async def posted(request: Request) -> Posted:
    """Read a form; repeated fields stay lists."""
    given = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=1_000)
    seen = (given.get("seen") or [""])[0]
    key = (given.get("key") or [""])[0][:100]
    return Posted(given, key or uuid4().hex, whole_number(seen, 14))


Form = Annotated[Posted, Depends(posted)]
"""A posted form, as a handler asks for it."""


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """A clinical time as the form gives it: in the facility's time zone, the first of an hour that comes twice.

    Raises:
        InvalidDataError: it is no date and time, or one that the change of clocks skipped.
    """
    moment = known_moment(text)
    if moment is None:
        raise InvalidDataError([Phrase("When: give the date and time when it happened", field="occurred_at")])
    if moment.utcoffset() is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise InvalidDataError(
            [
                Phrase(
                    "When: the clocks went forward, so this time did not exist that day: "
                    "give one before or after the gap",
                    field="occurred_at",
                )
            ]
        )
    return local


def submit(
    pages: Pages, request: Request, who: Identity, reference: str, form: Posted, command: Any, site: str = ""
) -> Outcome:
    """Give the command; ``command`` is a function that makes it, so that what it refuses comes back as well."""
    log = pages.services.log

    def record(**how: Any) -> Receipt:
        return handle(log, reference, cast("Command", command()), **how)

    return attempt(pages, request, who, form, record, site)


def attempt(
    pages: Pages, request: Request, who: Identity, form: Posted, record: Callable[..., Receipt], site: str = ""
) -> Outcome:
    """What it comes to to ``record`` what a form says; it is given who, when, what was seen and the form's key."""
    services = pages.services
    try:
        receipt = record(
            author=who.author(site, request_id(request.scope)),
            now=services.now(),
            expected=form.seen,
            key=f"{who.person.key}:form:{form.key}",
        )
    except InvalidDataError as error:
        return Outcome(problems=error.problems)
    except UnknownEventTypeError as error:
        return Outcome(problems=[error_text(error)])
    except CommandRefusedError as error:
        return Outcome(refusals=error.refusals)
    except StaleChartError as error:
        changes = error.changes if may(who.role, "history") else []
        return Outcome(stale=True, changes=changes, sequence=error.actual)
    except IdempotencyKeyReusedError as error:
        return Outcome(earlier=earlier(services, error.earlier), sequence=_seen_with(form.seen, error.earlier))
    except ChartErasedError as error:
        return Outcome(problems=[sentence(error)])
    except NoSuchChartError as error:
        return Outcome(problems=[sentence(error)], missing=True)
    request.app.state.appended()
    services.wait_for(receipt.position)
    return Outcome(receipt)


def earlier(services: Services, receipts: Sequence[Receipt]) -> list[tuple[str, UUID]]:
    """What a form recorded before it was changed and sent once more: charts, and the last entry in each."""
    names = services.log.references([receipt.client_id for receipt in receipts])
    return [(names[receipt.client_id], UUID(hex=receipt.event_ids[-1])) for receipt in receipts]


def _seen_with(seen: int | None, receipts: Sequence[Receipt]) -> int | None:
    """What the author of a form has seen, with what the form itself recorded; nothing of what others wrote."""
    receipt = receipts[0]
    return receipt.sequence if seen is not None and receipt.sequence - len(receipt.event_ids) == seen else seen
