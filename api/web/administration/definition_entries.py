"""From a posted form to an entry of the provider's, and from what it came to back to the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from fastapi import Request

from api.http.correlation import request_id
from api.i18n.language import N_, _, translated
from api.sessions import Identity
from api.web.administration.definition_values import by_field, problem_at
from api.web.frame.pages import Pages
from api.web.writing.submission import Posted, moment_of
from domain.commands import Command
from domain.events import InvalidDataError
from domain.refusals import CommandRefusedError
from infra.eventstore.log import IdempotencyKeyReusedError, StaleSequenceError
from infra.provider.define import amend, stream_of
from projections.params import known_moment

SINCE = "since"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a form came to: recorded where nothing stands here, else why not, by the input that it is about.

    ``stale``: others recorded something of the thing since the form was opened; ``earlier``: this form was recorded
    before it was changed.
    """

    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    stale: bool = False
    earlier: bool = False

    @property
    def recorded(self) -> bool:
        """Whether the entry is in the log."""
        return not (self.problems or self.stale or self.earlier)

    @property
    def status(self) -> int:
        """The answer's status code."""
        return 409 if self.stale or self.earlier else 422


def record(
    pages: Pages,
    request: Request,
    who: Identity,
    form: Posted,
    label: str,
    command: Callable[[], Command],
    expected: int | None = None,
) -> Outcome:
    """Record what a form says in the provider's stream of a label, and wait until the pages know of it."""
    services = pages.services
    try:
        receipt = amend(
            services.log,
            label,
            command(),
            author=who.author("", request_id(request.scope)),
            now=services.now(),
            expected=expected,
            key=f"{who.person.key}:form:{form.key}",
        )
    except InvalidDataError as error:
        return Outcome(by_field(error.problems))
    except CommandRefusedError as error:
        return Outcome(
            {
                SINCE: "; ".join(
                    f"{translated(refusal.value)}. {translated(refusal.remedy)}" for refusal in error.refusals
                )
            }
        )
    except StaleSequenceError:
        return Outcome(stale=True)
    except IdempotencyKeyReusedError:
        return Outcome(earlier=True)
    request.app.state.appended()
    services.wait_for(receipt.position)
    return Outcome()


def since_of(pages: Pages, form: Posted) -> datetime:
    """The moment from which a form's words hold: as given, else that at which the form was made.

    Raises:
        InvalidDataError: it cannot be read.
    """
    if form.text(SINCE):
        try:
            return moment_of(form.text(SINCE), pages.zone)
        except InvalidDataError:
            text = N_("The facility's clocks never showed this: give another date and time, or leave it empty.")
            raise InvalidDataError([problem_at(SINCE, text)]) from None
    made = known_moment(form.text("made"))
    return made if made and made.utcoffset() is not None else pages.services.now()


def hidden(pages: Pages, label: str, form: Posted | None, outcome: Outcome | None) -> dict[str, object]:
    """The hidden fields of a form that is shown: its key, what its author has seen, and when it was made.

    Where its author was shown what stands in the record, sending it again is another request that has seen this.
    """
    again = outcome is not None and (outcome.stale or outcome.earlier)
    if form is not None and not again:
        return {"key": form.key, "seen": "" if form.seen is None else form.seen, "made": form.text("made")}
    now = pages.services.now().isoformat()
    return {"key": uuid4().hex, "seen": stream_of(pages.services.log, label).sequence, "made": now}


def summary(outcome: Outcome) -> str:
    """The one line above the problems."""
    if outcome.earlier:
        return _("This form was recorded before you changed it. What you changed since is not recorded.")
    if outcome.stale:
        return _("Somebody else changed this since you opened the form. Nothing was recorded.")
    return _("Nothing was recorded yet.")
