"""A person is issuer and subject; the name is for people to read."""

from __future__ import annotations

import pytest

from domain.people import Person, may_be_same, person_of

IDP, OTHER = "https://idp.example", "https://other.example"
ANNA = Person("a.meyer", IDP, "1")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (ANNA, True),
        (Person("a.meyer-admin", IDP, "1"), True),  # one person with two names
        (Person("a.meyer", IDP, "2"), False),  # two people with one name
        (Person("b.okafor", OTHER, "1"), False),
        (Person(" A.Meyer", OTHER, "9"), True),  # nobody can say: it counts as one
        (Person("A.MEYER "), True),
        (Person("b.okafor"), False),
    ],
)
def test_who_may_be_one_person(other: Person, same: bool) -> None:
    assert may_be_same(ANNA, other) is same
    assert may_be_same(other, ANNA) is same


def test_a_key_stands_for_one_person() -> None:
    people = [
        ANNA,
        Person("a.meyer", IDP, "2"),
        Person("a.meyer", OTHER, "1"),
        Person("a.meyer"),
        Person("b.okafor"),
        Person("x", IDP + "1", ""),  # half an identity is none
        Person("", "ab", "c"),
        Person("", "a", "bc"),
    ]
    assert len({person.key for person in people}) == len(people)
    assert Person("another name", IDP, "1").key == ANNA.key


def test_who_recorded_an_entry() -> None:
    assert person_of({"i": "0" * 32, "a": 0, "r": 0, "w": "a.meyer", "u": IDP, "y": "1"}) == ANNA
    assert person_of({"i": "0" * 32, "a": 0, "r": 0, "w": "a.meyer"}) == Person("a.meyer")
