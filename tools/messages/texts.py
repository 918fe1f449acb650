"""Every text of the web app, as the sources say it: calls in code, templates, and the tables that name things."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from jinja2.ext import babel_extract

from api.i18n.asam import DIMENSIONS, DIMENSIONS_3, DIMENSIONS_4, RISKS
from api.sessions import DEMO_ROLES
from api.web.writing.command_forms import fields_for
from api.web.writing.fields import fields_of
from api.web.writing.menu import GROUPS, TITLES
from domain import appointments, arrivals, vocabulary
from domain.commands import RECORDING
from domain.events import CATALOGUE
from domain.events.people import ClientRegistered
from domain.events.provider import Kind, Weekday
from domain.levels import LEVELS_OF_CARE, Level
from domain.phrases import Phrase, spaced
from domain.questionnaires import QUESTIONNAIRES
from domain.vocabulary import USUAL_WORDS
from infra.identity.people import PURPOSES
from infra.reporting.definitions import definitions
from infra.reporting.tables import every_column
from projections.abstinence.targets import TARGET_SETS
from projections.clinical import handoffs
from projections.clinical.substances import CLASSES
from projections.columns import KINDS as KINDS_OF_COLUMNS
from projections.prevalence import tables as prevalence
from projections.publications.specs import SPECS
from projections.quality import tables as quality
from projections.status.queries import STATES
from projections.timeline.words import KINDS, words

ROOT = Path(__file__).parents[2]
WEB = ROOT / "api" / "web"
SPEAKING = (
    WEB,
    ROOT / "api" / "documents",
    ROOT / "api" / "i18n",
)  # what is written there is for readers of every language
Text = tuple[str, tuple[str, ...]]  # where it stands, and its forms: one, or singular and plural

# Which arguments of a call are texts, by the name that is called; and which named arguments of any call are.
ANYWHERE: dict[str, tuple[int, ...]] = {
    "Phrase": (0,),
    "FilterError": (0,),
    "SignInError": (0,),
    "Unusual": (2,),
    "__init__": (0,),
}
POSITIONS: dict[str, tuple[int, ...]] = ANYWHERE | {
    "_": (0,), "N_": (0,), "translated": (0,), "Section": (0, 1), "Column": (0,), "count": (0,), "mean": (0,),
    "share": (0,), "Field": (1,), "_text": (0,), "_range": (0,), "_renamed": (0,), "bars": (3,), "rates": (3,),
    "message": (4, 5),
}  # fmt: skip
NAMED = frozenset({"heading", "text", "way_on_name", "note", "help", "title", "caption", "axis", "problem"})
LISTS = frozenset({"InvalidDataError"})
# Words that reports and rows use beside the vocabulary of care.
REPORT_WORDS = (
    "below", "above", "hours", "sessions", "weeks", "down", "up", "same", "out", "left", "all", "yes", "no",
    "level", "program", "site", "payer", "slot", "state", "month", "dual_diagnosis", "kind", "clinician", "instrument",
    "last_level", "step_down", "step_up", "left_care", "came", "went", "learned", "corrected", "retracted", "restored",
    "merged", "unmerged", "clean", "use", "both", "missing", "q1", "median", "q3", "staff", "minimum", "reason",
    "event", "stopped", "censored", "unreadable",
    "set_aside", "taken_up", "left_out",
)  # fmt: skip
# What became of an appointment, a plan, a hand-off, a follow-up; how a case stands in a measure.
_STATES = (appointments.State, arrivals.State, handoffs.State, handoffs.Kind, quality.State, prevalence.State)
CRITERIA = (
    "prior_level_completed", "no_24h_supervision", "mental_health_none_to_moderate", "supportive_substance_free_home",
    "motivated",
)  # fmt: skip


def texts() -> Iterator[Text]:
    """All of them; one that stands in several places comes several times."""
    for room in (*SPEAKING, ROOT / "domain", ROOT / "projections", ROOT / "infra"):
        for path in sorted(room.rglob("*.py")):
            yield from _calls(path, named=room in SPEAKING)
    for path in sorted((WEB / "templates").glob("*.html")):
        yield from _template(path)
    yield from (("vocabulary", (text,)) for text in _tables() if _is_text(text))


def _where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _calls(path: Path, *, named: bool) -> Iterator[Text]:
    source = path.read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and "FilterError" in source and ast.unparse(node.targets[0]) == "msg":
            yield from ((_where(path), (text,)) for text in _constants(node.value))
        if not isinstance(node, ast.Call):
            continue
        known = POSITIONS if named else ANYWHERE
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "ngettext":
            forms = tuple(text for argument in node.args[:2] for text in _constants(argument))
            yield from [(_where(path), forms)] if forms else []
        given = [node.args[place] for place in known.get(name, ()) if place < len(node.args)]
        if named:
            given += [keyword.value for keyword in node.keywords if keyword.arg in NAMED]
        if name in {"Refusal", "Criterion"}:  # its name is shown in words
            yield from ((_where(path), (words(text) or "",)) for text in _constants(node.args[0]))
        if name in LISTS and node.args and isinstance(node.args[0], ast.List):
            given += node.args[0].elts
        yield from ((_where(path), (text,)) for argument in given for text in _constants(argument))


def _constants(node: ast.expr) -> list[str]:
    """The text of a literal, or of both sides of a choice."""
    if isinstance(node, ast.IfExp):
        return [*_constants(node.body), *_constants(node.orelse)]
    return [str(node.value)] if isinstance(node, ast.Constant) and _is_text(node.value) else []


def _is_text(value: object) -> bool:
    """Whether there is anything in it to translate."""
    return isinstance(value, str) and any(letter.isalpha() for letter in value)


def _template(path: Path) -> Iterator[Text]:
    options = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    with path.open("rb") as file:
        for _, _, said, _ in babel_extract(file, ("_", "gettext", "ngettext"), [], options):
            forms = tuple(form for form in (said if isinstance(said, tuple) else (said,)) if form)
            yield from [(_where(path), forms)] if forms else []


def _tables() -> Iterator[str]:
    """Names that the inner rooms hold once, for the API and the documents too."""
    for one in definitions():
        yield from (one.title, one.definition, one.source, one.missing)
    yield from (one.meaning for one in every_column() if not isinstance(one.meaning, Phrase))  # those stand in the code
    yield from KINDS_OF_COLUMNS.values()
    for care in LEVELS_OF_CARE.values():
        yield from (care.title, care.short, care.asam)
    yield from KINDS.values()
    yield from DEMO_ROLES.values()
    yield from _spoken(word for name in sorted(USUAL_WORDS) for word in sorted(USUAL_WORDS[name]))
    yield from _spoken((*PURPOSES, *TARGET_SETS, *CLASSES))
    yield from (*DIMENSIONS, *DIMENSIONS_3, *DIMENSIONS_4, *RISKS, *TITLES.values(), *(group for group, _ in GROUPS))
    for sheet in QUESTIONNAIRES:
        yield from (sheet.asks, sheet.source, sheet.cut_offs, *(band for _, band in sheet.bands))
        for item in sheet.items:
            yield from (item.text, *(answer for _, answer in item.answers))
    for literal in (*vars(vocabulary).values(), Level, Kind, Weekday, *_STATES):
        yield from _spoken(word for word in get_args(literal) if isinstance(word, str))
    yield from _spoken((*STATES, *CRITERIA, *REPORT_WORDS))
    for spec in SPECS.values():
        yield from (spec.title, spec.definition, spec.source)
    for name, cls in CATALOGUE.types.items():
        yield spaced(name)
        yield name
        yield from _fields(cls)
    for command in (*RECORDING, "transfer"):
        for field in fields_for(command):
            yield field.label
            yield field.help
            yield from (text for _, text in field.choices)
    yield from (text for field in fields_of(ClientRegistered) for text in (field.label, field.help))


def _fields(cls: Any) -> Iterator[str]:
    for name, field in cls.model_fields.items():
        yield from _spoken([field.alias or name])
        yield (field.alias or name).replace("_", " ")


def _spoken(names: Any) -> Iterator[str]:
    """A word as it is kept and as people write it."""
    for name in names:
        yield name
        yield words(name) or ""
