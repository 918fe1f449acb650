"""A process to be killed: writes and seals, or rotates the signing key and seals. Says what is acknowledged.

``seal|rotate FOLDER URL``; a line is printed only after its work is durable.
"""

from __future__ import annotations

from pathlib import Path

from infra.bootstrap import Services
from infra.integrity.seal_setup import rotate_key, seal
from infra.settings import Settings
from tests.faults.child import acknowledge
from tests.infra.integrity.logs import look
from tests.infra.privacy.erasure.erasures import Clock, Place, write

ROUNDS = 6


def sealing(services: Services) -> None:
    """Write, look, and seal each time; each seal is acknowledged by its heads."""
    for number in range(ROUNDS):
        write(services, f"A-{number}")
        look(services, [f"A-{number}"])
        for head in seal(services):
            acknowledge(f"{head.log} {head.number} {head.root}")


def rotating(services: Services) -> None:
    """Rotate again and again, and seal something with each key; each key is acknowledged by its id."""
    for number in range(ROUNDS):
        acknowledge(f"key {rotate_key(services).key_id}")
        write(services, f"B-{number}")
        seal(services)


WORK = {"seal": sealing, "rotate": rotating}


def main(work: str, folder: str, url: str) -> None:
    """Do one kind of work."""
    acknowledge("ready")
    with place_of(folder, url).opened() as services:
        seal(services)  # completes what was cut off
        WORK[work](services)
    acknowledge("done")


def place_of(folder: str, url: str) -> Place:
    """The place, with signing key and heads in its folder."""
    return SealedPlace(Path(folder), url, Clock())


class SealedPlace(Place):
    """A place whose signing key and heads are in its folder, on either database."""

    def settings(self, url: str = "") -> Settings:
        """Those of the place, with the two files."""
        files = {"signing_key_file": self.folder / "signing.pem", "heads_file": self.folder / "heads"}
        return super().settings(url).model_copy(update=files)
