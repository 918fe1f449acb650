"""TEDS codes (SAMHSA, TEDS-D codebook 2019) and how this record's own words come to them. -9 is missing.

A word that no list holds is missing in the record and named in the check report: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from domain.vocabulary import Home, ReferralKind

MISSING: Final = -9

# (first year of age in the band): code
AGE_BANDS: Final = tuple(
    (first, code) for code, first in enumerate((12, 15, 18, 21, 25, 30, 35, 40, 45, 50, 55, 65), start=1)
)

# SERVICES of a residential stay, which depends on the days planned; of other levels their entry has it.
RESIDENTIAL_SHORT, RESIDENTIAL_LONG, SHORT_DAYS = 4, 5, 30
OUTPATIENT_SERVICES: Final = frozenset({6, 7, 8})

PSOURCE: Final[Mapping[ReferralKind, int]] = {
    "self": 1,
    "family": 1,
    "provider": 2,
    "hospital": 3,
    "employer": 5,
    "other": 6,
    "court": 7,
}
LIVARAG: Final[Mapping[Home, int]] = {"unhoused": 1, "sober_living": 2, "supportive": 3, "unsupportive": 3}

GENDER: Final = {"male": 1, "m": 1, "man": 1, "female": 2, "f": 2, "woman": 2}
RACE: Final = {
    "alaska native": 1,
    "american indian": 2,
    "asian or pacific islander": 3,
    "black": 4,
    "black or african american": 4,
    "african american": 4,
    "white": 5,
    "asian": 6,
    "other": 7,
    "other single race": 7,
    "two or more races": 8,
    "multiracial": 8,
    "native hawaiian or other pacific islander": 9,
    "native hawaiian": 9,
}
MARSTAT: Final = {
    "never married": 1,
    "single": 1,
    "married": 2,
    "now married": 2,
    "married or partnered": 2,
    "separated": 3,
    "divorced": 4,
    "widowed": 4,
    "divorced or widowed": 4,
}
EDUC: Final = {
    "8 years or less": 1,
    "less than hs": 2,
    "less than high school": 2,
    "9 to 11 years": 2,
    "high school": 3,
    "hs ged": 3,
    "hs or ged": 3,
    "12 years or ged": 3,
    "some college": 4,
    "1 to 3 years of college": 4,
    "more than hs": 4,
    "college": 5,
    "bachelor s degree": 5,
    "4 years of college or more": 5,
}
EMPLOY: Final = {
    "full time": 1,
    "employed full time": 1,
    "part time": 2,
    "employed part time": 2,
    "unemployed": 3,
    "student": 4,
    "retired": 4,
    "disabled": 4,
    "homemaker": 4,
    "not in labor force": 4,
}

SUBSTANCE: Final = {
    "none": 1,
    "alcohol": 2,
    "cocaine": 3,
    "crack": 3,
    "marijuana": 4,
    "cannabis": 4,
    "thc": 4,
    "heroin": 5,
    "non prescription methadone": 6,
    "methadone": 6,
    "opioid": 7,
    "opioids": 7,
    "opiates": 7,
    "fentanyl": 7,
    "oxycodone": 7,
    "hydrocodone": 7,
    "morphine": 7,
    "buprenorphine": 7,
    "prescription opioids": 7,
    "pcp": 8,
    "hallucinogens": 9,
    "hallucinogen": 9,
    "lsd": 9,
    "mdma": 9,
    "methamphetamine": 10,
    "amphetamine": 11,
    "amphetamines": 11,
    "stimulants": 12,
    "other stimulants": 12,
    "benzodiazepine": 13,
    "benzodiazepines": 13,
    "tranquilizers": 14,
    "barbiturates": 15,
    "sedatives": 16,
    "sedative": 16,
    "inhalants": 17,
    "over the counter": 18,
}
OTHER_SUBSTANCE: Final = 19
ALCOHOL: Final = 2

ROUTE: Final = {
    "oral": 1,
    "smoked": 2,
    "smoking": 2,
    "inhaled": 3,
    "inhalation": 3,
    "intranasal": 3,
    "snorted": 3,
    "nasal": 3,
    "injected": 4,
    "injection": 4,
    "intravenous": 4,
    "iv": 4,
    "other": 5,
}
PRIMPAY: Final = (
    ("medicaid", 4),
    ("medicare", 3),
    ("blue cross", 2),
    ("self", 1),
    ("uninsured", 1),
    ("no charge", 6),
    ("charity", 6),
    ("veterans", 5),
    ("tricare", 5),
    ("government", 5),
)
OTHER_PAYER: Final = 7

# DSMCRIT by the ICD-10-CM family: (dependence or moderate to severe use disorder, abuse or mild).
_DSM: Final = {"F10": (4, 9), "F11": (5, 12), "F12": (7, 10), "F14": (6, 13)}
_DSM_OTHER: Final = (8, 11)
_DSM_MENTAL: Final = (
    (r"F4[01]", 14),
    (r"F3[234]", 15),
    (r"F2", 16),
    (r"F3[01]", 17),
    (r"F9[01]", 18),
    (r"F", 19),
)

# LOS bands of the public use file: (last day of the band, code); up to 30 the code is the number of days.
LOS_BANDS: Final = ((45, 31), (60, 32), (90, 33), (120, 34), (180, 35), (365, 36))


def plain(word: str | None) -> str:
    """A word without case and punctuation."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", (word or "").casefold()).split())


def coded(table: Mapping[str, int], word: str | None) -> int:
    """A word's code in a table, or missing."""
    return table.get(plain(word), MISSING)


def age_code(years: int | None) -> int:
    """The age band of an age in years; below 12 is missing, as in the public file."""
    bands = [code for first, code in AGE_BANDS if years is not None and years >= first]
    return bands[-1] if bands else MISSING


def los_code(days: int) -> int:
    """LOS: 1–30 as they are, then bands."""
    if days <= 30:
        return max(1, days)
    return next((code for last, code in LOS_BANDS if days <= last), 37)


def wait_code(days: int | None) -> int:
    """DAYWAIT: 0 none, 1 one to seven days, 2 to fourteen, 3 to thirty, 4 more."""
    if days is None or days < 0:
        return MISSING
    return next((code for last, code in ((0, 0), (7, 1), (14, 2), (30, 3)) if days <= last), 4)


def payer_code(payer: str) -> int:
    """PRIMPAY by a word in the payer's name; a named payer that no word fits is "other"."""
    if not payer:
        return MISSING
    name = plain(payer)
    return next((code for word, code in PRIMPAY if word in name), OTHER_PAYER)


def dsm_code(icd10: Sequence[str]) -> int:
    """DSMCRIT of the first substance-use diagnosis, or else of the first mental-health one."""
    for code in icd10:
        if re.match(r"F1[0-9]", code):
            pair = _DSM.get(code[:3], _DSM_OTHER)
            return pair[1] if re.match(r"F1[0-9]\.?1", code) else pair[0]
    for code in icd10:
        for pattern, number in _DSM_MENTAL:
            if re.match(pattern, code):
                return number
    return MISSING


def substance_code(name: str) -> int:
    """SUB1–3: a substance that no list holds is "other drugs"."""
    return SUBSTANCE.get(plain(name), OTHER_SUBSTANCE)


def alcohol_drugs(codes: Sequence[int]) -> int:
    """ALCDRUG: 0 none reported, 1 alcohol only, 2 other drugs only, 3 both."""
    known = [code for code in codes if code > 1]
    alcohol, other = ALCOHOL in known, any(code != ALCOHOL for code in known)
    return {(False, False): 0, (True, False): 1, (False, True): 2, (True, True): 3}[alcohol, other]
