"""A positive screen shows use of a target, unless the client is prescribed what was found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from projections.abstinence.substances import CLASSES, class_of
from projections.abstinence.targets import TARGET_SETS, expected, shows_use

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
        ("cocaine", ["crack", "benzoylecgonine"], ["alcohol", "heroin"]),
        ("any_illicit", ["thc", "meth", "xanomeline-like novelty"], ["alcohol", "cotinine"]),
    ],
)
def test_other_sets_of_targets(targets: str, names: list[str], others: list[str]) -> None:
    assert all(shows_use([name], NOTHING, targets) for name in names)
    assert not any(shows_use([name], NOTHING, targets) for name in others)


def test_prescribed_classes_are_expected_in_every_set() -> None:
    assert not shows_use(["benzodiazepines"], {"lorazepam": "psychiatric"}, "any_illicit")
    assert not shows_use(["buprenorphine"], BUPRENORPHINE, "any_illicit")


def test_a_prescribed_opioid_never_explains_the_whole_opioid_panel() -> None:
    assert expected({"morphine": "agonist"}) == frozenset()
    assert shows_use(["opioid"], {"morphine": "agonist"})


def test_an_unknown_set_is_an_error() -> None:
    with pytest.raises(KeyError, match="weekend"):
        shows_use(["opioid"], NOTHING, "weekend")


@given(
    st.sampled_from(sorted(TARGET_SETS)),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
)
def test_a_screen_that_found_nothing_never_shows_use(targets: str, prescribed: dict[str, str]) -> None:
    assert not shows_use([], prescribed, targets)


@given(st.sampled_from(sorted(CLASSES)), st.sampled_from([str.upper, str.title, str.swapcase]))
def test_names_are_read_whatever_their_case(name: str, written: Callable[[str], str]) -> None:
    assert class_of(written(name)) == name
