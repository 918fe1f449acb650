"""What a completion rate is: its four denominators, each with its definition and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.vocabulary import Reason
from projections.measures_file import check_tables, parsed, read_file

SOURCE = "TEDS discharge codes 1–7 (SAMHSA); Wilson score interval, 95 %"


@dataclass(frozen=True, slots=True)
class Denominator:
    """Which ended stays count below the line, and which above it."""

    id: str
    title: str
    definition: str
    counted: tuple[str, ...]
    left_out: tuple[str, ...]
    source: str = SOURCE

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


_SHAPE = "write each completion as a [[completion]] table with id, title, definition, source and counted"
_Text = Annotated[str, Field(min_length=1, max_length=2000)]


class OwnCompletion(BaseModel):
    """A programme's own completion: the reasons that count as one, and those that count neither way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    title: _Text
    definition: _Text
    source: _Text
    counted: Annotated[tuple[Reason, ...], Field(min_length=1)]
    left_out: tuple[Reason, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> Self:
        both = sorted(set(self.counted) & set(self.left_out))
        if both:
            msg = f"{both[0]!r} is counted and left out; choose one"
            raise ValueError(msg)
        for name in ("counted", "left_out"):
            reasons: tuple[str, ...] = getattr(self, name)
            if len(set(reasons)) < len(reasons):
                msg = f"{name} names a reason twice; name it once"
                raise ValueError(msg)
        return self


def load_completions(path: str | Path) -> tuple[Denominator, ...]:
    """The ``[[completion]]`` tables of a programme's file of measures.

    Raises:
        MeasureFileError: the file cannot be read, is not TOML, or has a wrong entry; each line says where.
    """
    content, text = read_file(path)
    return parse_completions(content, str(path), text)


def parse_completions(content: Mapping[str, Any], name: str = "measures", text: str = "") -> tuple[Denominator, ...]:
    """The same from a parsed mapping ``{"completion": [...]}``; ``text`` lets errors give line numbers."""
    check_tables(content, name, _SHAPE)
    written = parsed(OwnCompletion, content, "completion", name, text, _SHAPE, set(DENOMINATORS))
    return tuple(
        Denominator(item.id, item.title, item.definition, item.counted, item.left_out, item.source) for item in written
    )


@lru_cache
def denominators(file: Path | None) -> Mapping[str, Denominator]:
    """Every denominator by id: the four of TEDS, then the programme's own.

    Raises:
        MeasureFileError: the programme's file is wrong.
    """
    known = dict(DENOMINATORS)
    if file is not None:
        known |= {denominator.id: denominator for denominator in load_completions(file)}
    return known
