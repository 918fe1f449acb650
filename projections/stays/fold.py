"""The fold of stays and episodes, and what they add to the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

from domain.events import CoverageVerified, DiagnosisRecorded
from domain.journey import STAYS, Stay
from projections.base import Cells, ReadModel, Row, Rows
from projections.chart import Chart
from projections.clinical.course import NO_END, by_end, episode_numbers
from projections.running_sums import spans
from projections.stays import tables


def length_of_stay(start_day: int, end_day: int) -> int:
    """Days from start to end, the end day not counted, at least 1."""
    return max(1, end_day - start_day)


def fold(chart: Chart) -> Rows:
    """A client's stays and episodes; a chart that was merged into another has none."""
    if chart.closed:
        return {}
    stays = sorted(chart.journey.stays, key=lambda stay: stay.start)
    numbers = episode_numbers(stays)
    until = census_ends(stays)
    payers = payers_of(chart)
    dual_from = dual_diagnosis_from(chart)
    stay_rows = [
        (
            *_stay_row(chart.client_id, index, stay, numbers[index - 1], payer_of(payers, stay), dual_from),
            until[index - 1],
        )
        for index, stay in enumerate(stays, start=1)
    ]
    return {"stay": stay_rows, "episode": _episode_rows(chart.client_id, stays, numbers)}


def census_ends(stays: Sequence[Stay]) -> list[int | None]:
    """Until which day the census counts each stay (not on it); None while it is open. ``stays`` by their start.

    Nobody is in two beds: of two stays that overlap though neither is concurrent, the earlier counts until the later
    begins, and the later not at all where it is over before the earlier.
    """
    ends = [stay.end_day for stay in stays]
    standing: int | None = None  # the stay that reaches the furthest of those so far
    for index, stay in enumerate(stays):
        if not stay.exclusive:
            continue
        if standing is None:
            standing = index
            continue
        reach = NO_END if ends[standing] is None else stays[standing].end_day or 0
        if (NO_END if stay.end_day is None else stay.end_day) < reach:
            ends[index] = stay.start_day if stay.start_day < reach else stay.end_day
        else:
            ends[standing] = min(reach, stay.start_day)
            standing = index
    return ends


def _stay_row(client_id: str, n: int, stay: Stay, episode: int, payer: str, dual_from: int | None) -> Row:
    days = None if stay.end_day is None else length_of_stay(stay.start_day, stay.end_day)
    dual = dual_from is not None and (stay.end is None or dual_from <= stay.end)
    return (
        client_id,
        n,
        stay.level,
        stay.program,
        stay.site,
        payer,
        stay.slot or "",
        dual,
        stay.clinician,
        stay.start,
        stay.start_day,
        stay.end,
        stay.end_day,
        days,
        stay.reason,
        stay.next_level,
        stay.concurrent,
        stay.overridden,
        episode,
        month_of(stay.start_day),
        None if stay.end_day is None else month_of(stay.end_day),
    )


def _episode_rows(client_id: str, stays: Sequence[Stay], numbers: Sequence[int]) -> list[Row]:
    rows: list[Row] = []
    for number in sorted(set(numbers) - {0}):
        of_episode = (stay for stay, episode in zip(stays, numbers, strict=True) if episode == number)
        members = [stay for stay in of_episode if stay.level != "alumni"]
        rows.append(_episode_row(client_id, number, members))
    return rows


def _episode_row(client_id: str, number: int, members: Sequence[Stay]) -> Row:
    first = members[0]
    ends = [stay.end_day for stay in members if stay.end_day is not None]
    end_day = max(ends) if len(ends) == len(members) else None
    last = max(members, key=by_end)
    path = [first.level, *(after.level for before, after in pairwise(members) if after.level != before.level)]
    return (
        client_id,
        number,
        first.start_day,
        end_day,
        None if end_day is None else length_of_stay(first.start_day, end_day),
        len(members),
        first.level,
        last.level,
        ">".join(path)[:400],
        last.program,
        last.site,
        None if end_day is None else last.reason,
    )


def payers_of(chart: Chart) -> list[tuple[int, str, str]]:
    """(when, level, payer) of each verified coverage, in clinical order."""
    return [(entry.at, event.level, event.payer) for entry, event in chart.events(CoverageVerified)]


def payer_of(payers: Sequence[tuple[int, str, str]], stay: Stay) -> str:
    """The payer that last verified this level before the stay began, or else first during it."""
    before = [payer for at, level, payer in payers if level == stay.level and at <= stay.start]
    during = [payer for at, level, payer in payers if level == stay.level and at > stay.start and stay.covers(at)]
    return before[-1] if before else (during[0] if during else "")


def dual_diagnosis_from(chart: Chart) -> int | None:
    """Since when a diagnosis of each category is on the chart (µs UTC), or None."""
    firsts: dict[str, int] = {}
    for entry, event in chart.events(DiagnosisRecorded):
        firsts.setdefault(event.category, entry.at)
    return max(firsts.values()) if len(firsts) == 2 else None


@lru_cache(maxsize=20_000)
def month_of(day: int) -> str:
    """The month of a day as ``YYYY-MM``."""
    return date.fromordinal(day).isoformat()[:7]


def cells(rows: Rows) -> Cells:
    """What stays add to the counts of completion, length of stay, open stays and census."""
    completion: Counter[Row] = Counter()
    lengths: Counter[Row] = Counter()
    lasting: Counter[Row] = Counter()
    census: Counter[Row] = Counter()
    for row in rows.get("stay", ()):
        _, _, level, program, site, payer, slot, dual, _, _, start_day, _, end_day, days, reason, *_, until = row
        for day, kind in ((start_day, "in"), (until, "off"), (end_day, "out")):
            if day is not None:
                for span in spans(day):
                    census[*span, level, site, program, kind] += 1
        if end_day is None:
            for dimension, value in tables.by_dimension(program, site):
                lasting[dimension, level, value, start_day] += 1
            continue
        values = (program, site, payer, slot, "yes" if dual else "no")
        admitted, discharged = month_of(start_day), month_of(end_day)
        for dimension, value in zip(tables.DIMENSIONS, values, strict=True):
            completion["ever", dimension, "", level, value, reason] += 1
            completion["discharge", dimension, discharged, level, value, reason] += 1
            completion["admission", dimension, admitted, level, value, reason] += 1
        for dimension, value in tables.by_dimension(program, site):
            lengths[dimension, level, value, reason, days] += 1
    return {"completion_count": completion, "stay_days": lengths, "open_stays": lasting, "census_change": census}


MODEL = ReadModel(
    name="stays",
    version=7,
    tables=(tables.STAY, tables.EPISODE),
    counts=(tables.COMPLETION_COUNT, tables.STAY_DAYS, tables.OPEN_STAYS, tables.CENSUS_CHANGE),
    fold=fold,
    cells=cells,
    reads=STAYS | {CoverageVerified, DiagnosisRecorded},
)
