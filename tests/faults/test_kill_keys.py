"""kill -9 at random moments over erasures, backups, restores, rotations and the index of names."""

from __future__ import annotations

from random import Random

from domain.events import ClientErased
from infra.bootstrap import Services, open_services, restore_into
from infra.eventstore.keyring import Keyring
from infra.eventstore.keys.providers import keyring
from infra.ops.backup.backup import check
from infra.ops.backup.setup import closing_of
from infra.privacy.erasure.ledger import ledger_of
from infra.privacy.names.search import search
from infra.readmodels.verify import verify
from tests.faults.child_keys import CLIENTS, NEW, OLD
from tests.faults.forked import Child
from tests.faults.test_kill import ROUNDS, random as random
from tests.infra.privacy.erasure.conftest import place as place
from tests.infra.privacy.erasure.erasures import Place, words, write


def spawn(work: str, place: Place) -> Child:
    child = Child("tests.faults.child_keys", work, str(place.folder), place.url)
    assert child.stdout.readline().strip() == "ready"
    return child


def killed(work: str, place: Place, after: float) -> list[str]:
    """What a child acknowledged in so many seconds, until it was killed."""
    with spawn(work, place) as child:
        if child.wait(after) is None:
            child.kill()
        return child.lines()


def finished(work: str, place: Place) -> list[str]:
    """The same work, left alone."""
    with spawn(work, place) as child:
        lines = child.lines()
    assert lines[-1] == "done"
    return lines


def filled(place: Place) -> None:
    with place.opened() as services:
        for client in CLIENTS:
            write(services, client)


def sound(services: Services) -> None:
    services.catch_up()
    assert verify(services.projector) == []
    assert services.names.differences() == []


def test_an_erasure_is_whole_or_did_not_happen(place: Place, random: Random) -> None:
    filled(place)
    seen: set[str] = set()
    for _ in range(ROUNDS):
        seen |= set(killed("erase", place, random.uniform(0.2, 3.0)))
        whole_or_not_at_all(place, seen)
    finished("erase", place)
    whole_or_not_at_all(place, {*CLIENTS})


def whole_or_not_at_all(place: Place, acknowledged: set[str]) -> None:
    with place.opened() as services:
        sound(services)
        assert services.complete_erasures(60.0)  # transactions of other tests may have held it up at the start
        log = services.log
        listed = {one.client_id for one in ledger_of(log, place.folder / "erasures").read()}
        stored = place.stored()
        for client in CLIENTS:
            stream = log.client_id(client)
            kinds = [type(entry.event) for entry in log.stream(stream)]
            gone = bool(log.erased([stream]))
            assert gone or client not in acknowledged
            assert kinds.count(ClientErased) == int(gone)
            assert (log.cipher(stream) is None) == gone == (stream in listed)
            assert bool(search(services, words(client)[0])) != gone
            assert not (gone and any(word.encode() in stored for word in words(client)))
        assert log.recorder.query("SELECT COUNT(*) FROM erasure WHERE state='erased' AND scrubbed=0") == [(0,)]


def test_a_backup_that_has_its_name_is_whole(place: Place, random: Random) -> None:
    filled(place)
    for _ in range(ROUNDS):
        names = killed("backup", place, random.uniform(0.2, 2.0))
        whole = {path.name for path in place.folder.glob("*.cjbackup")}
        assert set(names) - {"done"} <= whole
        closing = closing_of(place.settings(), keyring(place.settings()))
        for name in whole:
            assert check(place.folder / name, closing).rows
    finished("backup", place)
    assert list(place.folder.glob("*.part")) == []


def test_a_restore_is_whole_or_starts_anew(place: Place, random: Random) -> None:
    filled(place)
    [first, *others] = [name for name in finished("backup", place) if name != "done"]
    for name in others:
        (place.folder / name).unlink()
    with place.opened() as services:
        wanted = services.log.recorder.page(0, 10**6)
    target = f"sqlite:///{place.folder}/restored.db"
    for _ in range(ROUNDS):
        said = killed("restore", place, random.uniform(0.2, 2.5))
        services = open_services(place.settings(target), place.clock)
        assert services.log.recorder.page(0, 10**6) in ([], wanted)
        assert services.log.head() or "restored" not in said
        sound(services)
        services.close()
        for path in place.folder.glob("restored.*"):
            path.unlink()
    _, services = restore_into(place.settings(), place.folder / first, target, clock=place.clock)
    assert services.log.recorder.page(0, 10**6) == wanted
    services.close()


def test_a_rotation_that_was_cut_off_leaves_every_key_at_work(place: Place, random: Random) -> None:
    filled(place)
    for _ in range(ROUNDS):
        killed("rotate", place, random.uniform(0.1, 1.5))
        with_both = open_services(place.settings(), place.clock, ring=Keyring(NEW, [OLD]))
        for client in CLIENTS:
            assert len(search(with_both, words(client)[0])) == 1
        with_both.close()
    finished("rotate", place)
    with_new = open_services(place.settings(), place.clock, ring=Keyring(NEW))
    for client in CLIENTS:
        assert len(search(with_new, words(client)[0])) == 1
    with_new.close()


def test_an_index_of_names_that_was_cut_off_goes_on(place: Place, random: Random) -> None:
    filled(place)
    for _ in range(ROUNDS):
        killed("names", place, random.uniform(0.1, 1.5))
    finished("names", place)
    with place.opened() as services:
        sound(services)
