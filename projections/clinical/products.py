"""Medication for opioid use disorder by drug and route: what a dose is, and how many days it covers.

How many days one entry covers is that of CBE 3175 and of NCQA's POD, from its own day on:

- what was dispensed to take home: its days of supply, which go before all else, as NCQA answers on POD;
- a dose on site by mouth or under the tongue: 1; an implant: 180; an injection of naltrexone: 31;
- an injection of buprenorphine: 7 where it is a weekly one, else 31. It is a weekly one where drug or route say
  "weekly", or, unless they say "monthly", where its dose is one that only the weekly product (Brixadi) comes in.

A dose of 0 mg covers nothing. A word that is not known here makes a dose one by mouth, the shortest.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from domain.events import MedicationGiven
from projections.clinical.medication import drug_key

_ON_SITE_DAYS, _WEEKLY_DAYS, _MONTHLY_DAYS, _IMPLANT_DAYS = 1, 7, 31, 180
INGREDIENTS: Final = {
    "methadone": frozenset({"methadone", "methadose", "dolophine", "diskets"}),
    "buprenorphine": frozenset(
        {
            *("buprenorphine", "suboxone", "subutex", "zubsolv", "bunavail"),
            *("sublocade", "brixadi", "buvidal", "probuphine", "sixmo"),
        }
    ),
    "naltrexone": frozenset({"naltrexone", "vivitrol", "revia", "depade"}),
}
_IMPLANTED: Final = frozenset({"implant", "implants", "implanted", "subdermal", "probuphine", "sixmo"})
_INJECTED: Final = frozenset(
    {
        *("injection", "injections", "injectable", "injected", "inject", "depot", "syringe"),
        *("intramuscular", "intramuscularly", "im"),
        *("subcutaneous", "subcutaneously", "subcut", "subq", "sc", "sq"),
        *("vivitrol", "sublocade", "brixadi", "buvidal"),
    }
)
_EXTENDED_RELEASE: Final = frozenset({"extended", "release"})
_WEEKLY_DOSES_MG: Final = frozenset({8, 16, 24, 32})


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


@lru_cache(maxsize=4096)
def ingredient(drug: str) -> str:
    """What a drug counts as: methadone, buprenorphine or naltrexone where it names one of them, else its own name."""
    named = [name for name, words in INGREDIENTS.items() if words & _words(drug)]
    return named[0] if len(named) == 1 else drug_key(drug)


def days_covered(event: MedicationGiven) -> int:
    """How many days an entry covers, from its own day on."""
    if event.dose_mg == 0:
        return 0
    if event.days_supply is not None:
        return event.days_supply
    return long_acting(event.drug, event.route, event.dose_mg) or _ON_SITE_DAYS


def long_acting(drug: str, route: str | None = None, dose_mg: float | None = None) -> int:
    """The days of an implant or injection of naltrexone or buprenorphine; 0 of anything else."""
    words = _words(drug) | _words(route or "")
    named = ingredient(drug)
    if named not in ("buprenorphine", "naltrexone"):
        return 0
    if words & _IMPLANTED:
        return _IMPLANT_DAYS
    if not (words & _INJECTED or words >= _EXTENDED_RELEASE):
        return 0
    weekly = "weekly" in words or ("monthly" not in words and dose_mg in _WEEKLY_DOSES_MG)
    return _WEEKLY_DAYS if named == "buprenorphine" and weekly else _MONTHLY_DAYS
