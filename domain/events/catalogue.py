"""The catalogue: every event type by (type, version), and how old versions become new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any, cast

from pydantic import ValidationError

from domain.errors import ExpectedError
from domain.events import agenda, care, clinical, handoffs, people, provider, record
from domain.events.base import Event
from domain.events.problems import described
from domain.phrases import Phrase

# Entries about entries, charts and imports: a correction makes none of them.
BOOKKEEPING = frozenset(
    {
        "EntryCorrected",
        "EntryRetracted",
        "EntrySetAside",
        "EntryTakenUp",
        "ChartsMerged",
        "ChartClosed",
        "MergedChartContinued",
        "OverlapResolved",
        "NotSamePerson",
        "ErasureRequested",
        "ClientErased",
        "VersionsLeftOver",
    }
)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class UnknownEventTypeError(ExpectedError, LookupError, kind="invalid"):
    """No event of this type and version is in the catalogue."""


class InvalidDataError(ExpectedError, ValueError, kind="invalid"):
    """An event's data breaks its schema; each problem names its field and the remedy."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems one by one, for people and for problem documents."""
        self.problems = problems
        super().__init__("; ".join(problems))


class Catalogue:
    """Event types by name, current version first, with the upcasters that lead to it."""

    def __init__(
        self, types: Iterable[type[Event]], upcasters: Mapping[tuple[str, int], Upcaster] | None = None
    ) -> None:
        """Register ``types``; ``upcasters`` maps (type, version) to the step towards version + 1."""
        self.types: dict[str, type[Event]] = {cls.__name__: cls for cls in types}
        self.upcasters = dict(upcasters or {})
        self._by_topic: dict[str, Callable[[Any], Event]] = {
            topic(name, cls.version): cls.__pydantic_validator__.validate_python for name, cls in self.types.items()
        }

    def current(self, name: str) -> type[Event]:
        """The newest model of a type.

        Raises:
            UnknownEventTypeError: the catalogue has no such type.
        """
        try:
            return self.types[name]
        except KeyError:
            near = " or ".join(get_close_matches(name, self.types, n=2))
            hint = f"{near} may be meant; docs/events.md has all" if near else "docs/events.md has those that are known"
            msg = f"unknown event type {name!r}: {hint}"
            raise UnknownEventTypeError(msg) from None

    def upcast(self, name: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
        """Bring a payload of an older version to the current one, step by step.

        Raises:
            UnknownEventTypeError: the type, the version, or a step between is not known.
        """
        newest = self.current(name).version
        if not 1 <= version <= newest:
            msg = f"{name} version {version} is not known here (newest: {newest}): a newer release wrote it"
            raise UnknownEventTypeError(msg)
        for step in range(version, newest):
            data = self.upcasters[name, step](data)
        return data

    def is_current(self, topic_name: str) -> bool:
        """Whether a topic (``Type.version``) is that of a type's newest version."""
        return topic_name in self._by_topic

    def knows(self, topic_name: str) -> bool:
        """Whether a topic is of a type and version of this release, or of an earlier one."""
        name, _, version = topic_name.rpartition(".")
        return name in self.types and version.isdigit() and 1 <= int(version) <= self.types[name].version

    def load(self, topic_name: str, data: dict[str, Any]) -> Event:
        """Decode a recorded payload by its topic (``Type.version``).

        Raises:
            UnknownEventTypeError: not in the catalogue.
            pydantic.ValidationError: the recorded payload does not fit its schema.
        """
        validate = self._by_topic.get(topic_name)
        if validate is not None:
            return validate(data)
        name, _, version = topic_name.rpartition(".")
        if not version.isdigit():
            msg = f"{topic_name!r} is not of the form Type.version"
            raise UnknownEventTypeError(msg)
        if name not in self.types:
            msg = f"the type {name} is not known here: a newer release wrote it, or it is damaged"
            raise UnknownEventTypeError(msg)
        return self.current(name).model_validate(self.upcast(name, int(version), data))

    def parse(self, name: str, data: Mapping[str, Any], version: int | None = None, *, complete: bool = True) -> Event:
        """Validate a new entry's payload, required personal fields included unless it need not be ``complete``.

        Raises:
            UnknownEventTypeError: not in the catalogue.
            InvalidDataError: what is wrong, field by field.
        """
        cls = self.current(name)
        payload = dict(data) if version is None else self.upcast(name, version, dict(data))
        try:
            event = cls.model_validate(payload)
        except ValidationError as error:
            raise InvalidDataError([_describe(problem, cls) for problem in error.errors(include_url=False)]) from None
        missing = event.missing() if complete else []
        if missing:
            raise InvalidDataError(
                [Phrase("{type}: {field}: missing", type=Phrase(name), field=Phrase(field)) for field in missing]
            )
        if blank := event.blank():
            raise InvalidDataError(
                [Phrase("{type}: {field}: has no visible letter", type=Phrase(name), field=Phrase(f)) for f in blank]
            )
        if counted := event.numbers_from(payload):
            raise InvalidDataError(
                [
                    Phrase("{type}: {field}: give a number, not yes or no", type=Phrase(name), field=Phrase(field))
                    for field in counted
                ]
            )
        return self._settled(event, complete=complete) if isinstance(event, record.EntryCorrected) else event

    def _settled(self, event: record.EntryCorrected, *, complete: bool) -> record.EntryCorrected:
        """The correction with its replacement as that type itself would be recorded today."""
        given = event.replacement
        if given.type in BOOKKEEPING:
            raise InvalidDataError([f"EntryCorrected: replacement.type: {given.type} is not an entry about care"])
        inner = self.parse(given.type, given.data, given.version, complete=complete)
        data = inner.model_dump(mode="json", by_alias=True, exclude_none=True)
        replacement = given.model_copy(update={"data": data, "version": type(inner).version})
        return event.model_copy(update={"replacement": replacement})


def topic(name: str, version: int) -> str:
    """The name under which a type's version is stored."""
    return f"{name}.{version}"


def _describe(problem: Any, cls: type[Event]) -> str:
    fields = (info.alias or name for name, info in cls.model_fields.items())
    return described(problem, cls.__name__, fields)


def _types_of(*modules: ModuleType) -> list[type[Event]]:
    items = [item for module in modules for item in cast("dict[str, object]", vars(module)).values()]
    bases = {Event, provider.ProviderEvent}
    return [item for item in items if isinstance(item, type) and issubclass(item, Event) and item not in bases]


# Version 2 of these says the same in the same fields: what names or describes a person is sealed in it.
_SEALED_SINCE_2 = (
    care.AlumniContacted,
    care.AlumniEnrolled,
    care.CommunityReferralMade,
    care.SessionAttended,
    care.SoberLivingEntered,
    care.SoberLivingLeft,
    clinical.ClientDied,
    clinical.IncidentRecorded,
    clinical.MedicationStarted,
    clinical.MedicationStopped,
    people.ConsentGiven,
    people.ConsentRevoked,
    people.CoverageDenied,
)


def _same(data: dict[str, Any]) -> dict[str, Any]:
    return data


CATALOGUE = Catalogue(
    _types_of(people, care, agenda, handoffs, clinical, record, provider),
    {(cls.__name__, 1): _same for cls in _SEALED_SINCE_2},
)
