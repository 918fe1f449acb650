"""What names or describes a person is sealed; a word of a closed list stays readable; old clear text counts as sealed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.commands import Record
from domain.entries import Entry, Meta, microseconds
from domain.events import (
    AlumniContacted,
    ClientDied,
    ConsentGiven,
    EntryCorrected,
    Event,
    IncidentRecorded,
    MedicationStopped,
    SessionAttended,
    SoberLivingEntered,
)
from infra.commands.handle import handle
from infra.eventstore import mapper
from infra.eventstore.client_chart import open_chart
from infra.eventstore.hash_links import is_linked, linked
from infra.eventstore.keyring import Cipher
from infra.eventstore.log import Author
from infra.eventstore.mapper import encode, recorded_of, republished, topic_of
from infra.eventstore.rows import LogRow
from tests.day import UTC_DAYS
from tests.infra.privacy.erasure.erasures import Clock, Place, erase, write
from tests.spec import KEY, NOW
from tools.schemas.values import schemas

CIPHER = Cipher(KEY)
META: Meta = {"i": "0" * 32, "a": microseconds(NOW), "r": microseconds(NOW)}
CONSENT = {"consent_id": "c1", "recipient": "Orchid Clinic", "purpose": "custody hearing", "scope": "attendance"}


def decode(row: LogRow, cipher: Cipher | None = None) -> Entry:
    """The entry of a row."""
    return mapper.decode(row, cipher, UTC_DAYS)


def row_of(event: Event) -> LogRow:
    return LogRow(1, "c" * 32, 1, topic_of(event), encode(META, event, CIPHER))


def old(name: str, data: dict[str, Any]) -> LogRow:
    """A linked entry as version 1 of its type was stored."""
    state = orjson.dumps({"i": "0" * 32, "a": META["a"], "d": data, "r": META["r"]})
    (client, sequence, topic, kept) = linked([("c" * 32, 1, f"{name}.1", state)], {}, b"")[0]
    return LogRow(1, client, sequence, topic, kept)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (ConsentGiven.model_validate(CONSENT), ("Orchid", "custody", "attendance")),
        (SessionAttended(kind="individual", minutes=50, topic="the divorce"), ("divorce",)),
        (AlumniContacted(topic="new job at Orchid"), ("Orchid",)),
        (ClientDied(cause="overdose"), ("overdose",)),
        (MedicationStopped(drug="naltrexone", reason="pregnant"), ("pregnant",)),
        (IncidentRecorded(kind="fall", severity="fell on the stairs"), ("stairs",)),
        (SoberLivingEntered(house="Orchid House"), ("Orchid",)),
    ],
    ids=lambda given: type(given).__name__,
)
def test_free_words_are_ciphertext(event: Event, words: tuple[str, ...]) -> None:
    stored = row_of(event)
    assert not [word for word in words if word.encode() in stored.state]
    assert decode(stored, CIPHER).event == event
    assert not [word for word in words if word in str(decode(stored).event)]


@pytest.mark.parametrize(
    "event",
    [
        SessionAttended(kind="group", minutes=50, topic="mindfulness"),
        AlumniContacted(topic="goal_setting"),
        IncidentRecorded(kind="fall", severity="mild"),
    ],
)
def test_a_word_of_the_list_is_read_without_a_key(event: Event) -> None:
    assert decode(row_of(event)).event == event


def test_a_purpose_of_the_list_is_read_without_a_key() -> None:
    found = decode(row_of(ConsentGiven.model_validate({**CONSENT, "purpose": "payment"}))).event
    assert found == ConsentGiven(consent_id="c1", purpose="payment")


class TestVersionOne:
    """Entries of before stay readable; their clear text is personal wherever it is read or goes out."""

    def test_it_is_read_with_the_clients_key_alone(self) -> None:
        stored = old("ConsentGiven", CONSENT)
        assert decode(stored, CIPHER).event == ConsentGiven.model_validate(CONSENT)
        assert decode(stored).event == ConsentGiven(consent_id="c1")

    def test_it_goes_out_as_the_newest_version_with_ciphertext(self) -> None:
        sent = republished(old("ConsentGiven", CONSENT), lambda _: CIPHER)
        assert sent.topic == "ConsentGiven.2"
        assert b"Orchid" not in sent.state
        assert is_linked(sent.state)
        assert recorded_of(sent.state) == META["r"]
        assert decode(sent, CIPHER).event == ConsentGiven.model_validate(CONSENT)
        assert (
            orjson.loads(sent.state)["d"].keys() <= schemas()["ConsentGiven.2"]["properties"]["d"]["properties"].keys()
        )

    def test_of_an_erased_client_it_goes_out_without_them(self) -> None:
        sent = republished(old("ConsentGiven", CONSENT), lambda _: None)
        assert decode(sent, CIPHER).event == ConsentGiven(consent_id="c1")
        assert b"Orchid" not in sent.state

    def test_what_says_nothing_goes_out_as_it_is_stored(self) -> None:
        stored = old("SessionAttended", {"kind": "group", "minutes": 60, "topic": "mindfulness"})
        assert republished(stored, lambda _: CIPHER) is stored

    def test_nor_does_what_cannot_be_read(self) -> None:
        stored = LogRow(1, "c" * 32, 1, "Unheard.1", b"{}")
        assert republished(stored, lambda _: CIPHER) is stored

    def test_a_correction_is_treated_by_its_replacements_type(self) -> None:
        replacement = {"type": "ConsentGiven", "occurred_at": NOW.isoformat(), "data": CONSENT, "version": 1}
        sealed = base64.b64encode(CIPHER.seal(orjson.dumps({"reason": "misheard"}), META["i"].encode())).decode()
        data = {"target": "00000000-0000-0000-0000-000000000007", "replacement": replacement}
        state = orjson.dumps({"i": META["i"], "a": META["a"], "d": data, "r": META["r"], "x": sealed})
        stored = LogRow(1, "c" * 32, 1, "EntryCorrected.1", state)
        assert "Orchid" not in str(decode(stored).event)
        sent = republished(stored, lambda _: CIPHER)
        assert b"Orchid" not in sent.state
        found = decode(sent, CIPHER).event
        assert found == decode(stored, CIPHER).event
        assert isinstance(found, EntryCorrected)
        assert (found.reason, found.replacement.data) == ("misheard", CONSENT)


def test_an_erasure_takes_them_along(tmp_path: Path) -> None:
    with Place(tmp_path, f"sqlite:///{tmp_path}/log.db", Clock()).opened() as services:
        write(services, "A-1")
        author, now = Author("c-1", "clinician"), services.now()
        for event in (ConsentGiven.model_validate(CONSENT), AlumniContacted(topic="the divorce")):
            handle(services.log, "A-1", Record(event, now), author=author, now=now)
        assert "Orchid Clinic" in str([entry.event for entry in open_chart(services.log, "A-1").entries])
        client_id = services.log.client_id("A-1")
        erase(services, "A-1")
        left = str([entry.event for entry in services.log.stream(client_id, opened=True)])
        assert not [word for word in ("Orchid", "custody", "divorce") if word in left]
        assert b"Orchid" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
