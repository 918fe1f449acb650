"""The kind of an expected error says its exit code and its problem; nothing else lists which errors there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
import typer

from api.cli.context import WRONG_CALL, explained
from api.http.errors import EXPLAINED
from api.http.problems import KINDS
from domain.errors import ExpectedError, Kind
from domain.refusals import CommandRefusedError
from infra.bootstrap import Services
from infra.eventstore.client_chart import NoSuchChartError
from infra.eventstore.keyring import MasterKeyError
from projections.filters import FilterError

assert Services  # with it every error of the product is loaded


def below(cls: type[ExpectedError]) -> Iterator[type[ExpectedError]]:
    for one in cls.__subclasses__():
        yield one
        yield from below(one)


def exit_code(error: ExpectedError, capsys: pytest.CaptureFixture[str]) -> int:
    with pytest.raises(typer.Exit) as ended, explained():
        raise error
    assert capsys.readouterr().err == f"carejourney: {error}\n"
    return ended.value.exit_code


def test_the_command_line_says_it_in_a_line_and_ends_by_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(FilterError("no such group"), capsys) == 2
    assert exit_code(NoSuchChartError(), capsys) == 1
    assert exit_code(MasterKeyError("the master key is missing"), capsys) == 1
    assert exit_code(ExpectedError("it could not be done"), capsys) == 1


def test_each_kind_is_a_problem_or_no_matter_of_who_asks() -> None:
    kinds = set(get_args(Kind))
    assert kinds - set(KINDS) == {"failed", *WRONG_CALL}


def test_http_answers_by_kind_in_a_sentence() -> None:
    problem = EXPLAINED[ExpectedError](NoSuchChartError())
    assert (problem.kind, problem.detail) == (
        "no-such-chart",
        "No chart has this number: check it, or register the client.",
    )
    with pytest.raises(ExpectedError):  # nobody who asks can mend it
        EXPLAINED[ExpectedError](ExpectedError("the disk is full"))


def test_a_kind_that_has_more_to_say_is_explained_by_its_class() -> None:
    for cls in below(ExpectedError):
        if cls.kind in KINDS and KINDS[cls.kind].model.__name__ != "Problem":
            assert any(one in EXPLAINED for one in cls.__mro__ if one is not ExpectedError), cls
    assert CommandRefusedError in EXPLAINED
