"""Everything that the reporting role can get, put into one system of equations: no withheld count follows from it.

A small programme of people with a level, an outcome and three attributes. Every question of completion that the role
may ask is asked; each shown count is an equation over the unknown numbers of people of each kind. Linear programming
then finds the least and the greatest value that each withheld count, and each group left over by subtraction, could
have. A count of 1–10 that has one possible value is a leak.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

from domain.vocabulary import REASONS
from infra import safe_reports
from infra.report_kinds import ReportParams
from projections.filters import FilterError, Filters
from projections.safe_counts import Path, shown, withheld
from projections.suppression import small

LEVELS = ("residential", "intensive_outpatient", "standard_outpatient")
REASONS_USED = ("completed", "left_against_advice", "died")
ATTRIBUTES = {"program": ("a", "b", "c"), "site": ("north", "south"), "month": ("2026-01", "2026-02")}
NAMES = ("level", "reason", *ATTRIBUTES)
KINDS = list(itertools.product(LEVELS, REASONS_USED, *ATTRIBUTES.values()))
Kind = tuple[str, ...]


def population(seed: int) -> Counter[Kind]:
    """How many people there are of each kind: few of most, none of many, many of some."""
    chance = random.Random(seed)
    sizes = (0, 0, 0, 1, 2, 3, 5, 9, 12, 25)
    return Counter({kind: chance.choice(sizes) for kind in KINDS})


class Reports:
    """The reporting role before a programme, asking what it may."""

    def __init__(self, people: Counter[Kind], monkeypatch: pytest.MonkeyPatch) -> None:
        self.people = people
        monkeypatch.setattr(safe_reports.completion, "completion", self._completion)

    def ask(self, params: ReportParams) -> list[dict[str, Any]]:
        safe_reports.check_question("completion", params)
        return safe_reports.completion_counts(_services(), None, replace(params, suppress=True))  # type: ignore[arg-type]

    def _completion(self, _: object, filters: Filters, __: object) -> list[dict[str, Any]]:
        """The true table, as the read models would answer it."""
        groups: dict[Kind, Counter[str]] = {}
        for kind, n in self.people.items():
            if n:
                group = tuple(kind[NAMES.index(name)] for name in filters.by)
                groups.setdefault(group, Counter())[kind[1]] += n
        return [
            {**dict(zip(filters.by, group, strict=True)), "discharges": own.total(), **{r: own[r] for r in REASONS}}
            for group, own in sorted(groups.items())
        ]


def _services() -> Any:
    class Nothing:
        class settings:  # noqa: N801
            measures_file = None

    return Nothing


def questions() -> Iterator[ReportParams]:
    """Every question that could be asked: all groupings, filters and periods, also those that are refused."""
    dimensions = ("level", *ATTRIBUTES)
    groupings = [by for n in range(4) for by in itertools.combinations(dimensions, n)]
    filters: list[dict[str, str]] = [{}, *({"level": level} for level in LEVELS)]
    filters += [{name: value} for name, values in ATTRIBUTES.items() for value in values]
    filters += [{"level": LEVELS[0], name: values[0]} for name, values in ATTRIBUTES.items()]
    filters += [{"program": "a", "site": "north"}]
    periods = [
        (None, None),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), None),
        (None, date(2026, 1, 31)),
        (date(2026, 1, 1), date(2026, 2, 28)),
        (date(2026, 1, 1), date(2026, 1, 30)),
    ]
    for by, where, (start, end) in itertools.product(groupings, filters, periods):
        yield ReportParams(by=by or ("all",), where=where, start=start, end=end)


def belongs(kind: Kind, params: ReportParams, row: dict[str, Any], name: str) -> bool:
    """Whether people of a kind are counted in a cell."""
    wanted = {**params.where, **{by: row[by] for by in params.by if by in NAMES}}
    month = kind[NAMES.index("month")]
    in_period = (not params.start or f"{params.start:%Y-%m}" <= month) and (
        not params.end or month <= f"{params.end:%Y-%m}"
    )
    reason = name in {"discharges", "denominator", kind[1]} or (name == "numerator" and kind[1] == "completed")
    return in_period and reason and all(kind[NAMES.index(n)] == value for n, value in wanted.items())


COUNTED = ("discharges", *REASONS_USED, "numerator", "denominator")


def obtained(reports: Reports) -> tuple[list[np.ndarray], list[int], list[np.ndarray]]:
    """Every equation that the answers give, and every cell that they withhold."""
    equations: dict[bytes, tuple[np.ndarray, int]] = {}
    hidden: dict[bytes, np.ndarray] = {}
    for params in questions():
        try:
            rows = reports.ask(params)
        except FilterError:
            continue
        for row in rows:
            for name in COUNTED:
                cell = np.array([belongs(kind, params, row, name) for kind in KINDS], dtype=float)
                if row[name] is None:
                    hidden[cell.tobytes()] = cell
                else:
                    equations[cell.tobytes()] = cell, row[name]
    left = [cell for key, cell in hidden.items() if key not in equations]
    return [cell for cell, _ in equations.values()], [n for _, n in equations.values()], left


@pytest.mark.parametrize("seed", range(6))
def test_no_withheld_count_has_one_possible_value(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    people = population(seed)
    truth = np.array([people[kind] for kind in KINDS], dtype=float)
    equations, values, hidden = obtained(Reports(people, monkeypatch))
    assert hidden, "the programme is too large to withhold anything of"
    matrix, right = np.array(equations), np.array(values, dtype=float)
    assert np.array_equal(matrix @ truth, right), "a shown count is not the true one"
    assert not any(small(value) for value in values)
    for cell in hidden:
        if not small(int(cell @ truth)):
            continue
        least = float(linprog(cell, A_eq=matrix, b_eq=right, method="highs").fun or 0)
        most = -float(linprog(-cell, A_eq=matrix, b_eq=right, method="highs").fun or 0)
        assert most - least > 0.5, (seed, cell @ truth, least, most)


@pytest.mark.parametrize("seed", range(3))
def test_no_two_answers_differ_by_a_small_group(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every difference of two shown counts of which one's people are all in the other's."""
    equations, values, _ = obtained(Reports(population(seed), monkeypatch))
    for one, other in itertools.permutations(range(len(values)), 2):
        if np.all(equations[one] <= equations[other]):
            assert not small(values[other] - values[one])


