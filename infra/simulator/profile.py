"""What a simulated client brings along: latent traits that the programme sees only through its entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from domain.vocabulary import DrugClass, Home, Severity, Slot
from infra.simulator.calibration import DUAL_DIAGNOSIS
from infra.simulator.schedule import SLOTS

# Substances by the names of the screening panel, as shares of primary substance.
SUBSTANCES: Final[dict[str, float]] = {
    "Opioid": 38,
    "Alcohol": 34,
    "Amphetamine": 12,
    "Cocaine": 9,
    "Thc": 4,
    "Benzodiazepine": 3,
}
ICD10: Final[dict[str, tuple[str, str]]] = {
    "Opioid": ("F11.20", "F11.10"),
    "Alcohol": ("F10.20", "F10.10"),
    "Amphetamine": ("F15.20", "F15.10"),
    "Cocaine": ("F14.20", "F14.10"),
    "Thc": ("F12.20", "F12.10"),
    "Benzodiazepine": ("F13.20", "F13.10"),
}
MENTAL_HEALTH: Final[dict[str, float]] = {"F33.1": 34, "F41.1": 26, "F43.10": 20, "F31.9": 10, "F90.9": 10}
MAT_CLASS: Final[dict[str, DrugClass]] = {
    "buprenorphine": "partial_agonist",
    "methadone": "agonist",
    "naltrexone": "antagonist",
}
PAYERS: Final[dict[str, float]] = {
    "Simulated Medicaid": 44,
    "Simulated Commercial A": 24,
    "Simulated Commercial B": 14,
    "Simulated Medicare": 8,
    "Self-pay": 10,
}


@dataclass(slots=True)
class Profile:
    """Traits and their course. ``resilience`` is standard normal: it moves completion, attendance and use.

    ``medicated_since`` is the local minute when the medication ``mat`` was started, 0 when it is not taken.
    """

    resilience: float
    primary: str
    secondary: str
    dual: bool
    severity: Severity
    mental_health: Severity
    home: Home
    substance_free_home: bool
    payer: str
    slot: Slot
    days_a_week: int
    mat: str
    employed: bool
    house: str = ""
    medicated_since: int = 0
    using: bool = True
    used_on: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])

    @property
    def medicated(self) -> bool:
        """Whether the maintenance medication is being taken."""
        return self.medicated_since > 0


def pick(rng: Random, weights: dict[str, float]) -> str:
    """One key, by weight."""
    return rng.choices(tuple(weights), tuple(weights.values()))[0]


def draw(rng: Random) -> Profile:
    """Draw a client's traits."""
    primary = pick(rng, SUBSTANCES)
    others = [name for name in SUBSTANCES if name != primary]
    dual = rng.random() < DUAL_DIAGNOSIS
    home: Home = rng.choices(("supportive", "unsupportive", "unhoused"), (64, 26, 10))[0]
    employed = rng.random() < 0.38
    return Profile(
        resilience=rng.gauss(0.0, 1.0),
        primary=primary,
        secondary=rng.choice(others) if rng.random() < 0.42 else "",
        dual=dual,
        severity=rng.choices(("mild", "moderate", "severe"), (10, 32, 58))[0],
        mental_health=rng.choices(("mild", "moderate", "severe"), (38, 50, 12))[0] if dual else _undiagnosed(rng),
        home=home,
        substance_free_home=home == "supportive" and rng.random() < 0.9,
        payer=pick(rng, PAYERS),
        slot=rng.choices(SLOTS, (20, 15, 65) if employed else (52, 28, 20))[0],
        days_a_week=rng.choices((3, 4, 5), (48, 30, 22))[0],
        mat=_mat(rng, primary),
        employed=employed,
    )


def _undiagnosed(rng: Random) -> Severity:
    return "none" if rng.random() < 0.7 else "mild"


def _mat(rng: Random, primary: str) -> str:
    """The medication a client would take if offered, or nothing."""
    if primary == "Opioid":
        return rng.choices(("buprenorphine", "methadone", "naltrexone", ""), (46, 16, 10, 28))[0]
    if primary == "Alcohol":
        return "naltrexone" if rng.random() < 0.28 else ""
    return ""
