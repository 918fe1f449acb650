"""The levels of care, each one entry: what it is called, what a week in it holds, and what other systems call it.

Sources: ASAM Criteria 3rd and 4th edition for numbers and weekly hours; the provider's IOP guide for sessions a week,
their length, the weeks planned and the criteria of admission; TEDS-D codebook 2019 for SERVICES; HCPCS Level II for
codes of billing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from domain.phrases import Phrase

Level = Literal[
    "medical_detox",
    "residential",
    "partial_hospitalization",
    "intensive_outpatient",
    "standard_outpatient",
    "alumni",
]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class LevelOfCare:
    """A level of care. Its place in ``LEVELS_OF_CARE`` is its place in the continuum, the most intensive one first.

    Hours are clinical hours a week (ASAM, adults); sessions, their length and planned weeks come from the provider's
    guide where it names them. ``None`` means no bound.
    """

    title: str
    short: str
    """As a picture has room for it."""
    asam: str
    hours_min: float | None = None
    hours_max: float | None = None
    sessions_min: int | None = None
    sessions_max: int | None = None
    weeks_min: int | None = None
    weeks_max: int | None = None
    group_minutes: int = 60
    """How long a group session usually is: a day of PHP, an evening of IOP, an hour otherwise."""
    around_the_clock: bool = False
    """24-hour care."""
    weekly_pattern: bool = True
    """Whether abstinence is read from weekly screens in it: not while substances leave the body, nor afterwards."""
    follows: tuple[Level, ...] = ()
    """Of these one must have been completed before, and the assessment's five criteria of IOP be met; none: neither."""
    teds_service: int | None = None
    """SERVICES of TEDS; none where it depends on the stay, or is no treatment."""
    asam_numbers: tuple[str, ...] = ()
    """The ASAM numbers that other systems name it by, as words."""
    hcpcs: tuple[str, ...] = ()
    names: str = ""
    """What other systems call it, comma between."""
    initials: str = ""
    """What other systems add to its names."""


LEVELS_OF_CARE: dict[Level, LevelOfCare] = {
    "medical_detox": LevelOfCare(
        "Medical detox",
        "Detox",
        "3.7-WM / 4-WM",
        around_the_clock=True,
        weekly_pattern=False,
        teds_service=2,
        asam_numbers=("3 7 wm", "4 wm"),
        hcpcs=("H0010", "H0011"),
        names="medical detox, detox, detoxification, medical detoxification, withdrawal management, "
        "medically monitored withdrawal management, medically managed withdrawal management, inpatient detox, "
        "inpatient detoxification",
    ),
    "residential": LevelOfCare(
        "Residential",
        "Residential",
        "3.1–3.7",
        around_the_clock=True,
        asam_numbers=("3 1", "3 3", "3 5", "3 7"),
        hcpcs=("H0018", "H0019"),
        names="residential, residential treatment, residential rehabilitation, inpatient rehab, "
        "inpatient rehabilitation, residential substance use treatment",
    ),
    "partial_hospitalization": LevelOfCare(
        "Partial hospitalization (PHP)",
        "PHP",
        "2.5",
        hours_min=20,
        group_minutes=300,
        teds_service=6,
        asam_numbers=("2 5",),
        hcpcs=("H0035", "S0201"),
        names="partial hospitalization, partial hospitalisation, php, partial hospital, day treatment",
        initials="php",
    ),
    "intensive_outpatient": LevelOfCare(
        "Intensive outpatient (IOP)",
        "IOP",
        "2.1",
        hours_min=9,
        hours_max=19,
        sessions_min=3,
        sessions_max=5,
        weeks_min=6,
        weeks_max=12,
        group_minutes=180,
        follows=("medical_detox", "residential", "partial_hospitalization"),
        teds_service=6,
        asam_numbers=("2 1",),
        hcpcs=("H0015",),
        names="intensive outpatient, iop, intensive outpatient treatment, intensive outpatient therapy",
        initials="iop",
    ),
    "standard_outpatient": LevelOfCare(
        "Standard outpatient",
        "Standard OP",
        "1.x",
        hours_max=9,
        teds_service=7,
        names="standard outpatient, outpatient treatment, outpatient therapy, routine outpatient",
    ),
    "alumni": LevelOfCare(
        "Aftercare and alumni",
        "Alumni",
        "remission monitoring",
        weekly_pattern=False,
        names="alumni, aftercare, continuing care, recovery monitoring, aftercare and alumni",
    ),
}
GUIDED: Level = next(level for level, care in LEVELS_OF_CARE.items() if care.follows)
"""The level whose admission the provider's guide rules: intensive outpatient."""
TWENTY_FOUR_HOUR_LEVELS = frozenset(level for level, care in LEVELS_OF_CARE.items() if care.around_the_clock)

_TITLES: dict[str, Phrase] = {level: Phrase(care.title) for level, care in LEVELS_OF_CARE.items()}


def is_step_down(before: Level, after: Level) -> bool:
    """Whether ``after`` is less intensive than ``before`` (moving right in the continuum)."""
    return LEVELS.index(after) > LEVELS.index(before)


def title(level: str) -> str:
    """The level's name as people read it; an unknown word is returned as it is."""
    return _TITLES.get(level, level)
