"""The catalogue of event types: what it says of a type that it does not know."""

from __future__ import annotations

import pytest

from domain.events import CATALOGUE, UnknownEventTypeError


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SesionAttended", "SessionAttended may be meant"),
        ("SessionAttendet", "SessionAttended or "),
        ("Zzz", "docs/events.md has those that are known"),
    ],
)
def test_who_writes_an_unknown_type_is_told_what_may_be_meant(name: str, told: str) -> None:
    with pytest.raises(UnknownEventTypeError) as error:
        CATALOGUE.parse(name, {})
    assert told in str(error.value)
    assert len(str(error.value)) < 140


@pytest.mark.parametrize("topic", ["Unheard.1", "NoteAdded.99"])
def test_a_recorded_type_that_is_not_known_is_a_newer_releases(topic: str) -> None:
    with pytest.raises(UnknownEventTypeError, match=r"is not known here.*a newer release wrote it"):
        CATALOGUE.load(topic, {})
