"""Which of several processes runs which tests, and in which order."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from xdist.scheduler import LoadScopeScheduling

# One browser, one provider, one stack: what is set up for the whole of such a room is not set up twice.
TOGETHER = ("browser", "research", "security", "stack")
# Nothing long is left for one process when the others have no more to do.
LONGEST = (
    "stack",
    "browser",
    "security",
    "answers",
    "research",
    "faults",
    "infra/kafka",
    "infra/interop",
    "infra/history",
    "infra/publications",
    "infra/postgres",
    "infra/ops",
    "api/cli/test_cli_publications.py",
    "scenarios",
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

    def remove_node(self, node: Any) -> str | None:
        """Hand on what a process left when it died.

        In place of xdist's, which hands on files of which nothing is left too, after which their new process waits for
        ever, and the test that killed the process, which then kills the next.

        Returns:
            The test in which it died, which is reported as failed; None if nothing was left.
        """
        left = {scope: tests for scope, tests in self.assigned_work.pop(node).items() if not all(tests.values())}
        died_in = next((name for tests in left.values() for name, done in tests.items() if not done), None)
        for scope, tests in reversed(left.items()):
            tests |= {died_in: True} if died_in in tests else {}
            if not all(tests.values()):
                self.workqueue[scope] = tests
                self.workqueue.move_to_end(scope, last=False)
        for other in self.nodes:
            self._reschedule(other)
        return died_in

    def _reschedule(self, node: Any) -> None:
        """Give a process more when it has little left; more than once, for it does not begin the last test it knows of."""
        if node not in self.registered_collections:  # it takes the place of another, and still collects
            return
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) <= 2:
            if self.workqueue:
                self._assign_work_unit(node)
            else:
                node.shutdown()
