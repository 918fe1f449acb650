"""A process to be killed: erases, backs up, restores, rotates keys or indexes names, and says what is acknowledged.

``WORK FOLDER URL``; a line is printed only after its work is durable.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from infra.bootstrap import open_services, restore_into
from infra.eventstore.keyring import Keyring, LocalMasterKey
from infra.eventstore.keys import rotation as rotating
from infra.eventstore.keys.rotation import rotate
from infra.ops.backup.retention import name_for
from infra.ops.backup.setup import back_up
from infra.privacy.erasure.requests import confirm, waiting_requests
from infra.privacy.names import index
from tests.faults.child import acknowledge
from tests.infra.privacy.erasure.erasures import CONFIRMS, KEY, Clock, Place, ask

CLIENTS = [f"A-{number}" for number in range(6)]
OLD, NEW = LocalMasterKey(bytes.fromhex(KEY)), LocalMasterKey(bytes(range(32)))


def erasing(place: Place) -> None:
    """Erase every client, one after another; each is acknowledged when its key is destroyed."""
    with place.opened() as services:
        for client in CLIENTS:
            stream = services.log.client_id(client)
            if services.log.erased([stream]):
                continue
            if stream not in {one.client_id for one in waiting_requests(services.log, services.now())}:
                ask(services, client)
            receipts = confirm(services.log, client, author=CONFIRMS, now=services.now())
            acknowledge(client)
            services.names.forget([receipt.client_id for receipt in receipts])
            services.complete_erasures()
            services.catch_up()
    acknowledge("done")


def backing_up(place: Place) -> None:
    """Make three backups; each is acknowledged by its name."""
    with place.opened() as services:
        for number in range(3):
            path = name_for(place.folder, services.now() + timedelta(seconds=number))
            back_up(services, path)
            acknowledge(path.name)
    acknowledge("done")


def restoring(place: Place) -> None:
    """Restore the one backup into another file, and build what is folded from it."""
    [path] = place.folder.glob("*.cjbackup")
    _, services = restore_into(place.settings(), path, f"sqlite:///{place.folder}/restored.db", clock=place.clock)
    acknowledge("restored")
    services.projector.rebuild()
    services.names.rebuild()
    services.close()
    acknowledge("done")


def rotating_(place: Place) -> None:
    """Wrap every key anew, two at a time; each step is acknowledged."""
    rotating.BATCH = 2
    services = open_services(place.settings(), place.clock, ring=Keyring(NEW, [OLD]))
    rotate(services.log, lambda done, _: acknowledge(done))
    services.close()
    acknowledge("done")


def naming(place: Place) -> None:
    """Index names in small pages, then build the index anew."""
    index.PAGE, index._KEPT_EVERY = 5, 1
    with place.opened() as services:
        services.names.catch_up(lambda position, _: acknowledge(position))
        services.names.rebuild(lambda position, _: acknowledge(position))
    acknowledge("done")


WORK = {"erase": erasing, "backup": backing_up, "restore": restoring, "rotate": rotating_, "names": naming}


def main(work: str, folder: str, url: str) -> None:
    """Do one kind of work."""
    acknowledge("ready")
    WORK[work](Place(Path(folder), url, Clock()))
