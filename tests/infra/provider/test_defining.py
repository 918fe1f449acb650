"""The provider's streams beside those of clients: live, rebuilt, replayed, as known then, exported and imported again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from domain.commands import Correct, Retract, SetAside, TakeUp
from domain.events import (
    CodeListAdopted,
    ConsentFormDefined,
    ConsentFormWithdrawn,
    GroupClosed,
    NoteAdded,
    ProgramDefined,
    ProviderEvent,
    SiteDefined,
    StaffDefined,
)
from domain.provider import label_of
from domain.refusals import CommandRefusedError
from infra.bootstrap import Services
from infra.commands.handle import load
from infra.eventstore.client_chart import NoSuchChartError
from infra.eventstore.keyring import of_provider
from infra.eventstore.log import Author, IdempotencyKeyReusedError, Receipt, StaleSequenceError
from infra.history.as_of.store import store_as_of
from infra.history.changes.client import ClientEntries, rows_of
from infra.history.changes.numbers import report_difference
from infra.identity.people import operator
from infra.integrity.proofs import NoSuchEntryError
from infra.interop.exporters.all_charts import charts
from infra.interop.exporters.events import export_lines
from infra.interop.feed.page import Wanted, page
from infra.interop.importers.events.rules import unmet_rules
from infra.interop.importers.events.run import import_file
from infra.kafka.records import record_of
from infra.ops.set_aside import decide_aside
from infra.privacy.names.duplicates import alike, imported_alike
from infra.privacy.names.suggest import suggest
from infra.provider.define import amend, define, stream_of
from infra.provider.definitions import defined
from infra.readmodels.verify import verify
from infra.reporting.reports import ReportParams
from projections.catalogue import READ_MODELS
from tests.domain.test_definitions import MORNING, group
from tests.poison import BAD_ID, POISONS, SEALED, poison_definition
from tests.projections.telling import opened
from tests.spec import NOW, ago, fact, record, shown

ADMIN = Author("an admin", "admin")
NORTH = SiteDefined(site="North", name="North house", zone="America/Chicago", capacity={"residential": 16})
FORM = ConsentFormDefined(form="probation", name="To probation", disclosed=("attendance",), purpose="supervision")
EVERYTHING: tuple[ProviderEvent, ...] = (
    NORTH,
    ProgramDefined(program="IOP", level="intensive_outpatient", aliases=("H0015",)),
    StaffDefined(staff="s-1", name="Somebody of the staff", roles=("clinician",), sites=("North",)),
    group(),
    CodeListAdopted(list="ICD-10-CM", edition="2027", digest="ab" * 32),
    FORM,
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path, NOW.date()) as services:
        yield services


def say(here: Services, event: ProviderEvent, since: datetime | None = None) -> Receipt:
    receipt = define(here.log, event, author=ADMIN, now=NOW, since=since)
    here.catch_up()
    return receipt


def keys(here: Services, kind: str, at: datetime = NOW, as_of: datetime | None = None) -> list[str]:
    return [one.key for one in defined(here, kind, at, as_of)]


def test_a_later_definition_holds_from_its_own_time_on(here: Services) -> None:
    say(here, NORTH, ago(20))
    say(here, NORTH.model_copy(update={"name": "North campus"}), ago(5))
    assert [one.name for one in defined(here, "site", ago(10))] == ["North house"]
    assert [one.name for one in defined(here, "site", NOW)] == ["North campus"]
    assert keys(here, "site", ago(30)) == []


def test_a_site_in_any_spelling_is_one_site(here: Services) -> None:
    first = say(here, NORTH, ago(20))
    second = say(here, NORTH.model_copy(update={"site": " NORTH "}), ago(5))
    assert (second.client_id, second.sequence) == (first.client_id, 2)


def test_a_closed_group_meets_no_more_until_it_is_defined_anew(here: Services) -> None:
    say(here, group(), ago(20))
    say(here, GroupClosed(group_id="IOP-AM"), ago(10))
    assert (keys(here, "group", ago(15)), keys(here, "group", ago(9))) == (["IOP-AM"], [])
    say(here, group(starts="10:00"), ago(4))
    assert [one.data["starts"] for one in defined(here, "group", NOW)] == ["10:00"]


def test_a_withdrawn_consent_form_is_offered_no_more_until_it_is_defined_anew(here: Services) -> None:
    say(here, FORM, ago(20))
    say(here, ConsentFormWithdrawn(form="Probation"), ago(10))
    assert (keys(here, "consent_form", ago(15)), keys(here, "consent_form", ago(9))) == (["probation"], [])
    with pytest.raises(CommandRefusedError, match="no such consent form is offered then"):
        define(here.log, ConsentFormWithdrawn(form="probation"), author=ADMIN, now=NOW)
    say(here, FORM, ago(4))
    assert keys(here, "consent_form") == ["probation"]


def test_what_was_corrected_or_taken_back_was_known_otherwise_before(here: Services) -> None:
    here.log.clock = lambda: ago(19)
    receipt = say(here, group(), ago(20))
    here.log.clock = lambda: NOW
    target = here.log.stream(receipt.client_id)[0]
    later = MORNING | {"starts": "09:30"}
    fix = Correct(fact(group(), number=1).id, "GroupDefined", ago(20), later, "typed wrong")
    with pytest.raises(CommandRefusedError):
        amend(here.log, label_of(group()), fix, author=ADMIN, now=NOW)
    aim = UUID(hex=target.event_id)
    fix = Correct(aim, "GroupDefined", ago(20), later, "typed wrong")
    amend(here.log, label_of(group()), fix, author=ADMIN, now=NOW)
    here.catch_up()
    assert [one.data["starts"] for one in defined(here, "group", NOW)] == ["09:30"]
    amend(here.log, label_of(group()), Retract(aim, "no such group"), author=ADMIN, now=NOW)
    here.catch_up()
    assert keys(here, "group") == []
    assert keys(here, "group", as_of=target.recorded_at) == ["IOP-AM"]
    assert [entry.type for entry in stream_of(here.log, label_of(group())).entries] == [
        "GroupDefined",
        "EntryCorrected",
        "EntryRetracted",
    ]


def test_a_key_answers_as_it_did_and_a_stale_sequence_is_refused(here: Services) -> None:
    first = define(here.log, NORTH, author=ADMIN, now=NOW, key="k-1")
    again = define(here.log, NORTH, author=ADMIN, now=NOW, key="k-1")
    assert (again.position, again.replayed) == (first.position, True)
    with pytest.raises(IdempotencyKeyReusedError):
        define(here.log, group(), author=ADMIN, now=NOW, key="k-1")
    stale = Retract(fact(group()).id, "in error")
    with pytest.raises(StaleSequenceError):
        amend(here.log, label_of(NORTH), stale, author=ADMIN, now=NOW, expected=0)


def test_live_tables_their_rebuild_and_a_replay_hold_the_same(here: Services) -> None:
    for event in EVERYTHING:
        say(here, event, ago(20))
    say(here, group(minutes=200), ago(4))
    live = shown(here.reads, "definition")
    assert len(live) == len(EVERYTHING) + 1
    assert verify(here.projector) == []
    here.projector.rebuild()
    assert shown(here.reads, "definition") == live


def test_the_provider_is_nobodys_client(here: Services) -> None:
    record(here.log, fact(NoteAdded(text="words"), ago(8), client="C-1"))
    for event in EVERYTHING:
        receipt = say(here, event, ago(20))
        assert of_provider(receipt.client_id)
        label = label_of(event)
        assert here.log.reference(receipt.client_id) == label
        assert here.log.client_id(label) != receipt.client_id
        with pytest.raises(NoSuchChartError):
            load(here.log, label)
    assert [here.log.reference(chart.client_id) for chart in charts(here.log)] == ["C-1"]
    assert {row["client_id"] for row in shown(here.reads, "client_status")} == {here.log.client_id("C-1")}
    assert list(unmet_rules(here.log, 0)) == []
    assert here.log.recorder.clients_since(0) == 1


def test_everything_comes_back_from_an_export(here: Services, tmp_path: Path) -> None:
    record(here.log, fact(NoteAdded(text="words"), ago(8), client="C-1"))
    for event in EVERYTHING:
        say(here, event, ago(20))
    target = stream_of(here.log, label_of(group())).entries[0]
    amend(here.log, label_of(group()), Retract(UUID(hex=target.event_id), "in error"), author=ADMIN, now=NOW)
    exported = tmp_path / "export.ndjson"
    exported.write_bytes(b"".join(export_lines(here.log)))
    (tmp_path / "other").mkdir()
    with opened(tmp_path / "other", NOW.date()) as there:
        result = import_file(there.log, str(exported), keep_recorded_at=True, strict=True)
        assert (result.recorded, result.rejected, result.clients) == (8, 0, 1)
        assert b"".join(export_lines(there.log)) == exported.read_bytes()
        there.catch_up()
        assert keys(there, "site") == ["North"]
        assert keys(there, "group") == []
        assert import_file(there.log, str(exported), keep_recorded_at=True).known == 8


def imported(here: Services, tmp_path: Path, strict: bool = False, **more: object) -> str:
    """The reason why a definition is not recorded; nothing where it is."""
    line = {"type": "SiteDefined", "occurred_at": "2026-02-01T09:00:00Z", "data": NORTH.model_dump(exclude_none=True)}
    file = tmp_path / "lines.ndjson"
    file.write_bytes(orjson.dumps({name: value for name, value in (line | more).items() if value is not ...}))
    import_file(here.log, str(file), strict=strict)
    rejected = tmp_path / "lines.ndjson.rejected.ndjson"
    return str(orjson.loads(rejected.read_bytes())["reason"]) if rejected.exists() else ""


def test_a_line_about_the_provider_names_no_client(here: Services, tmp_path: Path) -> None:
    assert imported(here, tmp_path) == ""
    assert imported(here, tmp_path, kind="provider") == ""
    assert imported(here, tmp_path, kind="provider", client="provider:site:north") == ""
    assert imported(here, tmp_path, client="C-1").startswith("client: leave it out")
    assert imported(here, tmp_path, client="provider:site:South").startswith("client: leave it out")
    assert imported(here, tmp_path, kind="client").startswith("kind:")
    assert imported(here, tmp_path, kind="else").startswith("kind:")
    note: dict[str, Any] = {"type": "NoteAdded", "data": {"text": "words"}}
    assert imported(here, tmp_path, **note).startswith("client: missing")
    assert imported(here, tmp_path, **note, client="provider:site:North").startswith("kind:")
    assert imported(here, tmp_path, **note, kind="provider", client="provider:site:North").startswith("client:")
    assert len(stream_of(here.log, label_of(NORTH)).entries) == 3


def test_a_strict_import_goes_by_the_rules_of_commands(here: Services, tmp_path: Path) -> None:
    closed: dict[str, Any] = {"type": "GroupClosed", "data": {"group_id": "IOP-AM"}}
    assert imported(here, tmp_path, **closed, strict=True).startswith(
        "refused: group_is_open: no such group meets then"
    )


def test_the_feed_and_the_topic_tell_the_kinds_apart(here: Services) -> None:
    record(here.log, fact(NoteAdded(text="words"), ago(8), client="C-1"))
    say(here, NORTH, ago(20))
    note, site = page(here, operator("feed"), 0, Wanted()).lines
    assert "kind" not in note
    assert (site["kind"], site["client"], site["data"]["zone"]) == (
        "provider",
        "provider:site:North",
        "America/Chicago",
    )
    sources = [dict(record_of(row).headers)["ce_source"] for row in here.log.recorder.page(0, 9)]
    assert [source.rpartition(b"/")[0] for source in sources] == [b"/carejourney/clients", b"/carejourney/provider"]


def test_no_definition_is_looked_for_as_a_client(here: Services) -> None:
    for site in ("North-1", "North 1"):
        say(here, NORTH.model_copy(update={"site": site}), ago(20))
    here.names.catch_up()
    assert alike(here) == []
    assert suggest(here, "north1", 10) == []
    assert imported_alike(here, 0) == 0
    assert here.names.differences() == []


def test_no_number_of_clients_moved_by_a_definition(here: Services) -> None:
    moments = (ago(9), ago(3))
    here.log.clock = lambda: ago(6)
    stream = say(here, NORTH, ago(20)).client_id
    found = rows_of(READ_MODELS, stream, ClientEntries(here.log, stream).recorded)
    assert found is not None
    assert {table for rows in found.rows.values() for table, kept in rows.items() if kept} == {
        "provider_stream",
        "definition",
    }
    assert report_difference(here, "status", ReportParams(), *moments).cells == []


def unreadable(here: Services, kind: str = "unknown type") -> UUID:
    """An entry in the stream of a site that this release does not know."""
    poison_definition(here.log, label_of(NORTH), kind)
    here.catch_up()
    return UUID(hex=BAD_ID)


def names(here: Services) -> list[str]:
    return [str(site.data["name"]) for site in defined(here, "site", NOW)]


@pytest.mark.parametrize("kind", sorted(POISONS.keys() - SEALED))
def test_definitions_go_on_without_one_that_nobody_can_read(here: Services, kind: str) -> None:
    say(here, NORTH, ago(20))
    bad = unreadable(here, kind)
    say(here, NORTH.model_copy(update={"name": "North campus"}), ago(5))
    assert names(here) == ["North house"], "up to the entry before the bad one"
    assert len(here.projector.quarantined()) == 1
    decide_aside(here, operator("a-1"), SetAside(bad, "damaged on 3 May"), author=ADMIN)
    here.catch_up()
    assert names(here) == ["North campus"]
    assert here.projector.quarantined() == []
    assert verify(here.projector) == []
    [left] = stream_of(here.log, label_of(NORTH), opened=True).unread
    assert left.aside is not None
    assert (left.aside.actor, left.aside.reason) == ("an admin", "damaged on 3 May")
    assert here.people.log.page(0, 10) == [], "no chart was looked at"
    decide_aside(here, operator("a-1"), TakeUp(bad, "the release knows it"), author=ADMIN)
    here.catch_up()
    assert names(here) == ["North house"]
    assert len(here.projector.quarantined()) == 1


def test_what_can_be_read_of_the_provider_is_not_set_aside_and_no_decision_is_amended(here: Services) -> None:
    entry = UUID(hex=say(here, NORTH, ago(20)).event_ids[0])
    bad = unreadable(here)

    def refused(command: Correct | Retract | SetAside | TakeUp) -> str:
        with pytest.raises(CommandRefusedError) as error:
            if isinstance(command, SetAside | TakeUp):
                decide_aside(here, operator("a-1"), command, author=ADMIN)
            else:
                amend(here.log, label_of(NORTH), command, author=ADMIN, now=NOW)
        return error.value.refusals[0].value

    assert refused(SetAside(entry, "made in error")) == "the entry can be read"
    assert refused(TakeUp(bad, "known now")) == "the entry is not set aside"
    decision = UUID(hex=decide_aside(here, operator("a-1"), SetAside(bad, "damaged"), author=ADMIN).event_ids[0])
    assert refused(SetAside(bad, "damaged")) == "the entry is set aside already"
    assert refused(Retract(decision, "not so")) == "whether an entry counts is decided anew, not taken back"
    new = Correct(decision, "SiteDefined", ago(5), NORTH.model_dump(mode="json"), "not so")
    assert refused(new) == "whether an entry counts is decided anew, not taken back"


def test_no_entry_at_all_is_set_aside(here: Services) -> None:
    with pytest.raises(NoSuchEntryError):
        decide_aside(here, operator("a-1"), SetAside(UUID(hex=BAD_ID), "unreadable"), author=ADMIN)


def test_a_decision_about_a_definition_goes_out_and_comes_in(here: Services, tmp_path: Path) -> None:
    say(here, NORTH, ago(20))
    bad = unreadable(here)
    decide_aside(here, operator("a-1"), SetAside(bad, "damaged"), author=ADMIN)
    exported = tmp_path / "log.ndjson"
    exported.write_bytes(b"".join(export_lines(here.log)))
    lines = [orjson.loads(line) for line in exported.read_bytes().splitlines()]
    assert [(line["kind"], line["type"]) for line in lines] == [
        ("provider", "SiteDefined"),
        ("provider", "EntrySetAside"),
    ]
    (tmp_path / "there").mkdir()
    with opened(tmp_path / "there", NOW.date()) as there:
        report = import_file(there.log, str(exported), keep_recorded_at=True, strict=True)
        assert report.recorded == 2
        assert b"".join(export_lines(there.log)) == exported.read_bytes()


def test_no_definition_was_known_as_a_client(here: Services) -> None:
    record(here.log, fact(NoteAdded(text="words"), ago(8), client="C-1"))
    say(here, NORTH, ago(20))
    with store_as_of(here, NOW) as then:
        assert then.log.recorder.clients_since(0) == 1


def test_an_entry_of_a_newer_release_stops_no_definition(here: Services) -> None:
    say(here, NORTH, ago(20))
    unreadable(here)
    receipt = define(here.log, NORTH.model_copy(update={"name": "North campus"}), author=ADMIN, now=NOW, since=ago(5))
    assert receipt.sequence == 3
