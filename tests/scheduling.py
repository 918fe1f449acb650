"""Which of two processes runs which tests, and in which order."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from xdist.scheduler import LoadScopeScheduling

# One browser, one provider, one stack: what is set up for the whole of such a room is not set up twice.
TOGETHER = ("browser", "security", "stack")
# Nothing long is left for one process when the other has no more to do.
LONGEST = (
    "stack",
    "browser",
    "infra/history/as_of",
    "faults",
    "infra/kafka",
    "infra/interop/fhir",
    "security",
    "infra/interop/importers",
)


def turn(path: PurePath) -> int:
    """When the tests of a file, named from the folder of tests on, begin: lower is earlier."""
    return next((n for n, room in enumerate(LONGEST) if path.is_relative_to(room)), len(LONGEST))


class RoomByRoom(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """A file's tests go to one process, which sets up once what they share.

    In place of `--dist loadgroup`, whose groups pytest 9.2 drops without a word (pytest-xdist 1386).
    """

    def __init__(self, config: Any, log: Any) -> None:
        """Keep the order of collection."""
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        """What goes together with a test."""
        file = nodeid.partition("::")[0]
        room = PurePath(file).parts[1]
        return room if room in TOGETHER else file
