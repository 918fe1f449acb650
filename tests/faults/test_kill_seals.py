"""kill -9 at random moments over sealing and rotating: what is left verifies, and what was acknowledged is there."""

from __future__ import annotations

from random import Random

from infra.bootstrap import Services
from infra.integrity.saved_heads import read_saved
from infra.integrity.seal_setup import seal, seals_of
from infra.integrity.signing_key import SigningKey
from infra.integrity.verify_setup import verify
from tests.faults.child_seals import place_of
from tests.faults.forked import Child
from tests.faults.test_kill import ROUNDS, random as random
from tests.infra.privacy.erasure.conftest import place as place
from tests.infra.privacy.erasure.erasures import Place, write


def killed(work: str, place: Place, after: float | None) -> list[str]:
    """What a child acknowledged in so many seconds, until it was killed; None: until it was done."""
    with Child("tests.faults.child_seals", work, str(place.folder), place.url) as child:
        assert child.stdout.readline().strip() == "ready"
        if child.wait(after) is None:
            child.kill()
        return child.lines()


def prepared(place: Place) -> Place:
    SigningKey.generate().write(place.folder / "signing.pem")
    return place_of(str(place.folder), place.url)


def sound(services: Services, place: Place) -> None:
    """Nothing is wrong before the next seal, nor after it, and then everything is sealed and saved."""
    assert verify(services).findings == []
    write(services, "C-1")
    seal(services)
    report = verify(services)
    assert (report.findings, report.notices) == ([], [])
    seals = seals_of(services)
    assert set(read_saved(place.folder / "heads").heads) == set(seals.heads())
    assert set(read_saved(place.folder / "heads").keys) == set(seals.public_keys())


def test_a_sealer_that_was_killed_leaves_a_log_that_verifies(place: Place, random: Random) -> None:
    sealed = prepared(place)
    said: set[str] = set()
    for _ in range(ROUNDS):
        said |= set(killed("seal", sealed, random.uniform(0.3, 3.5)))
        with sealed.opened() as services:
            sound(services, sealed)
            heads = {f"{head.log} {head.number} {head.root}" for head in seals_of(services).heads()}
        assert said - {"done"} <= heads
    assert killed("seal", sealed, None)[-1] == "done"
    with sealed.opened() as services:
        sound(services, sealed)


def test_a_rotation_that_was_killed_leaves_one_key_that_signs(place: Place, random: Random) -> None:
    sealed = prepared(place)
    said: list[str] = []
    for _ in range(ROUNDS):
        said += killed("rotate", sealed, random.uniform(0.3, 3.0))
        with sealed.opened() as services:
            sound(services, sealed)
            keys = [f"key {key.key_id}" for key in seals_of(services).public_keys()]
        assert [line for line in keys if line in said] == [line for line in said if line != "done"]
    assert killed("rotate", sealed, None)[-1] == "done"
    with sealed.opened() as services:
        sound(services, sealed)
