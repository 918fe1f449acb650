"""LOINC codes of drug tests in urine: a code for what a screen finds, another for what confirmation finds.

Codes are those of LOINC's "[Presence] in Urine by Screen method" and "… by Confirmatory method", as they stand in the
urine drug test value sets of the CDC opioid prescribing implementation guide; fentanyl's screen is
"Fentanyl+Norfentanyl". A substance that a group's test does not find (oxycodone by the opiates' test) has a code of
its own or none here: then our own code says what was looked for.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class UrineTest(NamedTuple):
    """A test: what it is called here, its codes by screening and by confirmatory method, which words it stands for."""

    name: str
    screen: str
    confirm: str
    words: frozenset[str]


def _test(name: str, screen: str, confirm: str, words: str = "") -> UrineTest:
    return UrineTest(name, screen, confirm, frozenset({name, *words.split(", ")} - {""}))


URINE: Final[tuple[UrineTest, ...]] = (
    _test("opioid", "19295-5", "18390-5", "opioids, opiate, opiates, opium, heroin, codeine, other opiates"),
    _test("6-mam", "19321-9", "19322-7", "6 mam, 6 monoacetylmorphine"),
    _test("morphine", "19597-4", "16196-8"),
    _test("hydrocodone", "19482-9", "19483-7"),
    _test("oxycodone", "19642-8", "19643-6"),
    _test("fentanyl", "58379-9", "", "norfentanyl"),
    _test("methadone", "19550-3", "16199-2", "methadose, non prescription methadone"),
    _test("buprenorphine", "93494-3", "16208-1", "bup, suboxone, subutex, sublocade, brixadi, zubsolv"),
    _test("norbuprenorphine", "82371-6", "58362-5"),
    _test("cocaine", "14314-9", "14315-6", "crack, crack cocaine, benzoylecgonine"),
    _test("methamphetamine", "19554-5", "19555-2", "methamphetamines, meth"),
    _test("amphetamine", "19261-7", "16369-1", "amphetamines, dextroamphetamine, adderall, lisdexamfetamine"),
    _test(
        "benzodiazepine",
        "14316-4",
        "16195-0",
        "benzodiazepines, benzo, benzos, alprazolam, clonazepam, diazepam, nordiazepam, lorazepam, oxazepam, "
        "temazepam, chlordiazepoxide",
    ),
    _test("barbiturate", "19270-8", "16429-3", "barbiturates, phenobarbital"),
    _test(
        "cannabis", "18282-4", "19289-8", "cannabinoid, cannabinoids, thc, marijuana, hashish, thc cooh, carboxy thc"
    ),
    _test("pcp", "19659-2", "18392-1", "phencyclidine"),
    _test("etg", "58375-7", "58377-3", "ethyl glucuronide"),
)
_OF_WORD: Final = {word: test for test in URINE for word in test.words}
# (what was tested for, whether by confirmatory method) of a code, for results of other laboratories
TESTED: Final = {test.screen: (test.name, False) for test in URINE} | {
    test.confirm: (test.name, True) for test in URINE if test.confirm
}


def urine_code(name: str, *, confirmed: bool) -> str:
    """The LOINC code of a urine test for a substance, by its name in plain words; nothing where none is known."""
    plain = " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
    test = _OF_WORD.get(plain) or _OF_WORD.get(name.casefold())
    if test is None:
        return ""
    return test.confirm if confirmed else test.screen
