"""From a posted form to a command, and from what it came to back to the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qs
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import Request

from api.web.language import N_, sentence, told
from api.web.rendering import Pages
from api.web.session import Identity
from api.web.writing.fields import Given
from domain.commands import Command
from domain.events import InvalidDataError, UnknownEventTypeError
from domain.refusals import CommandRefusedError, Refusal
from infra.charts import NoSuchChartError
from infra.handling import Change, StaleChartError, handle
from infra.store.erased import ChartErasedError
from infra.store.log import IdempotencyKeyReusedError, Receipt


@dataclass
class Outcome:
    """What a form came to: recorded, or why not. ``changes`` are entries that came since the form was opened."""

    receipt: Receipt | None = None
    problems: Sequence[str] = ()
    refusals: Sequence[Refusal] = ()
    changes: Sequence[Change] = ()
    sequence: int = 0
    missing: bool = False

    @property
    def status(self) -> int:
        """The answer's status code."""
        if self.receipt:
            return 303
        return 409 if self.changes else (404 if self.missing else 422)


@dataclass(frozen=True)
class Posted:
    """A posted form: its fields, the key that makes it safe to send twice, the sequence that its author saw."""

    given: Given
    key: str
    seen: int | None
    raw: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def one(self, name: str) -> str:
        """A field's text."""
        return (self.given.get(name) or [""])[0].strip()


async def posted(request: Request) -> Posted:
    """Read a form; repeated fields stay lists."""
    given = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=1_000)
    seen = (given.get("seen") or [""])[0]
    key = (given.get("key") or [""])[0][:100]
    return Posted(given, key or uuid4().hex, int(seen) if seen.isdigit() and len(seen) < 15 else None)


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """A clinical time as the form gives it: in the facility's time zone, the first of an hour that comes twice.

    Raises:
        InvalidDataError: it is no date and time, or one that the change of clocks skipped.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidDataError([N_("When: give the date and time when it happened")]) from None
    if moment.utcoffset() is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise InvalidDataError(
            [N_("When: the clocks went forward, so this time did not exist that day: give one before or after the gap")]
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
    correlation = str(request.scope.setdefault("carejourney.request_id", str(UUID(bytes=uuid4().bytes))))
    try:
        receipt = record(
            author=who.author(site, correlation),
            now=services.now(),
            expected=form.seen,
            key=f"{who.name}:form:{form.key}",
        )
    except InvalidDataError as error:
        return Outcome(problems=error.problems)
    except UnknownEventTypeError as error:
        return Outcome(problems=[told(error)])
    except CommandRefusedError as error:
        return Outcome(refusals=error.refusals)
    except StaleChartError as error:
        return Outcome(changes=error.changes, sequence=error.actual)
    except (ChartErasedError, IdempotencyKeyReusedError) as error:
        return Outcome(problems=[sentence(error)])
    except NoSuchChartError as error:
        return Outcome(problems=[sentence(error)], missing=True)
    request.app.state.appended()
    services.wait_for(receipt.position)
    return Outcome(receipt)
