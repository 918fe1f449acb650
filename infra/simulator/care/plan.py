"""Which kinds of care a level holds, in the order in which they are simulated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from domain.levels import Level
from infra.simulator.care.alumni import alumni_contacts
from infra.simulator.care.groups import alumni_meetings, family, groups, holistic, peer_support
from infra.simulator.care.incidents import incidents
from infra.simulator.care.individual import case_management, individual
from infra.simulator.care.instruments import addiction_monitor, mood, withdrawal
from infra.simulator.care.medication import maintenance, psychiatry, taper
from infra.simulator.care.plans import community_referral, relapse_prevention, treatment_plan
from infra.simulator.care.screens import screens
from infra.simulator.chart import Chart, Stay
from infra.simulator.intake import reauthorize
from infra.simulator.use import simulate_use

Care = Callable[[Chart, Stay], None]

# Use comes first: screens, reports and scores depend on it.
FIRST: Final[tuple[Care, ...]] = (simulate_use,)
THERAPY: Final[tuple[Care, ...]] = (
    treatment_plan,
    maintenance,
    groups,
    individual,
    screens,
    holistic,
    family,
    psychiatry,
    mood,
    relapse_prevention,
    case_management,
    community_referral,
    incidents,
    reauthorize,
)
CARE: Final[dict[Level, tuple[Care, ...]]] = {
    "medical_detox": (
        *FIRST,
        treatment_plan,
        taper,
        withdrawal,
        groups,
        individual,
        screens,
        holistic,
        incidents,
        community_referral,
    ),
    "residential": (*FIRST, *THERAPY, peer_support),
    "partial_hospitalization": (*FIRST, *THERAPY),
    "intensive_outpatient": (*FIRST, *THERAPY, peer_support, addiction_monitor),
    "standard_outpatient": (*FIRST, *THERAPY, addiction_monitor),
    "alumni": (simulate_use, alumni_contacts, alumni_meetings, peer_support),
}
CONCURRENT: Final[tuple[Care, ...]] = (maintenance,)


def care_for(chart: Chart, stay: Stay) -> None:
    """Everything that happens in a stay between its start and its end."""
    for kind in CONCURRENT if stay.concurrent else CARE[stay.level]:
        kind(chart, stay)
