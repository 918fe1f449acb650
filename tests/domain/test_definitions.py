"""What may be said of the provider itself: given these definitions, when this command, then this event or refusal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.commands import Command, Correct, Record, Retract
from domain.events import (
    CATALOGUE,
    EntryCorrected,
    Event,
    GroupClosed,
    GroupDefined,
    InvalidDataError,
    NoteAdded,
    SiteDefined,
)
from domain.numbers import ChartNumberError, as_shown
from domain.provider import decide_definition, label, label_of
from domain.refusals import CommandRefusedError
from tests.spec import NOW, Fact, ago, entries, fact, given

MORNING: dict[str, Any] = {
    "group_id": "IOP-AM",
    "name": "Morning group",
    "level": "intensive_outpatient",
    "site": "North",
    "slot": "morning",
    "weekdays": ("monday", "wednesday"),
    "starts": "09:00",
    "minutes": 180,
}


def group(**more: Any) -> GroupDefined:
    return GroupDefined(**(MORNING | more))


def decided(stream: str, command: Command, *facts: Fact) -> Event:
    return decide_definition(stream, entries(list(facts)), command, NOW).event


def refused(stream: str, command: Command, *facts: Fact) -> list[str]:
    with pytest.raises(CommandRefusedError) as error:
        decided(stream, command, *facts)
    return [refusal.criterion for refusal in error.value.refusals]


def test_days_of_the_week_are_words_however_they_are_written() -> None:
    given_days = ["Fri", "monday", 3, "MON"]
    event = CATALOGUE.parse("GroupDefined", MORNING | {"weekdays": given_days})
    assert isinstance(event, GroupDefined)
    assert event.weekdays == ("monday", "wednesday", "friday")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("weekdays", [0], "weekdays.0"),
        ("weekdays", [], "weekdays"),
        ("starts", "9", "write it as 09:00"),
        ("starts", "24:00", "write it as 09:00"),
        ("minutes", 0, "minutes"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_by_its_field(field: str, value: object, said: str) -> None:
    with pytest.raises(InvalidDataError, match=said):
        CATALOGUE.parse("GroupDefined", MORNING | {field: value})


def test_a_site_has_a_zone_of_the_tz_database_and_places_by_level() -> None:
    good = {"site": "N", "name": "North", "zone": "America/Chicago", "capacity": {"residential": 16}}
    assert CATALOGUE.parse("SiteDefined", good).model_dump(exclude_none=True) == good
    with pytest.raises(InvalidDataError, match="America/Chicago"):
        CATALOGUE.parse("SiteDefined", good | {"zone": "Mars/Olympus"})
    with pytest.raises(InvalidDataError, match="capacity"):
        CATALOGUE.parse("SiteDefined", good | {"capacity": {"penthouse": 1}})


def test_a_definition_stands_in_the_stream_of_its_thing() -> None:
    assert decided(label_of(group()), Record(group(), ago(1))) == group()
    assert decided(label("group", " iop-am "), Record(group(), ago(1))) == group()
    assert refused(label("group", "IOP-PM"), Record(group(), ago(1))) == ["own_stream"]
    assert refused(label("site", "IOP-AM"), Record(NoteAdded(text="a note"), ago(1))) == ["own_stream"]


def test_nothing_is_defined_from_tomorrow() -> None:
    assert refused(label_of(group()), Record(group(), ago(-1))) == ["not_in_the_future"]


def test_only_a_group_that_meets_is_closed() -> None:
    closed = GroupClosed(group_id="IOP-AM")
    stream = label_of(closed)
    assert refused(stream, Record(closed, ago(1))) == ["group_is_open"]
    defined, ended = fact(group(), ago(9)), fact(closed, ago(5))
    assert decided(stream, Record(closed, ago(1)), defined) == closed
    assert refused(stream, Record(closed, ago(10)), defined) == ["group_is_open"]
    assert refused(stream, Record(closed, ago(1)), defined, ended) == ["group_is_open"]
    assert decided(stream, Record(closed, ago(1)), defined, ended, fact(group(), ago(3))) == closed


def test_a_definition_is_corrected_and_retracted_as_every_entry_is() -> None:
    stream, defined = label_of(group()), fact(group(), ago(9))
    later = MORNING | {"starts": "09:30"}
    corrected = decided(stream, Correct(defined.id, "GroupDefined", ago(9), later, "typed wrong"), defined)
    assert isinstance(corrected, EntryCorrected)
    assert corrected.replacement.data["starts"] == "09:30"
    other = MORNING | {"group_id": "IOP-PM"}
    assert refused(stream, Correct(defined.id, "GroupDefined", ago(9), other, "typed wrong"), defined) == ["own_stream"]
    assert refused(stream, Retract(UUID(int=1), "in error"), defined) == ["target_is_on_this_chart"]
    assert decided(stream, Retract(defined.id, "in error"), defined)


def test_no_chart_takes_what_is_said_of_the_provider() -> None:
    note = fact(NoteAdded(text="a note"), ago(3))
    site = {"site": "N", "name": "North", "zone": "UTC"}
    given(note).when(Correct(note.id, "SiteDefined", ago(3), site, "wrong")).refused("target_is_a_clinical_entry")
    assert SiteDefined.of_provider
    assert not NoteAdded.of_provider


@pytest.mark.parametrize("number", ["provider:site:North", " Provider:x", "PROVIDER:"])
def test_no_chart_number_looks_as_a_label_does(number: str) -> None:
    with pytest.raises(ChartNumberError, match="provider"):
        as_shown(number)
