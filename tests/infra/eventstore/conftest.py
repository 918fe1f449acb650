"""The two stores under one suite, and the words of its tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.commands import Draft
from domain.events import Event, NoteAdded
from infra.eventstore.log import Append, Author, EventLog, NewEntry
from tests.infra.eventstore.stores import Appending, Store
from tests.spec import NOW


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/log.db" if is_sqlite else request.getfixturevalue("postgres_url")
    store = Store(url, tmp_path)
    yield store
    for log in store.opened:
        log.close()


@pytest.fixture
def log(store: Store) -> EventLog:
    """An empty log of each kind."""
    return store.open()


@pytest.fixture
def append() -> Appending:
    """Makes an append of events (default: one note) for a chart."""

    def make(reference: str, *events: Event, expected: int | None = None, ids: tuple[str, ...] = ()) -> Append:
        events = events or (NoteAdded(text="seen"),)
        drafts = [Draft(event, NOW) for event in events]
        entries = [
            NewEntry(draft, Author("a-1", "clinician"), ids[place])
            if ids
            else NewEntry(draft, Author("a-1", "clinician"))
            for place, draft in enumerate(drafts)
        ]
        return Append(reference, entries, expected)

    return make
