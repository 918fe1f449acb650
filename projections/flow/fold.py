"""The fold of moves: for each ended stay what followed it, for each episode how it began."""

from __future__ import annotations

from collections.abc import Sequence

from domain.journey import STAYS, Stay
from projections.base import ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.course import EPISODE_GAP_DAYS, episode_numbers
from projections.flow import tables

LEFT = "left"


def fold(chart: Chart) -> Rows:
    """A client's moves and entries; concurrent stays have no place in the continuum and are left out."""
    if chart.closed:
        return {}
    stays = sorted((stay for stay in chart.journey.stays if not stay.concurrent), key=lambda stay: stay.start)
    treatment = [stay for stay in stays if stay.level != "alumni"]
    alumni = [stay for stay in stays if stay.level == "alumni"]
    rows = [_entry(chart.client_id, stay, again=again) for stay, again in entries(treatment)]
    for place, stay in enumerate(treatment):
        following = treatment[place + 1] if place + 1 < len(treatment) else None
        rows += _move(chart.client_id, stay, following, alumni)
    for stay in alumni:
        following = next((other for other in treatment if other.start > stay.start), None)
        rows += _move(chart.client_id, stay, following, ())
    return {"flow": rows}


def entries(treatment: Sequence[Stay]) -> list[tuple[Stay, bool]]:
    """The stays that begin an episode (a gap of more than 30 days before them), and whether one came before."""
    numbers = episode_numbers(treatment)
    begun = zip(treatment, numbers, [0, *numbers], strict=False)
    return [(stay, number > 1) for stay, number, before in begun if number != before]


def _entry(client_id: str, stay: Stay, *, again: bool) -> Row:
    target = "again" if again else "first"
    return (client_id, "entry", target, "", stay.level, stay.program, stay.site, stay.start_day, stay.end_day, None)


def _move(client_id: str, stay: Stay, following: Stay | None, alumni: Sequence[Stay]) -> list[Row]:
    """What came of a stay that has ended: the next treatment, else alumni, else nothing."""
    if stay.end_day is None:
        return []
    until = stay.end_day + EPISODE_GAP_DAYS
    target = LEFT
    if following is not None and following.start_day <= until:
        target = following.level
    elif any(stay.start_day <= after.start_day <= until and _lasts(after, stay.end_day) for after in alumni):
        target = "alumni"
    place = (stay.level, stay.program, stay.site, stay.start_day, stay.end_day)
    return [(client_id, "move", target, stay.reason or "", *place, until)]


def _lasts(stay: Stay, day: int) -> bool:
    return stay.end_day is None or stay.end_day >= day


MODEL = ReadModel(
    name="flow",
    version=4,
    tables=(tables.FLOW,),
    counts=(tables.FLOW_COUNT, tables.FLOW_PENDING),
    fold=fold,
    cells=tables.TALLY.adds,
    reads=STAYS,
)
