"""Which drug a concept names: by its code, else by a text that names it and nothing more.

A text without a code has to be a known name of a drug from its first to its last word, with its strength, form, route
and how often it is taken: "No buprenorphine" and "Allergic to naltrexone" name drugs, and prescribe none. Beside a code
a text says what it likes, as long as it takes nothing back and names no other drug.
"""

from __future__ import annotations

import re
from typing import Any, Final

from infra.interop.fhir.coding import RXNORM, RXNORM_INGREDIENTS
from infra.interop.importers.fhir.context import LeftOverError
from infra.interop.importers.fhir.contradictions import denies_drug, texts_of, words_of
from infra.interop.importers.fhir.parts import code, codings, text
from projections.clinical.products import INGREDIENTS


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CLASSES: Final = {"methadone": "agonist", "buprenorphine": "partial_agonist", "naltrexone": "antagonist"}
_INGREDIENT_OF: Final = {number: name for name, number in RXNORM_INGREDIENTS.items()}
_NAMES: Final = _set(
    "naloxone narcan nalmefene disulfiram antabuse acamprosate campral lofexidine lucemyra clonidine gabapentin "
    "pregabalin topiramate baclofen ondansetron nicotine varenicline chantix bupropion wellbutrin zyban sertraline "
    "zoloft fluoxetine prozac escitalopram lexapro citalopram celexa paroxetine paxil venlafaxine effexor "
    "desvenlafaxine duloxetine cymbalta mirtazapine remeron trazodone amitriptyline nortriptyline doxepin buspirone "
    "buspar hydroxyzine vistaril propranolol prazosin lithium lamotrigine lamictal valproate divalproex depakote "
    "carbamazepine oxcarbazepine levetiracetam quetiapine seroquel olanzapine zyprexa risperidone risperdal "
    "aripiprazole abilify ziprasidone haloperidol lurasidone paliperidone clozapine atomoxetine guanfacine "
    "methylphenidate amphetamine dextroamphetamine lisdexamfetamine lorazepam diazepam chlordiazepoxide clonazepam "
    "oxazepam phenobarbital melatonin thiamine folate multivitamin ibuprofen acetaminophen loperamide dicyclomine "
    "promethazine"
)
_WORDS: Final = _set(
    "and with hydrochloride hcl sodium calcium dihydrate pamoate tartrate mg mcg g ml mgml mcghr hr hour hours "
    "tablet tablets tab tabs capsule capsules cap caps film films strip strips solution liquid concentrate "
    "suspension injection injectable injected depot syringe implant patch spray lozenge gum powder dispersible "
    "diskets kit vial oral orally po sublingual sublingually sl buccal intramuscular im subcutaneous subcut sc sq "
    "nasal transdermal extended release delayed er xr sr dr la xl long acting daily weekly monthly nightly twice "
    "once every a per day week month bid tid qid qd qhs q at bedtime in the morning acid prolonged maintenance"
)
_KNOWN: Final = _NAMES.union(_WORDS, *INGREDIENTS.values())
_AMOUNT: Final = re.compile(r"\d+(mg|mcg|g|ml|hr|h|d|w)?")
_OTHER_SIGNS: Final = re.compile(r"[^\w\s().,:/+%&\[\]\-\u2013\u00ae\u2122]|_")


def drug_of(concept: Any) -> str:
    """The name of the drug that a concept of another system names.

    Raises:
        LeftOverError: it names none, or says more or something else than that it is one.
    """
    name = text(concept)
    if not name:
        msg = "names no drug"
        raise LeftOverError(msg)
    _refuse_other_drug(concept)
    if not any(coding.get("code") for coding in codings(concept)):
        if not _is_name(name):
            msg = "its drug has no code, and its text is no known name of a drug as a whole: give its RxNorm code"
            raise LeftOverError(msg)
    elif any(denies_drug(phrase) for phrase in texts_of([concept])):
        msg = "a text beside the code of its drug takes it back: look what was meant"
        raise LeftOverError(msg)
    return name


def class_of(concept: Any, drug: str) -> str:
    """The class of a drug by its ingredient's code, else by a whole word of its name that names one class only."""
    coded = _INGREDIENT_OF.get(code(concept, RXNORM))
    classes = {_CLASSES[name] for name in ({coded} if coded in _CLASSES else _named(drug))}
    return classes.pop() if len(classes) == 1 else "other"


def _named(phrase: str) -> set[str]:
    """The drugs for opioid use disorder that a text names, by ingredient or brand."""
    words = set(words_of(phrase))
    return {name for name, names in INGREDIENTS.items() if names & words}


def _refuse_other_drug(concept: Any) -> None:
    """Raises:
    LeftOverError: the code of a drug and one of its texts name different drugs.
    """
    numbers = [str(coding.get("code")) for coding in codings(concept, RXNORM)]
    coded = {_INGREDIENT_OF[number] for number in numbers if number in _INGREDIENT_OF}
    named = {name for phrase in texts_of([concept]) for name in _named(phrase)}
    if len(coded) > 1 or (coded and named - coded):
        msg = "medicationCodeableConcept: its codes and texts name different drugs"
        raise LeftOverError(msg)


def _is_name(phrase: str) -> bool:
    words = [word for word in words_of(phrase) if not _AMOUNT.fullmatch(word)]
    drugs = {word for word in words if word in _NAMES} | _named(phrase)
    return bool(drugs) and not _OTHER_SIGNS.search(phrase) and _KNOWN.issuperset(words)
