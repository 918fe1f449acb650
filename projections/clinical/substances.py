"""What a screen's substance names mean: each known name and the class it belongs to."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_NAMES: Final[dict[str, str]] = {
    "opioid": (
        "opioid, opioids, opiate, opiates, opium, heroin, 6 mam, 6 monoacetylmorphine, morphine, "
        "codeine, fentanyl, norfentanyl, carfentanil, oxycodone, noroxycodone, oxymorphone, "
        "hydrocodone, norhydrocodone, hydromorphone, tramadol, tapentadol, meperidine, nitazene, "
        "nitazenes, other opiates, other opiates and synthetics"
    ),
    "methadone": "methadone, methadose, methadone metabolite, eddp, non prescription methadone",
    "buprenorphine": (
        "buprenorphine, norbuprenorphine, buprenorphine naloxone, buprenorphine xr, suboxone, "
        "subutex, sublocade, brixadi, zubsolv, bup"
    ),
    "alcohol": "alcohol, ethanol, etg, ets, ethyl glucuronide, ethyl sulfate, peth, phosphatidylethanol",
    "cocaine": "cocaine, crack, crack cocaine, benzoylecgonine",
    "amphetamine": (
        "amphetamine, amphetamines, dextroamphetamine, methamphetamine, methamphetamines, meth, "
        "adderall, lisdexamfetamine, methylphenidate, other stimulants"
    ),
    "benzodiazepine": (
        "benzodiazepine, benzodiazepines, benzo, benzos, alprazolam, clonazepam, diazepam, "
        "nordiazepam, lorazepam, oxazepam, temazepam, chlordiazepoxide, etizolam, bromazolam"
    ),
    "sedative": ("sedative, sedatives, barbiturate, barbiturates, phenobarbital, zolpidem, xylazine, carisoprodol"),
    "cannabis": "cannabis, cannabinoid, cannabinoids, thc, marijuana, hashish, thc cooh, carboxy thc",
    "hallucinogen": (
        "hallucinogen, hallucinogens, mdma, mdma hallucinogen, ecstasy, lsd, pcp, phencyclidine, ketamine"
    ),
    "nicotine": "nicotine, cotinine, tobacco",
}
_CLASS_OF: Final = {name: kind for kind, names in _NAMES.items() for name in names.split(", ")}
_NAMELESS: Final = "?"

CLASSES: Final = frozenset(_NAMES)
"""Every class a name can belong to."""

_SEPARATORS: Final = str.maketrans("_-/,;()", "       ")


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name of a substance without letter case and separators; ``?`` where nothing is left of it."""
    return " ".join(name.casefold().translate(_SEPARATORS).split()) or _NAMELESS


def names_of(kind: str) -> tuple[str, ...]:
    """The names of a class."""
    return tuple(_NAMES[kind].split(", "))


def is_listed(name: str) -> bool:
    """Whether a name, as ``plain_name`` gives it, is known here."""
    return name in _CLASS_OF


@lru_cache(maxsize=4096)
def class_of(name: str) -> str:
    """The class of a substance, whatever its case and separators; an unknown name is a class of its own."""
    plain = plain_name(name)
    return _CLASS_OF.get(plain, plain)
