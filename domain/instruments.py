"""Instruments: questionnaires and scales with a total score, and the range that the score can have.

A name is read without case and signs: ``PHQ-9`` is ``phq9``. A programme's own instruments come from the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument: the lowest and the highest score, whether only whole numbers are scores, and who says so."""

    name: str
    title: str
    lowest: float
    highest: float
    source: str
    whole: bool = True

    def holds(self, score: float) -> bool:
        """Whether a score is within the range."""
        return self.lowest <= score <= self.highest

    def allows(self, score: float) -> bool:
        """Whether it is a score of this instrument: within the range, and whole where only whole numbers are."""
        return self.holds(score) and (not self.whole or float(score).is_integer())


# The BAM is published without a total; one that is recorded is a sum of its composites, at the most of all three.
# Its items count days (0–30), or are put in five classes (0–4): composites of either kind lie within these ranges.
_BAM = "Cacciola et al. 2013, items 0–30"
PUBLISHED = (
    Instrument("phq9", "PHQ-9", 0, 27, "Kroenke et al. 2001"),
    Instrument("phq2", "PHQ-2", 0, 6, "Kroenke et al. 2003"),
    Instrument("gad7", "GAD-7", 0, 21, "Spitzer et al. 2006"),
    Instrument("gad2", "GAD-2", 0, 6, "Kroenke et al. 2007"),
    Instrument("bam", "BAM", 0, 450, _BAM, whole=False),
    Instrument("bam_use", "BAM use", 0, 90, _BAM, whole=False),
    Instrument("bam_risk", "BAM risk", 0, 180, _BAM, whole=False),
    Instrument("bam_protective", "BAM protection", 0, 180, _BAM, whole=False),
    Instrument("cows", "COWS", 0, 48, "Wesson & Ling 2003"),
    Instrument("sows", "SOWS", 0, 64, "Handelsman et al. 1987"),
    Instrument("ciwa_ar", "CIWA-Ar", 0, 67, "Sullivan et al. 1989"),
    Instrument("audit", "AUDIT", 0, 40, "Babor et al. 2001 (WHO)"),
    Instrument("audit_c", "AUDIT-C", 0, 12, "Bush et al. 1998"),
    Instrument("dast10", "DAST-10", 0, 10, "Skinner 1982"),
    Instrument("pcl5", "PCL-5", 0, 80, "Weathers et al. 2013"),
)


@lru_cache(1_024)
def plain_name(name: str) -> str:
    """A name as it is compared: letters and digits without case."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_KNOWN = {plain_name(scale.name): scale for scale in PUBLISHED}
_OWN: dict[str, Instrument] = {}


def declare_own(ranges: Mapping[str, tuple[float, float]]) -> None:
    """Set the programme's own instruments, each with its lowest and highest score; a published one stays as it is."""
    _OWN.clear()
    for name, (lowest, highest) in ranges.items():
        _OWN[plain_name(name)] = Instrument(name, name, lowest, highest, "CAREJOURNEY_INSTRUMENTS", whole=False)


def instrument(name: str) -> Instrument | None:
    """The instrument of that name, or None."""
    plain = plain_name(name)
    return _KNOWN.get(plain) or _OWN.get(plain)


def known_instruments() -> tuple[Instrument, ...]:
    """Every instrument there is: the published ones, then the programme's own."""
    return (*PUBLISHED, *_OWN.values())


def known_names() -> str:
    """The names of every instrument there is, for people."""
    return ", ".join(scale.name for scale in known_instruments())
