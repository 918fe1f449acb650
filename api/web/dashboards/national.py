"""National figures for headline numbers, where one with the same denominator was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.i18n.language import N_
from infra.reporting.headlines import Name


@dataclass(frozen=True, slots=True)
class National:
    """A published share of a year with its denominator and its source, both in words."""

    share: float
    year: int
    of: str
    source: str


# TEDS counts services that ended, as stays are counted here, and every reason is in its denominator. What it says of
# length of stay is by reason and of ended services only, and it follows nobody afterwards: no figure for these.
NATIONAL: Mapping[Name, National] = {
    "completion": National(0.421, 2019, N_("all discharges from a service"), "SAMHSA, TEDS-D 2019"),
}
