"""Direct transfers: 24-hour care that goes on in another stay of 24-hour care."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.journey import Stay
from projections.clinical.course import by_end

TRANSFER_DAYS = 1


def chain_end(stays: Sequence[Stay], stay: Stay) -> Stay:
    """The last stay of the chain that a stay of 24-hour care leads into by direct transfers, itself if by none.

    ``stays`` are those of 24-hour care in order of their starts. A transfer is direct where the next stay begins one
    day after the end at most.
    """
    last = stay
    for following in stays:
        if following.start >= stay.start and following is not stay and _leads_into(last, following):
            last = max(last, following, key=by_end)
    return last


def chains(stays: Sequence[Stay]) -> Iterator[Stay]:
    """The last stay of each chain of direct transfers, in order."""
    reached: Stay | None = None
    for stay in stays:
        if reached is not None and _leads_into(reached, stay):
            reached = max(reached, stay, key=by_end)
            continue
        if reached is not None:
            yield reached
        reached = stay
    if reached is not None:
        yield reached


def _leads_into(stay: Stay, following: Stay) -> bool:
    return stay.end_day is None or following.start_day <= stay.end_day + TRANSFER_DAYS
