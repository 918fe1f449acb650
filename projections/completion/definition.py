"""What a completion rate is: its four denominators, each with its definition and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SOURCE = "TEDS discharge codes 1–7 (SAMHSA); Wilson score interval, 95 %"


@dataclass(frozen=True, slots=True)
class Denominator:
    """Which ended stays count below the line, and which above it."""

    id: str
    title: str
    definition: str
    counted: tuple[str, ...]
    left_out: tuple[str, ...]

    def of(self, reasons: Mapping[str, int]) -> tuple[int, int]:
        """(numerator, denominator) from counts by reason."""
        numerator = sum(reasons.get(reason, 0) for reason in self.counted)
        everything = sum(reasons.values())
        return numerator, everything - sum(reasons.get(reason, 0) for reason in self.left_out)


DENOMINATORS: dict[str, Denominator] = {
    item.id: item
    for item in (
        Denominator(
            "completed",
            "Completed of all ended stays",
            "Stays that ended as completed, divided by all ended stays.",
            ("completed",),
            (),
        ),
        Denominator(
            "completed_or_transferred",
            "Completed or transferred of all ended stays",
            "Stays that ended as completed or transferred (TEDS: positive conclusions), divided by all ended stays.",
            ("completed", "transferred"),
            (),
        ),
        Denominator(
            "completed_not_transferred",
            "Completed of stays that were not transferred",
            "Stays that ended as completed, divided by ended stays without the transferred ones.",
            ("completed",),
            ("transferred",),
        ),
        Denominator(
            "completed_at_risk",
            "Completed of stays at risk",
            "Stays that ended as completed, divided by ended stays without those transferred, incarcerated or died.",
            ("completed",),
            ("transferred", "incarcerated", "died"),
        ),
    )
}

LENGTH_OF_STAY = (
    "Days from start to end, the end day not counted, at least 1. Quartiles by the inverse of the "
    "empirical distribution: the smallest length that at least that share of stays does not exceed."
)
