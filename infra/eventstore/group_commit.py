"""Group commit: what several threads write goes into one transaction.

A commit waits for the disk, and whoever comes meanwhile waits as well. The first of those who wait leads: once it holds
the write lock it writes for all who wait by then, in one transaction, then the first of those who came meanwhile does.
Sixteen writers cost a handful of commits, and none waits for a window. Nobody is answered before the commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")
MOST = 64  # in one transaction: the first one must not wait for all of a crowd


class Member(Generic[T, R]):
    """What one thread wants written, and what became of it: a result, or an error by which nothing of it was."""

    def __init__(self, wanted: T) -> None:
        """Nothing became of it yet."""
        self.wanted = wanted
        self.result: R | None = None
        self.error: BaseException | None = None
        self.is_done = False
        self.woken = threading.Event()

    def answer(self) -> R:
        """The result.

        Raises:
            BaseException: the error.
        """
        if self.error is not None:
            raise self.error
        return cast("R", self.result)


class GroupCommit(Generic[T, R]):
    """Of one recorder of one process.

    ``write`` begins a transaction, asks its argument who belongs to it, writes for them and commits. It gives each of
    them a result or an error; one that it raises itself is everybody's who has no error of their own.
    """

    def __init__(self, write: Callable[[Callable[[], Sequence[Member[T, R]]]], None]) -> None:
        """Wait for somebody."""
        self._write = write
        self._guard = threading.Lock()
        self._waiting: list[Member[T, R]] = []
        self._is_led = False

    def run(self, wanted: T) -> R:
        """Write this, with what others want written, and give its result once it is durable.

        Raises:
            BaseException: nothing of it was written.
        """
        mine = Member[T, R](wanted)
        with self._guard:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.woken.wait()
        if not mine.is_done:
            self._lead(mine)
        return mine.answer()

    def _lead(self, leader: Member[T, R]) -> None:
        group = [leader]

        def joined() -> Sequence[Member[T, R]]:
            with self._guard:
                group[:] = self._waiting[:MOST]  # the leader came first
            return group

        try:
            self._write(joined)
        except BaseException as error:  # noqa: BLE001 - everybody gets it, none may go on or wait for ever
            for member in group:
                member.error = member.error or error
        with self._guard:
            del self._waiting[: len(group)]
            following = self._waiting[:1]
            self._is_led = bool(following)
        for member in group:
            member.is_done = True
        for member in (*group, *following):
            member.woken.set()
