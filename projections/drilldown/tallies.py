"""Cases of flow, quality, prevalence, outcomes, agreement and timeline follow-back: rows of their tallies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, false, or_, true

from domain.levels import LEVELS
from domain.vocabulary import REASONS
from projections.agreement.tables import AGREEMENT
from projections.drilldown.cases import Cases, cases
from projections.drilldown.model import DrillDown, Question
from projections.flow.fold import LEFT
from projections.flow.queries import STEPS, step_of
from projections.flow.tables import FLOW
from projections.followback.tables import FOLLOWBACK
from projections.outcomes.scales import SCALES
from projections.outcomes.tables import OUTCOME
from projections.prevalence.tables import PREVALENCE
from projections.quality.tables import COUNTED, QUALITY
from projections.tally import GROUPS, in_period

_SHARES = "Shares and intervals are made of these"
_MEANS = "Means and their intervals are of all of these episodes"
_QUARTILES = "Quartiles are of all of these clients"
_ESTIMATE = ("numerator", "denominator")
_SCORE_DAYS = {"first": "first_score", "first_day": "first_score_day", "last_day": "last_score_day"}
_QUALITY_FACTS = ("measure", "state", "index_day", "due_day")
_FLOW_FACTS = ("target", "reason", "due_day")


def matrix(connection: Connection, question: Question) -> Cases:
    """Ended stays of a level by the level that followed."""
    left, reached = FLOW.c.level == question.key("from"), FLOW.c.target == question.key("to")
    return _moves(connection, question, ("from", "to"), left, reached)


def steps(connection: Connection, question: Question) -> Cases:
    """Ended stays by the direction of what followed."""
    wanted = question.key("step")
    ways = [
        and_(FLOW.c.level == level, FLOW.c.target == target)
        for level in LEVELS
        for target in (*LEVELS, LEFT)
        if step_of(level, target) == wanted
    ]
    part = or_(*ways) if wanted in STEPS else false()
    return _moves(connection, question, ("step",), true(), part)


def ends(connection: Connection, question: Question) -> Cases:
    """Stays that ended an episode, by their reason."""
    last = and_(FLOW.c.target.in_((LEFT, "alumni")), FLOW.c.level != "alumni", FLOW.c.reason.in_(REASONS))
    return _moves(connection, question, ("reason",), last, FLOW.c.reason == question.key("reason"))


def entries(connection: Connection, question: Question) -> Cases:
    """Stays that began an episode: all, the first ones, the returns."""
    kinds = {"first_entries": "first", "numerator": "again"}
    which = FLOW.c.target == kinds[question.number] if question.number in kinds else true()
    return _rows(connection, question, "stay", FLOW, ("target",), (), and_(FLOW.c.kind == "entry", which))


def quality(connection: Connection, question: Question) -> Cases:
    """Index events of a measure: those with the outcome, all that are settled, those still waiting; of the settled
    ones, of whom nothing is known since, whose result rests on a prescription without a stop, and what is unknown.
    """
    due, state = QUALITY.c.due_day, QUALITY.c.state
    past = _past(due, question)
    known = and_(past, state.in_(COUNTED))
    which = {
        "numerator": and_(known, state == "met"),
        "denominator": known,
        "not_yet": due >= question.today,
        "unknown": and_(past, state == "unknown"),
        "never_observed": and_(known, QUALITY.c.never_observed == 1),
        "open_prescriptions": and_(known, QUALITY.c.open_prescription == 1),
    }
    counted = and_(QUALITY.c.measure == question.key("measure"), which[question.number])
    return _rows(connection, question, "index", QUALITY, _QUALITY_FACTS, ("measure",), counted)


def prevalence(connection: Connection, question: Question) -> Cases:
    """Those who left, at a milestone: abstinent, all, those reached, those still waiting."""
    known = PREVALENCE.c.state.in_(("abstinent", "not_abstinent"))
    counted = _settled(PREVALENCE, question, PREVALENCE.c.state == "abstinent", known)
    at = PREVALENCE.c.milestone == question.whole("milestone")
    facts = ("milestone", "state", "due_day")
    return _rows(connection, question, "milestone", PREVALENCE, facts, ("milestone",), and_(at, counted))


def outcomes(connection: Connection, question: Question) -> Cases:
    """Episodes scored twice on a scale: all, those improved, those worse by what matters on it."""
    name = question.key("instrument")
    which: ColumnElement[bool] = true()
    if name in SCALES and question.number in {"numerator", "worse"}:
        scale = SCALES[name]
        sign = scale.sign if question.number == "numerator" else -scale.sign
        which = OUTCOME.c.change * sign >= scale.matters
    facts = ("instrument", "first", "change", "first_day", "last_day")
    counted = and_(OUTCOME.c.instrument == name, which)
    return _rows(connection, question, "scores", OUTCOME, facts, ("instrument",), counted, renamed=_SCORE_DAYS)


def agreement(connection: Connection, question: Question) -> Cases:
    """Screens paired with a report, by what both say; a case is a stay with so many of them."""
    pairs = {"screen_only": ("screen",), "report_only": ("report",), "numerator": ("both", "neither")}
    wanted = pairs.get(question.number, (question.number,))
    which = true() if question.number == "denominator" else AGREEMENT.c.pair.in_(wanted)
    counted = and_(AGREEMENT.c.target == question.key("target"), which)
    facts = ("target", "pair")
    return _rows(connection, question, "screens", AGREEMENT, facts, ("target",), counted, AGREEMENT.c.screens)


def followback(connection: Connection, question: Question) -> Cases:
    """Clients who reported anything, and those who reported use."""
    which = true() if question.number == "clients" else FOLLOWBACK.c.last_use_day.is_not(None)
    return _rows(connection, question, "reports", FOLLOWBACK, ("last_use_day", "run_days"), (), which)


def _moves(
    connection: Connection,
    question: Question,
    apart: tuple[str, ...],
    base: ColumnElement[bool],
    part: ColumnElement[bool],
) -> Cases:
    """Moves that count as a part: how many so far, those settled, all settled ones of the group, those waiting."""
    due, today = FLOW.c.due_day, question.today
    past = _past(due, question)
    which = {
        "count": part,
        "numerator": and_(part, past),
        "denominator": past,
        "not_yet": and_(part, due >= today),
    }
    counted = and_(FLOW.c.kind == "move", base, which[question.number])
    return _rows(connection, question, "stay", FLOW, _FLOW_FACTS, apart, counted)


def _settled(
    table: Table, question: Question, met: ColumnElement[bool], reached: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    due = table.c.due_day
    if question.number == "not_yet":
        return due >= question.today
    which = {"numerator": met, "reached": reached}.get(question.number)
    past = _past(due, question)
    return past if which is None else and_(past, which)


def _past(due: Column[int], question: Question) -> ColumnElement[bool]:
    """Settled by now, as nearly all is: ``+ 0`` keeps SQLite from looking up each by the index of these days."""
    return due + 0 < question.today


def _rows(
    connection: Connection,
    question: Question,
    kind: str,
    table: Table,
    facts: Sequence[str],
    apart: tuple[str, ...],
    counted: ColumnElement[bool],
    adds: ColumnElement[int] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> Cases:
    filters = question.within(GROUPS, *apart)
    if filters is None:
        return Cases(kind)

    def narrow(query: Select[Any]) -> Select[Any]:
        return in_period(query.where(counted), table, filters)

    return cases(connection, kind, table, facts, narrow, adds, renamed=renamed)


FLOW_NUMBERS = ("count", *_ESTIMATE, "not_yet")
MATRIX = DrillDown(FLOW_NUMBERS, matrix, ("from", "to"), _SHARES)
STEP = DrillDown(FLOW_NUMBERS, steps, ("step",), _SHARES)
ENDS = DrillDown(FLOW_NUMBERS, ends, ("reason",), _SHARES)
ENTRIES = DrillDown(("entries", "first_entries", *_ESTIMATE), entries, (), _SHARES)
_QUALITY_NUMBERS = (*_ESTIMATE, "not_yet", "unknown", "never_observed", "open_prescriptions")
QUALITY_RATES = DrillDown(_QUALITY_NUMBERS, quality, ("measure",), _SHARES)
PREVALENCES = DrillDown((*_ESTIMATE, "reached", "not_yet"), prevalence, ("milestone",), _SHARES)
SCORES = DrillDown(("episodes", *_ESTIMATE, "worse"), outcomes, ("instrument",), _MEANS)
PAIRS = DrillDown(("both", "screen_only", "report_only", "neither", *_ESTIMATE), agreement, ("target",), _SHARES)
FOLLOWED = DrillDown(("clients", "reported_use"), followback, (), _QUARTILES)
