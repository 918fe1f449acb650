"""A positive screen shows use of a target, unless the client is prescribed what was found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from projections.abstinence.targets import TARGET_SETS, Targets, is_target, shows_use, targets_of
from projections.clinical.screens import expected
from projections.clinical.substances import CLASSES, class_of, names_of

NOTHING: dict[str, str] = {}
BUPRENORPHINE = {"buprenorphine": "partial_agonist"}
METHADONE = {"methadone": "agonist"}
NALTREXONE = {"naltrexone": "antagonist"}


@pytest.mark.parametrize(
    ("prescribed", "opioid", "methadone", "buprenorphine"),
    [
        (NOTHING, True, True, True),
        (NALTREXONE, True, True, True),
        (BUPRENORPHINE, True, True, False),
        (METHADONE, True, False, True),
        ({"Sublocade": "partial_agonist"}, True, True, False),
        ({"Suboxone": "other"}, True, True, False),
        ({"METHADONE": "other"}, True, False, True),
        ({"sertraline": "psychiatric"}, True, True, True),
    ],
)
def test_which_opioid_positives_are_use(
    prescribed: dict[str, str], opioid: bool, methadone: bool, buprenorphine: bool
) -> None:
    assert shows_use(["Opioid"], prescribed) is opioid
    assert shows_use(["Methadone"], prescribed) is methadone
    assert shows_use(["Buprenorphine"], prescribed) is buprenorphine


def test_a_prescribed_substance_does_not_hide_another() -> None:
    assert shows_use(["buprenorphine", "fentanyl"], BUPRENORPHINE)
    assert not shows_use(["buprenorphine", "cocaine"], BUPRENORPHINE)


@pytest.mark.parametrize("name", ["opiates", "HEROIN", "Fentanyl", "oxycodone", "morphine", "6-MAM", "other_opiates"])
def test_other_names_of_opioids_count(name: str) -> None:
    assert shows_use([name], BUPRENORPHINE)


@pytest.mark.parametrize("name", ["Thc", "Alcohol", "Cocaine", "Mdma/Hallucinogen", "Sedatives", "Benzodiazepine"])
def test_other_substances_are_no_opioids(name: str) -> None:
    assert not shows_use([name], NOTHING)


@pytest.mark.parametrize(
    ("targets", "names", "others"),
    [
        ("alcohol", ["Alcohol", "EtG"], ["opioid", "thc"]),
        ("nicotine", ["Cotinine", "tobacco"], ["alcohol", "thc"]),
        ("benzodiazepine", ["Benzos", "etizolam"], ["xylazine", "opioid"]),
        ("other_opioid", ["heroin", "Fentanyl"], ["methadone", "buprenorphine", "alcohol"]),
        ("fentanyl", ["FENTANYL"], ["heroin", "norfentanyl", "opioid"]),
        ("6 mam", ["6-MAM"], ["heroin"]),
        ("unlisted:medetomidine", ["Medetomidine"], ["xylazine"]),
        ("unlisted:cocaine", ["cocaine"], ["crack"]),
        ("cocaine", ["crack", "benzoylecgonine"], ["alcohol", "heroin"]),
        ("any_illicit", ["thc", "meth", "xanomeline-like novelty"], ["alcohol", "cotinine"]),
    ],
)
def test_other_sets_of_targets(targets: str, names: list[str], others: list[str]) -> None:
    assert all(shows_use([name], NOTHING, (targets,)) for name in names)
    assert not any(shows_use([name], NOTHING, (targets,)) for name in others)


def test_prescribed_classes_are_expected_in_every_set() -> None:
    assert not shows_use(["benzodiazepines"], {"lorazepam": "psychiatric"}, ("any_illicit",))
    assert not shows_use(["buprenorphine"], BUPRENORPHINE, ("any_illicit",))


def test_a_prescribed_opioid_never_explains_the_whole_opioid_panel() -> None:
    assert expected({"morphine": "agonist"}) == frozenset()
    assert shows_use(["opioid"], {"morphine": "agonist"})


def test_any_of_several_targets_is_use() -> None:
    either = targets_of(["Fentanyl", "xylazine", "nicotine"])
    assert [shows_use([name], NOTHING, either) for name in ("fentanyl", "xylazine", "cotinine", "heroin")] == [
        *(True, True, True),
        False,
    ]


def test_what_is_prescribed_is_no_use_by_name_either() -> None:
    clonazepam = {"clonazepam": "psychiatric"}
    assert not shows_use(["alprazolam"], clonazepam, ("alprazolam",))
    assert not shows_use(["alprazolam"], clonazepam, ("benzodiazepine",))
    assert shows_use(["alprazolam", "xylazine"], clonazepam, ("sedative",))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("opioid", ("opioid",)),
        (["opioid"], ("opioid",)),
        ("Any_Illicit", ("any_illicit",)),
        (["Fentanyl", "xylazine", "FENTANYL"], ("fentanyl", "xylazine")),
        (("EtG", "benzodiazepine"), ("etg", "benzodiazepine")),
        ("unlisted: Medeto-midine", ("unlisted:medeto midine",)),
    ],
)
def test_targets_are_a_set_a_class_a_name_or_several(written: object, read: Targets) -> None:
    assert targets_of(written) == targets_of(read) == read


@pytest.mark.parametrize("written", ["", [], "fentanly", ["fentanyl", "tea"], ["fentanyl", 3], 7, {"a": 1}])
def test_unknown_targets_are_refused_with_the_remedy(written: object) -> None:
    with pytest.raises(
        ValueError, match=r"give a set, a class|use a set \(opioid, other_opioid, any_illicit\), a class"
    ):
        targets_of(written)


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_every_class_and_every_name_of_it_may_be_a_target(kind: str) -> None:
    assert all(is_target(name, (kind,)) and is_target(name, targets_of(name)) for name in names_of(kind))


@given(
    st.sampled_from(sorted(TARGET_SETS)),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)
def test_a_screen_that_found_nothing_never_shows_use(targets: str, prescribed: dict[str, str]) -> None:
    assert not shows_use([], prescribed, (targets,))


@given(st.sampled_from(sorted(CLASSES)), st.sampled_from([str.upper, str.title, str.swapcase]))
def test_names_are_read_whatever_their_case(name: str, written: Callable[[str], str]) -> None:
    assert class_of(written(name)) == name
