"""The feed under sites and consents: whose entries a reader is told of, and an entry that nobody can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.events import LevelOfCareStarted, NoteAdded
from infra.bootstrap import Services
from infra.identity.people import Principal, operator
from infra.interop.feed.page import Wanted, page
from projections.filters import FilterError
from tests.projections.telling import opened
from tests.spec import NOW, ago, fact, record

NORTH = Principal("nurse", "clinician", frozenset({"North"}))


def told(services: Services) -> None:
    for client, site in (("C-1", "North"), ("C-2", "South")):
        record(services.log, fact(LevelOfCareStarted(level="residential", site=site), ago(9), client=client))
        record(services.log, fact(NoteAdded(text="words"), ago(8), client=client))
    services.catch_up()


def test_who_is_bound_to_sites_is_told_of_their_clients_alone(tmp_path: Path) -> None:
    with opened(tmp_path, NOW.date()) as services:
        told(services)
        found = page(services, NORTH, 0, Wanted())
        assert {line["client"] for line in found.lines} == {"C-1"}
        assert found.position == services.log.head()
        everybody = page(services, operator("feed"), 0, Wanted())
        assert [line["client"] for line in everybody.lines] == ["C-1", "C-1", "C-2", "C-2"]


def test_a_page_looks_at_so_many_entries_and_says_where_to_go_on(tmp_path: Path) -> None:
    with opened(tmp_path, NOW.date()) as services:
        told(services)
        after, found = 0, list[str]()
        while (
            one := page(services, operator("feed"), after, Wanted(frozenset({"NoteAdded"})), limit=1)
        ).position > after:
            after = one.position
            found += [line["client"] for line in one.lines]
        assert found == ["C-1", "C-2"]


def test_an_entry_that_nobody_can_read_has_its_place(tmp_path: Path) -> None:
    with opened(tmp_path, NOW.date()) as services:
        told(services)
        client_id = services.log.client_id("C-1")
        with services.log.recorder.writing() as tx:
            (place,) = tx.insert([(client_id, 3, "FromTheFuture.9", b"{}")])
        line = page(services, operator("feed"), place - 1, Wanted()).lines[0]
        assert line == {"position": place, "sequence": 3, "client": "C-1", "type": "FromTheFuture", "unreadable": True}


def test_a_type_that_never_was_is_refused() -> None:
    with pytest.raises(FilterError, match="Happiness"):
        Wanted(frozenset({"Happiness"}))
