"""Columns, groups and periods of published tables in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.i18n.formats import MINUS, number, percent, words
from api.i18n.language import N_, _, translated
from domain.levels import title
from domain.vocabulary import REASONS
from infra.publications.numbers import is_withheld
from projections.abstinence.measures import BUILT_IN
from projections.publications.specs import SPECS
from projections.publications.tables import OTHER
from projections.quality.definition import MEASURES

WITHHELD = "[c]"  # the sign of statistical offices for "confidential", which a screen reader can say
Table = Mapping[str, Any]
Row = Mapping[str, Any]

# Of columns that are neither a discharge reason nor a measure.
NAMES: Mapping[str, str] = {
    "average_daily_census": N_("Average daily census"),
    "admissions": N_("Admissions"),
    "discharges": N_("Discharges"),
    "other_reasons": N_("Other reasons"),
    "otherwise": N_("Otherwise"),
    "not_completed": N_("Not completed"),
    "completion_rate": N_("Completion rate"),
    "admitted": N_("Admitted"),
    "retained": N_("Retained"),
    "retained_share": N_("Share retained"),
    "known_use": N_("Known use"),
    "known_use_share": N_("Share with known use"),
    "seen_without_use": N_("Seen without use"),
    "not_known": N_("Not known"),
    "no_known_use": N_("No known use"),
    "stays": N_("Stays"),
    "step_down": N_("Step down"),
    "step_up": N_("Step up"),
    "same_level": N_("Same level"),
    "left": N_("Left"),
    "concurrent": N_("Concurrent"),
    "no_step_down": N_("No step down"),
    "step_down_share": N_("Share stepping down"),
    "reached": N_("Reached"),
    "abstinent": N_("Abstinent"),
    "abstinent_share": N_("Abstinent, of all who left"),
    "abstinent_of_reached": N_("Abstinent, of those reached"),
    "offered": N_("Offered"),
    "attended": N_("Attended"),
    "no_shows": N_("No-shows"),
    "attendance_rate": N_("Attendance rate"),
    "no_show_rate": N_("No-show rate"),
    "detox_stays": N_("Stays in withdrawal management"),
    "diagnoses": N_("New diagnoses"),
}
MARGINS: Mapping[str, str] = {
    "all": N_("all together"),
    "level": N_("by level"),
    "site": N_("by site"),
    "program": N_("by program"),
}
KINDS: Mapping[str, str] = {"month": N_("months"), "quarter": N_("quarters"), "year": N_("years")}
_MEASURES: Mapping[str, str] = {
    **{measure.id: measure.title for measure in BUILT_IN},
    **{name: rule.title for name, rule in MEASURES.items()},
}


def column_title(name: str) -> str:
    """A column of a table, a count or a share, as people read it."""
    if name in NAMES:
        return translated(NAMES[name])
    stem = name.removesuffix("_share")
    if stem in _MEASURES:
        titled = translated(_MEASURES[stem])
        return titled if stem == name else _("{column}, share").format(column=titled)
    text = words(name) if name in REASONS else name.replace("_", " ")
    return text[:1].upper() + text[1:]


def table_title(table: Table) -> str:
    """A table by its report, its groups and its periods."""
    return _("{title}, {by}, {periods}").format(
        title=translated(table["title"]), by=margin_title(table["by"]), periods=kind_title(table["period"])
    )


def title_of(report: str) -> str:
    """The title of a report; its name where this release does not know it any more."""
    return SPECS[report].title if report in SPECS else report


def left_out_title(name: str) -> str:
    """A table by its name (completion-by-site-quarter), as people read it."""
    report, _dash, rest = name.partition("-")
    *by, kind = rest.removeprefix("by-").split("-")
    key = {"title": title_of(report), "by": by[0] if by else "all", "period": kind}
    return table_title(key)


def margin_title(margin: str) -> str:
    """What a table's rows are grouped by."""
    return translated(MARGINS.get(margin, margin))


def kind_title(kind: str) -> str:
    """How long a table's periods are."""
    return translated(KINDS.get(kind, kind))


def group_title(margin: str, group: str) -> str:
    """A group of a table as people read it."""
    if margin == "all":
        return _("All")
    if group == OTHER:
        return _("Other groups together")
    return value_title(margin, group)


def value_title(margin: str, value: str) -> str:
    """A level, a site or a program as people read it."""
    return translated(title(value)) if margin == "level" else value or _("Not recorded")


def together(table: Table) -> str:
    """The values that the group of the others holds; empty where there is none."""
    margin = table["by"]
    values: list[str] = [] if margin == "all" else table["groups"].get(OTHER, [])
    return ", ".join(value_title(margin, value) for value in values)


def denominators(table: Table) -> list[str]:
    """Of each share, which numbers it is made of."""
    text = _("{share}: {above} divided by {below}")
    return [
        text.format(share=column_title(name), above=column_title(above), below=column_title(below))
        for name, (above, below) in table["of"].items()
    ]


def shown_number(row: Row, name: str) -> str:
    """A count of a row, or the sign that it is withheld."""
    value: float | None = row[name]
    return WITHHELD if value is None else number(value)


def shown_share(table: Table, row: Row, name: str) -> str:
    """A share of a row, the sign that it is withheld, or a dash where nobody was counted."""
    return WITHHELD if is_withheld(table, row, name) else percent(row[name])


def interval(table: Table, row: Row, name: str) -> str:
    """The 95 % interval of a share; empty of a count, and of a share that is not shown."""
    if name not in table["shares"] or row[name] is None:
        return ""
    return f"{percent(row[f'{name}_low'])} – {percent(row[f'{name}_high'])}"


def shown(table: Table, row: Row, name: str) -> str:
    """A number or a share of a row as it is shown."""
    return shown_share(table, row, name) if name in table["shares"] else shown_number(row, name)


def changed_by(difference: float) -> str:
    """A change of a count, with its sign."""
    sign = "+" if difference > 0 else MINUS if difference < 0 else "±"
    return f"{sign}{number(round(abs(difference), 2))}"


def changed_points(difference: float) -> str:
    """A change of a share in percentage points, with its sign."""
    return _("{points} points").format(points=changed_by(round(difference * 100, 1)))


def withheld_words(smallest: int) -> str:
    """What the sign of a withheld number means; ``smallest`` is the least number of people that is shown."""
    text = _(
        "{sign} withheld: it is about fewer than {few} people or would give such a number away. It is not nought: "
        "nought is shown as 0 where it may be."
    )
    return text.format(sign=WITHHELD, few=number(smallest))
