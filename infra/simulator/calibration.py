"""What the simulated programme is held to: shares and lengths by programme, with their sources.

Completed shares are national: SAMHSA, TEDS 2004 discharges, table 2.5 (detox 62.3 %, short-term residential
61.5 %, long-term residential 42.9 %, intensive outpatient 37.7 %, outpatient 36.4 %, methadone 16.6 %). The
median stay in intensive outpatient is 41 days, 50 of completers (TEDS 2004, table 4.11, adults). TEDS has no
partial hospitalization: 50 % is an assumption. What is left is split near the national proportions of 2006
(transferred 13, dropped out 25, terminated 8, incarcerated 2 of 100), tilted by level; the tilt, all other
lengths, and every rate below the table are assumptions of a plausible programme.

``lean`` is no finding: it makes up for two biases of the simulation itself, in log-odds. People who complete
one level are likelier to complete the next, and stays still open at the end (the longer ones) do not count.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from domain.levels import Level
from domain.vocabulary import Reason


class Programme(NamedTuple):
    """One programme. ``completers`` and ``others`` are median days of who completes and who does not,
    ``spread`` their log-normal sigmas, ``planned`` the days a plan may run, ``rest`` the weights of the
    other reasons.
    """

    name: str
    level: Level
    completed: float
    rest: dict[Reason, float]
    completers: float
    others: float
    spread: tuple[float, float]
    planned: tuple[int, ...]
    lean: float = 0.0


def _rest(*weights: float) -> dict[Reason, float]:
    reasons: tuple[Reason, ...] = (
        "transferred",
        "left_against_advice",
        "terminated_by_facility",
        "incarcerated",
        "died",
        "other",
    )
    return dict(zip(reasons, weights, strict=True))


PROGRAMMES: Final[dict[str, Programme]] = {
    "detox": Programme(
        "Medical detox",
        "medical_detox",
        completed=0.623,
        rest=_rest(10.5, 21, 2.2, 0.4, 0.1, 3.5),
        completers=4.4,
        others=2.6,
        spread=(0.28, 0.5),
        planned=(5,),
        lean=0.07,
    ),
    "short_residential": Programme(
        "Short-term residential",
        "residential",
        completed=0.615,
        rest=_rest(11, 17, 6.5, 0.8, 0.1, 3.1),
        completers=28.0,
        others=13.0,
        spread=(0.1, 0.7),
        planned=(28,),
        lean=0.05,
    ),
    "long_residential": Programme(
        "Long-term residential",
        "residential",
        completed=0.429,
        rest=_rest(11, 29, 12, 1.4, 0.1, 3.6),
        completers=92.0,
        others=34.0,
        spread=(0.2, 0.8),
        planned=(90,),
    ),
    "php": Programme(
        "Partial hospitalization",
        "partial_hospitalization",
        completed=0.5,
        rest=_rest(17, 22, 6, 1, 0.1, 3.9),
        completers=22.0,
        others=12.0,
        spread=(0.22, 0.6),
        planned=(21, 28),
        lean=-0.03,
    ),
    "iop": Programme(
        "Intensive outpatient",
        "intensive_outpatient",
        completed=0.377,
        rest=_rest(15, 31, 10, 2, 0.2, 4.1),
        completers=53.5,
        others=34.0,
        spread=(0.12, 0.7),
        planned=(42, 42, 42, 49, 49, 49, 56, 56, 56, 63, 70, 84),
        lean=-0.06,
    ),
    "outpatient": Programme(
        "Outpatient",
        "standard_outpatient",
        completed=0.364,
        rest=_rest(10, 33, 11.5, 3, 0.3, 5.8),
        completers=110.0,
        others=71.0,
        spread=(0.3, 0.75),
        planned=(84, 84, 112, 112, 168),
        lean=-0.08,
    ),
    "otp": Programme(
        "Opioid treatment program",
        "standard_outpatient",
        completed=0.166,
        rest=_rest(20, 40, 12, 4, 0.6, 6.8),
        completers=220.0,
        others=110.0,
        spread=(0.3, 0.8),
        planned=(365,),
    ),
    "alumni": Programme(
        "Alumni",
        "alumni",
        completed=0.55,
        rest=_rest(14, 20, 0, 1, 0.3, 9.7),
        completers=365.0,
        others=150.0,
        spread=(0.02, 0.6),
        planned=(365,),
    ),
}

# Where journeys begin, and where they go after a completed stay or a transfer; "" is out of our care.
ENTRY: Final[dict[str, float]] = {
    "detox": 30,
    "short_residential": 11,
    "long_residential": 4,
    "php": 11,
    "iop": 24,
    "outpatient": 20,
}
AFTER_COMPLETED: Final[dict[str, dict[str, float]]] = {
    "detox": {"short_residential": 32, "long_residential": 10, "php": 20, "iop": 20, "outpatient": 6, "": 12},
    "short_residential": {"php": 36, "iop": 40, "outpatient": 9, "alumni": 4, "": 11},
    "long_residential": {"php": 18, "iop": 50, "outpatient": 16, "alumni": 6, "": 10},
    "php": {"iop": 74, "outpatient": 11, "": 15},
    "iop": {"outpatient": 62, "alumni": 20, "": 18},
    "outpatient": {"alumni": 50, "": 50},
    "otp": {"alumni": 30, "": 70},
    "alumni": {"": 100},
}
AFTER_TRANSFER: Final[dict[str, dict[str, float]]] = {
    "detox": {"short_residential": 50, "long_residential": 15, "php": 20, "": 15},
    "short_residential": {"php": 25, "iop": 15, "detox": 8, "long_residential": 22, "": 30},
    "long_residential": {"php": 25, "iop": 25, "detox": 8, "": 42},
    "php": {"short_residential": 34, "iop": 34, "detox": 7, "": 25},
    "iop": {"php": 32, "short_residential": 24, "detox": 10, "outpatient": 16, "": 18},
    "outpatient": {"iop": 50, "short_residential": 14, "detox": 11, "": 25},
    "otp": {"iop": 25, "short_residential": 15, "": 60},
    "alumni": {"iop": 40, "outpatient": 30, "detox": 30},
}

SAME_MOMENT: Final = 0.82  # of moves to the next level; the others wait 1–12 days
READMITTED: Final[dict[Reason, float]] = {
    "completed": 0.16,
    "left_against_advice": 0.34,
    "terminated_by_facility": 0.22,
    "transferred": 0.1,
    "incarcerated": 0.3,
    "died": 0.0,
    "other": 0.15,
}
USED_BEFORE: Final[dict[str, tuple[int, int]]] = {  # days of use in the 30 before an admission, from and to
    "detox": (9, 20),
    "short_residential": (4, 12),
    "long_residential": (4, 12),
}
NEVER_ADMITTED: Final = 0.06
COVERAGE_DENIED: Final = 0.07
DUAL_DIAGNOSIS: Final = 0.45
OVERRIDDEN: Final = 0.03  # of intensive outpatient starts
CONCURRENT_OTP: Final = 0.5  # of intensive outpatient stays on methadone
FOLLOWED_UP: Final[dict[int, float]] = {30: 0.62, 90: 0.52, 180: 0.44, 365: 0.36}

# How charting goes wrong, as shares.
LATE_ENTRY: Final = 0.015  # of sessions: written down weeks later
CORRECTED: Final = 0.006  # of sessions and screens
RETRACTED: Final = 0.0025  # of sessions and screens
DIRT: Final[dict[str, float]] = {
    "session_after_end": 0.01,  # of discharges from care: a session is charted on a day after it
    "charted_twice": 0.001,  # of sessions: the same session again, under another event id
}
