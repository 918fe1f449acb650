"""A cell and its whole, read in one transaction, with the position of the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from infra.drilldown.catalogue import drilldown_of
from infra.drilldown.cell import Cell
from infra.drilldown.meaning import basis_of
from infra.drilldown.permalink import held
from infra.readmodels.context import HasReads
from projections.abstinence.queries import all_measures
from projections.base import Row
from projections.completion.definition import denominators
from projections.drilldown.cases import START, CaseCursor, Cases, Keep, Page, Totals
from projections.drilldown.model import Question
from projections.filters import FilterError


@dataclass(frozen=True, slots=True)
class Listing:
    """Which cases of a number are to be listed: of the clients that ``keep`` says (None: of all), from a place on."""

    after: CaseCursor = START
    limit: int = 50
    keep: Keep | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the cases to be listed, their kind and columns; ``seen`` are the totals of all that could be."""

    kind: str
    names: tuple[str, ...]
    page: Page
    seen: Totals

    def of(self, row: Row) -> dict[str, Any]:
        """A case by the names of its columns."""
        return dict(zip(self.names, row, strict=True))


@dataclass(frozen=True, slots=True)
class NumberResult:
    """What a number counts, and the number that it is a part of (None: of none).

    ``position`` says up to where the log is in it; None where no one position does, as while workers write.
    """

    totals: Totals
    whole: int | None
    position: int | None
    listed: Listed | None = None


def read_number(
    services: HasReads, cell: Cell, whole: str = "", listing: Listing | None = None, *, streamed: bool = False
) -> NumberResult:
    """A number, ``whole`` of the same row, and the cases that are to be listed, from one transaction.

    ``streamed``: workers who read a topic fill these read models, each its part of the clients. They write ahead of
    the position that all of them have reached, so it says what is there only where that is the whole log.

    Raises:
        FilterError: the number cannot be opened; the message says what can be.
    """
    basis, other = basis_of(services, cell), basis_of(services, replace(cell, number=whole)) if whole else None
    before = services.projector.reached() if streamed else 0
    with services.reads.reading() as connection:
        position = held(services, connection, basis.report)
        cases = _opened(services, connection, basis)
        totals = cases.totals()
        of = _opened(services, connection, other).totals().number if other else None
        listed = listing and _listed(cases, totals, listing)
    if streamed:
        position = before if services.log.head() == before else None
    return NumberResult(totals, of, position, listed)


def _listed(cases: Cases, totals: Totals, listing: Listing) -> Listed:
    seen = totals if listing.keep is None else cases.totals(listing.keep)
    return Listed(cases.kind, cases.names, cases.page(listing.after, listing.limit, listing.keep), seen)


def _opened(services: HasReads, connection: Connection, cell: Cell) -> Cases:
    file = services.settings.measures_file
    known = denominators(file)
    if cell.params.denominator not in known:
        msg = f"no denominator {cell.params.denominator!r}: choose from {', '.join(known)}"
        raise FilterError(msg)
    question = Question(
        replace(cell.params, by=()).filters(()),
        cell.at,
        cell.number,
        services.today().toordinal(),
        known[cell.params.denominator],
        all_measures(file),
        cell.params.endpoint,
    )
    return drilldown_of(cell.report, cell.params).open(connection, question)