def test_what_is_shown_is_worth_asking_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that hides everything would be sound as well."""
    people = Counter(dict.fromkeys(KINDS, 40))
    _, values, hidden = obtained(Reports(people, monkeypatch))
    assert hidden != []  # reasons by program are never shown
    assert len(values) > 60


@pytest.mark.parametrize(
    "params",
    [
        ReportParams(by=("program", "site")),
        ReportParams(by=("program",), where={"site": "north"}),
        ReportParams(by=("site",), start=date(2026, 1, 1), end=date(2026, 1, 31)),
        ReportParams(start=date(2026, 1, 2)),
        ReportParams(end=date(2026, 1, 30)),
        ReportParams(by=("clinician",)),
        ReportParams(where={"clinician": "Dr. A"}),
        ReportParams(compare="site=north,site=south", by=("program",)),
        ReportParams(compare="2026-01-01..2026-01-30,2026-02-01..2026-02-28"),
        ReportParams(compare="clinician=a,clinician=b"),
    ],
    ids=str,
)
def test_a_question_that_could_be_compared_is_refused(params: ReportParams) -> None:
    for name in ("completion", "retention", "abstinence", "flow", "attendance"):
        with pytest.raises(FilterError, match="this role"):
            safe_reports.check_question(name, params)


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=2),
        st.integers(1, 40),
        min_size=1,
        max_size=9,
    )
)
def test_what_is_withheld_of_a_group_hides_each_part(sizes: dict[str, int]) -> None:
    parts: dict[Path, int] = {(name,): n for name, n in sizes.items()}
    hidden = withheld(parts)
    assert all(part in hidden for part, n in parts.items() if small(n))
    if hidden and len(hidden) < len(parts):
        assert len(hidden) >= 2
        assert sum(parts[part] for part in hidden) - len(hidden) >= 10  # each could be of eleven or more


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("cd"), st.sampled_from("efg")), max_size=120))
def test_every_shown_part_is_none_or_eleven_and_the_rest_of_each_group_too(people: list[tuple[str, ...]]) -> None:
    found = shown(Counter(people))
    for path, n in found.counts.items():
        assert n == found.sizes[path]
        assert not small(n)
        children = [child for child in found.sizes if child[:-1] == path and len(child) == len(path) + 1]
        left = [child for child in children if child not in found.counts]
        assert not small(sum(found.sizes[child] for child in left))
