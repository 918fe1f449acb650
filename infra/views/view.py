"""What a saved view is: a question under a name, whose it is, and where its readers keep it in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from domain.errors import ExpectedError
from domain.phrases import Phrase
from infra.readmodels.context import HasReads
from infra.reporting.kinds import ReportParams
from infra.reporting.question import canonical, params_of
from infra.reporting.reports import check_asked, run_report
from projections.filters import FilterError

PinPlace = Literal["reports", "today"]
PLACES: tuple[PinPlace, ...] = get_args(PinPlace)
LONGEST_NAME = 80
LONGEST_VALUE = 500


class ViewError(ExpectedError, ValueError, kind="invalid"):
    """A view cannot be kept so; the message names the field and the remedy."""

    def __init__(self, name: str, message: Phrase) -> None:
        """``name`` is the field's."""
        super().__init__(message)
        self.field = name


@dataclass(frozen=True, slots=True)
class View:
    """A question by its name. ``made`` and ``deleted`` are in µs UTC; 0 is never.

    ``question`` holds the filters of ``report`` as an address has them; a period in words stays words. ``owner`` is the
    key of the person, ``by`` their name. ``pinned`` is where the one who asks keeps it in sight, nobody else.
    """

    id: str
    owner: str
    by: str
    name: str
    report: str
    question: Mapping[str, str]
    shared: bool
    made: int
    deleted: int = 0
    pinned: frozenset[PinPlace] = field(default_factory=frozenset[PinPlace])

    def params(self, today: date) -> ReportParams:
        """What it asks, seen from a day in the facility's zone.

        Raises:
            FilterError: the report no longer takes what it asks.
        """
        return params_of(self.report, self.question, today=today)


def checked_name(text: str) -> str:
    """A name as it is kept: one line, without blanks around it.

    Raises:
        ViewError: none, or one that is too long.
    """
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise ViewError("name", Phrase("give the view a name, in words that name no client"))
    if len(name) > LONGEST_NAME:
        raise ViewError("name", Phrase("a name has at most {most} letters: shorten it", most=LONGEST_NAME))
    return name


def checked_question(services: HasReads, report: str, values: Mapping[str, str]) -> dict[str, str]:
    """A question that its report answers today, without what it leaves open.

    Raises:
        ViewError: it cannot.
    """
    try:
        if any(len(value) > LONGEST_VALUE for value in values.values()):
            raise FilterError(Phrase("a filter has at most {most} letters: shorten it", most=LONGEST_VALUE))
        question = canonical(report, values)
        params = params_of(report, question, today=services.today())
        check_asked(report, params)
        run_report(report, services, params)
    except FilterError as error:
        reason = error.args[0]
        raise ViewError("question", reason if isinstance(reason, Phrase) else Phrase(str(reason))) from None
    return question
