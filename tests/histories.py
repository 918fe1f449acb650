"""Random events and random histories, for properties: any payload a type allows, any order of clinical times."""

from __future__ import annotations

import types
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import Ge, Le
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from domain.events import (
    CATALOGUE,
    AssessmentCompleted,
    EntryCorrected,
    EntryRetracted,
    Event,
    OverlapResolved,
    Replacement,
)
from domain.events.base import says_something
from domain.events.catalogue import BOOKKEEPING
from tests.spec import NOW, Fact

CLINICAL = [cls for name, cls in CATALOGUE.types.items() if name not in BOOKKEEPING and not cls.of_provider]
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), min_size=1, max_size=12).filter(
    says_something
)
DATES = st.dates(date(2025, 6, 1), date(2026, 6, 1))
RATINGS = st.integers(0, 4)
# What definitions of the provider write in a form of its own.
_WRITTEN: dict[str, list[Any]] = {
    "zone": ["UTC", "America/Chicago"],
    "starts": ["00:00", "18:30"],
    "digest": ["AB" * 16, "0" * 128],
    "weekdays": [["sunday"], ["friday", "monday"]],
    "disclosed": [["attendance"], ["attendance", "summary"]],
    "versions": [{"0" * 32: "1"}, {"a" * 32: "2026-01-02T03:04:05+00:00", "b" * 32: "7"}],
}


def events(*kinds: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of these types (default: any about care)."""
    return st.sampled_from(kinds or CLINICAL).flatmap(event)


def event(cls: type[Event]) -> st.SearchStrategy[Any]:
    """Any event of a type, as a caller may write it."""
    if cls is EntryCorrected:
        return corrections(st.uuids())
    if cls is OverlapResolved:
        ids = st.lists(st.integers(1, 25).map(lambda number: UUID(int=number)), min_size=2, max_size=3, unique=True)
        return ids.map(lambda stays: OverlapResolved(stays=tuple(stays), counts=stays[0]))
    given = {name: _field(field, required=name in cls.personal_required) for name, field in cls.model_fields.items()}
    given |= {name: st.sampled_from(said) for name, said in _WRITTEN.items() if name in given and cls.of_provider}
    if cls is AssessmentCompleted:
        given["asam"] = st.tuples(*[RATINGS] * 6)
    return st.fixed_dictionaries(given).map(lambda data: cls.model_validate(_by_alias(cls, data)))


def corrections(targets: st.SearchStrategy[UUID]) -> st.SearchStrategy[EntryCorrected]:
    """Any correction of one of these targets, as the catalogue settles it."""
    return st.builds(_correction, targets, events(), moments(), TEXT)


def moments() -> st.SearchStrategy[datetime]:
    """Moments in the 200 days before NOW, in offsets from −14 h to +14 h, often the same few."""
    minutes = st.one_of(st.sampled_from([0, 1, 1440, 14400]), st.integers(0, 200 * 1440))
    zones = st.sampled_from([0, 0, -300, 330, 840, -840])
    return st.builds(
        lambda ago, zone: (NOW - timedelta(minutes=ago)).astimezone(timezone(timedelta(minutes=zone)) if zone else UTC),
        minutes,
        zones,
    )


@st.composite
def histories(
    draw: st.DrawFn, clients: Sequence[str] = ("C-1",), kinds: Sequence[type[Event]] = (), most: int = 25
) -> list[Fact]:
    """Facts about several clients in an order of recording: late ones, corrected, retracted and repeated ones."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(1, most))):
        client = draw(st.sampled_from(clients))
        own = [fact for fact in facts if fact.client == client]
        event_id = UUID(int=number + 1).hex
        what = draw(st.sampled_from(["new", "new", "new", "new", "correct", "retract", "repeat"])) if own else "new"
        if what == "repeat":
            facts.append(draw(st.sampled_from(own)))
            continue
        if what == "new":
            drawn = draw(events(*kinds))
        else:
            target = st.sampled_from(own).map(lambda fact: fact.id)
            drawn = draw(corrections(target) if what == "correct" else retractions(target))
        facts.append(Fact(drawn, draw(moments()), event_id, client))
    return facts


def retractions(targets: st.SearchStrategy[UUID]) -> st.SearchStrategy[EntryRetracted]:
    """Any retraction of one of these targets."""
    return st.builds(lambda target: EntryRetracted(target=target, reason="made in error"), targets)


def _correction(target: UUID, new: Event, at: datetime, reason: str) -> EntryCorrected:
    data = new.model_dump(mode="json", by_alias=True, exclude_none=True)
    replacement = Replacement(type=type(new).__name__, occurred_at=at, data=data)
    given = EntryCorrected(target=target, replacement=replacement, reason=reason)
    settled = CATALOGUE.parse("EntryCorrected", given.model_dump())
    assert isinstance(settled, EntryCorrected)
    return settled


def _by_alias(cls: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    return {cls.model_fields[name].alias or name: value for name, value in data.items() if value is not None}


def _field(field: FieldInfo, *, required: bool = False) -> st.SearchStrategy[Any]:
    if required:
        [kind] = [part for part in get_args(field.annotation) if part is not type(None)]
        return _value(kind, field.metadata)
    return _value(field.annotation, field.metadata)


def _value(kind: Any, marks: Sequence[Any] = ()) -> st.SearchStrategy[Any]:
    """A strategy for an annotation, within the bounds that its marks set."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(inner[0], [mark for given in inner[1:] for mark in _marks(given)])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (Union, types.UnionType):
        return st.one_of([_value(part) for part in inner])
    if origin is tuple:
        parts = [part for part in inner if part is not Ellipsis]
        return (
            st.lists(_value(parts[0]), max_size=3).map(tuple)
            if len(parts) < len(inner)
            else st.tuples(*map(_value, parts))
        )
    if origin is dict:
        return st.dictionaries(_value(inner[0]), _value(inner[1]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {name: _field(field) for name, field in kind.model_fields.items()}
        return st.fixed_dictionaries(fields).map(lambda data: kind.model_validate(_by_alias(kind, data)))
    return _plain(kind, marks)


def _marks(given: Any) -> list[Any]:
    return list(given.metadata) if isinstance(given, FieldInfo) else [given]


def _plain(kind: Any, marks: Sequence[Any]) -> st.SearchStrategy[Any]:
    least: Any = next((mark.ge for mark in marks if isinstance(mark, Ge)), None)
    most: Any = next((mark.le for mark in marks if isinstance(mark, Le)), None)
    by_type: dict[Any, st.SearchStrategy[Any]] = {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(least if least is not None else 0, most if most is not None else 100),
        float: st.floats(least if least is not None else -1e6, most if most is not None else 1e6, width=32),
        str: TEXT,
        date: DATES,
        UUID: st.uuids(),
        AwareDatetime: moments(),
    }
    assert kind in by_type, f"no strategy for {kind}"
    assert not any(isinstance(mark, StringConstraints) for mark in marks) or kind is str
    return by_type[kind]
