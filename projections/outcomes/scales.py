"""The scales that outcomes are read from, and how much of a change means something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.events import InstrumentScored
from domain.instruments import instrument, plain_name


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale: ``matters`` is the smallest change that counts as better or worse, ``sign`` what is better."""

    id: str
    title: str
    matters: float
    source: str
    sign: int = -1


SCALES: dict[str, Scale] = {
    item.id: item
    for item in (
        Scale("phq9", "PHQ-9 (depression)", 5, "Kroenke et al. 2001: 5 points"),
        Scale("gad7", "GAD-7 (anxiety)", 4, "Toussaint et al. 2020: 4 points"),
        Scale("bam", "BAM as scored", 1, "Any change of the recorded score"),
        Scale("bam_use", "BAM use (items 4–6)", 1, "Any change; Cacciola et al. 2013"),
        Scale("bam_risk", "BAM risk (items 1, 2, 3, 8, 11, 15)", 1, "Any change; Cacciola et al. 2013"),
        Scale(
            "bam_protective", "BAM protection (items 9, 10, 12, 13, 14, 16)", 1, "Any change; Cacciola et al. 2013", 1
        ),
    )
}
_BAM_ITEMS = {"use": (4, 5, 6), "risk": (1, 2, 3, 8, 11, 15), "protective": (9, 10, 12, 13, 14, 16)}


def scored(event: InstrumentScored) -> Iterator[tuple[str, float]]:
    """(scale, score) of one instrument; a BAM gives its three composites too where its items are on record.

    A score outside its instrument's range is no observation.
    """
    for scale, score in _said(event):
        known = instrument(scale)
        if known is not None and known.holds(score):
            yield scale, score


def _said(event: InstrumentScored) -> Iterator[tuple[str, float]]:
    name = plain_name(event.instrument)
    if name not in ("phq9", "gad7", "bam"):
        return
    yield name, float(event.score)
    if name == "bam" and event.items:
        items = _by_name(event.items)
        for scale, numbers in _BAM_ITEMS.items():
            values = [items.get(scale)] if scale in items else [items.get(str(number)) for number in numbers]
            known = [value for value in values if value is not None]
            if len(known) == len(values):
                yield f"bam_{scale}", sum(known)


def _by_name(items: Mapping[str, object] | tuple[float | None, ...]) -> dict[str, float]:
    """Items by composite or number; a list is numbered from 1, ``item_4``, ``bam4`` and ``4`` are the same."""
    pairs = items.items() if isinstance(items, Mapping) else ((str(n), value) for n, value in enumerate(items, start=1))
    by_item: dict[str, float] = {}
    for name, value in pairs:
        if isinstance(value, int | float):
            digits = "".join(letter for letter in name if letter.isdigit())
            by_item[digits or name.casefold()] = float(value)
    return by_item
