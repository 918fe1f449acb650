"""Lines with an id that is recorded already, or stands earlier in their batch: the same again, or another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.events import ChartsMerged, NotSamePerson
from infra.eventstore.log import EventLog
from infra.eventstore.mapper import opened, plain
from infra.eventstore.merge import linked
from infra.eventstore.recorded_ids import IncomingEntry, Taken, beside, recorded_under
from infra.eventstore.rows import Writing
from infra.interop.importers.events.lines import Prepared

OTHER_CONTENT = "is recorded with other content"
ON_ANOTHER_CHART = "is recorded on another chart"


def known_lines(
    log: EventLog, tx: Writing, lines: Sequence[Prepared], recorded: Mapping[str, int]
) -> dict[int, tuple[Prepared, Taken]]:
    """By its place in ``lines``, each line whose id is known, and how what has the id differs from it.

    ``recorded`` holds the positions of the ids that are in the log. What is known costs a look, all else nothing.
    """
    first: dict[str, int] = {}
    known: dict[int, tuple[Prepared, Taken]] = {}
    in_log: list[int] = []
    for place, line in enumerate(lines):
        if line.event_id in recorded:
            in_log.append(place)
        elif line.event_id in first:
            earlier = lines[first[line.event_id]]
            known[place] = line, beside(_said(log, earlier), _said(log, line))
        else:
            first[line.event_id] = place
    comparisons = recorded_under(tx, log.keyring, [_said(log, lines[place]) for place in in_log], recorded)
    known.update({place: (lines[place], taken) for place, (_, taken) in zip(in_log, comparisons, strict=True)})
    return known


def refusal(taken: Taken, earlier: int | None = None) -> str | None:
    """Why a line whose id is taken is not recorded, without any value; None where it says the same again.

    ``earlier`` is the line of the same batch that has the id.
    """
    if taken.same:
        return None
    where = f"entry {taken.position} of the log" if earlier is None else f"line {earlier}"
    what = ON_ANOTHER_CHART if taken.another_chart else f"{OTHER_CONTENT} ({', '.join(taken.differs)})"
    return f"event_id: {what}, by {where}: give an entry of its own an id of its own, or correct that one"


def _said(log: EventLog, line: Prepared) -> IncomingEntry:
    state = line.state
    if line.other is not None:
        meta, about = opened(state)
        assert isinstance(about, ChartsMerged | NotSamePerson)
        state = plain(meta, linked(about, log.client_id(line.other)))
    return IncomingEntry(line.event_id, log.stream_id(line.reference, provider=line.provider), state, line.recorded)
