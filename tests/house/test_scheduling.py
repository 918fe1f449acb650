"""Which process runs which tests: those of one that died are run by the one in its place, but for what killed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import HERE
from tests.scheduling import LONGEST, TOGETHER, RoomByRoom

TESTS = [f"tests/{file}.py::test_{n}" for file, many in (("a/one", 4), ("a/two", 2), ("a/six", 1)) for n in range(many)]


@dataclass(eq=False)
class Process:
    """A stand-in for a worker: runs what it was sent but the last, which waits for the next or for the end, as xdist's."""

    name: str
    sent: list[int] = field(default_factory=list[int])
    shutting_down: bool = False

    def __post_init__(self) -> None:
        self.gateway = SimpleNamespace(id=self.name)

    def send_runtest_some(self, indices: list[int]) -> None:
        assert not self.shutting_down
        self.sent += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    def ready(self) -> bool:
        return len(self.sent) > (0 if self.shutting_down else 1)


class Run:
    """Some processes and what they have run."""

    def __init__(self, processes: int = 2) -> None:
        option = SimpleNamespace(tx=[f"{processes}*popen"], px=[], loadscopereorder=True)
        config: Any = SimpleNamespace(option=option, getvalue=lambda name: getattr(option, name), rootpath=None)
        self.scheduler: Any = RoomByRoom(config, None)
        self.ran: list[str] = []
        self.died: list[str | None] = []
        self.processes = [Process(str(number)) for number in range(processes)]
        for process in self.processes:
            self.scheduler.add_node(process)
        for process in self.processes:
            self.scheduler.add_node_collection(process, TESTS)
        self.scheduler.schedule()

    def step(self, process: Process) -> None:
        number = process.sent.pop(0)
        self.ran.append(TESTS[number])
        self.scheduler.mark_test_complete(process, number)

    def kill(self, process: Process) -> None:
        self.processes.remove(process)
        self.died.append(self.scheduler.remove_node(process))

    def replace(self, name: str) -> Process:
        process = Process(name)
        self.processes.append(process)
        self.scheduler.add_node(process)
        return process

    def collected(self, process: Process) -> None:
        self.scheduler.add_node_collection(process, TESTS)
        self.scheduler.schedule()

    def to_the_end(self) -> None:
        while ready := [process for process in self.processes if process.ready()]:
            self.step(ready[0])
        assert self.scheduler.tests_finished
        assert not self.scheduler.has_pending
        assert all(process.shutting_down for process in self.processes)


def test_without_a_death_every_test_is_run_once_and_a_file_by_one_process() -> None:
    run = Run()
    one, two = run.processes
    assert {TESTS[number].partition("::")[0] for number in one.sent}.isdisjoint(
        TESTS[n].partition("::")[0] for n in two.sent
    )
    run.to_the_end()
    assert sorted(run.ran) == sorted(TESTS)


@pytest.mark.parametrize("at", range(len(TESTS)))
@pytest.mark.parametrize("other_is_done", [False, True])
def test_what_a_process_left_goes_to_the_one_in_its_place(at: int, other_is_done: bool) -> None:
    run = Run()
    victim, other = run.processes
    for _ in range(at):
        if victim.ready():
            run.step(victim)
    while other_is_done and other.ready():
        run.step(other)
    run.kill(victim)
    run.collected(run.replace("2"))
    run.to_the_end()
    assert sorted([*run.ran, *filter(None, run.died)]) == sorted(TESTS)


def test_the_test_that_kills_is_not_run_again() -> None:
    run = Run(1)
    for number in range(len(TESTS)):
        [process] = run.processes
        run.kill(process)
        run.collected(run.replace(str(number)))
    assert run.died == TESTS
    run.to_the_end()
    assert run.ran == []


def test_one_that_dies_while_the_next_still_collects() -> None:
    run = Run()
    first, second = run.processes
    run.kill(first)
    third = run.replace("2")
    run.kill(second)
    fourth = run.replace("3")
    run.collected(third)
    run.collected(fourth)
    run.to_the_end()
    assert sorted([*run.ran, *filter(None, run.died)]) == sorted(TESTS)


def test_what_begins_first_is_there() -> None:
    assert [room for room in (*LONGEST, *TOGETHER) if not (HERE / room).exists()] == []
