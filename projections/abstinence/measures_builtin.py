"""The built-in measures, as data. Rules from the endpoint library of CTN-0094 (package CTNote)."""

from __future__ import annotations

from typing import Final

from projections.abstinence.measures_model import Measure
from projections.abstinence.measures_rules import (
    AllOf,
    Condition,
    Count,
    FirstWindow,
    LastWeek,
    LongestRun,
    Share,
)

_FIELLIN = "Fiellin et al. 2006, doi:10.1056/NEJMoa055255"
_KRUPITSKY = "Krupitsky et al. 2011, doi:10.1016/S0140-6736(11)60358-9"
_SCHOTTENFELD = "Schottenfeld et al. 2008, doi:10.1016/S0140-6736(08)60954-X"
_CTN0094 = "CTN-0094 (Odom et al. 2023, R package CTNote)"

_ABSTINENCE: Final = (
    Measure(
        id="negative_weeks",
        title="Clean weeks",
        definition="Number of weeks with clean screens only. Missing and mixed weeks count as use.",
        source=_FIELLIN,
        rule=Count(marks="-"),
    ),
    Measure(
        id="percent_negative",
        title="Share of clean weeks",
        definition=(
            "Weeks with clean screens only, over all weeks of the pattern. Missing and mixed weeks count as use."
        ),
        source=f"{_FIELLIN}, taken over the length of the pattern",
        rule=Share(marks="-"),
    ),
    Measure(
        id="three_consecutive_negative",
        title="Three clean weeks in a row",
        definition=("At least one run of three weeks with clean screens only; a missing or mixed week breaks the run."),
        source="Kosten et al. 1993, doi:10.1097/00005053-199306000-00004",
        missing="o",
        mixed="*",
        rule=AllOf(conditions=(Condition(marks="-", run=3),)),
    ),
    Measure(
        id="four_consecutive_negative",
        title="Four clean weeks in a row",
        definition=("At least one run of four weeks with clean screens only; a missing or mixed week breaks the run."),
        source="Ling et al. 1998, doi:10.1046/j.1360-0443.1998.9344753.x",
        missing="o",
        mixed="*",
        rule=AllOf(conditions=(Condition(marks="-", run=4),)),
    ),
    Measure(
        id="longest_abstinence",
        title="Longest abstinence",
        definition="Longest run of weeks without use. Missing and mixed weeks count as use.",
        source=_SCHOTTENFELD,
        rule=LongestRun(marks="-"),
    ),
    Measure(
        id="longest_abstinence_observed",
        title="Longest abstinence among observed weeks",
        definition=("Longest run of weeks without use once missing weeks are left out. Mixed weeks count as use."),
        source="Schottenfeld et al. 2005, doi:10.1176/appi.ajp.162.2.340",
        missing="",
        rule=LongestRun(marks="-"),
    ),
    Measure(
        id="abstinent_from_week_5",
        title="Abstinent from week 5",
        definition="No use in weeks 5 to 15. Missing and mixed weeks count as use.",
        source=f"{_KRUPITSKY}, definition A",
        rule=AllOf(conditions=(Condition(marks="+", first_week=5, last_week=15, at_most=0),)),
    ),
    Measure(
        id="negative_weeks_from_week_5",
        title="Clean weeks from week 5",
        definition="Number of clean weeks in weeks 5 to 15. Missing and mixed weeks count as use.",
        source=f"{_KRUPITSKY}, definition B",
        rule=Count(marks="-", first_week=5, last_week=15),
    ),
    Measure(
        id="end_of_treatment_ctn0094",
        title="Abstinent at the end of treatment (CTN-0094)",
        definition=(
            "Weeks 12 to 15: no use and no mixed week, at most one missing, the rest clean. "
            "A pattern that ends before week 15 is not abstinent."
        ),
        source=_CTN0094,
        missing="o",
        rule=AllOf(
            conditions=(
                Condition(marks="-o", first_week=12, last_week=15, at_least=4),
                Condition(marks="o", first_week=12, last_week=15, at_most=1),
            )
        ),
    ),
    Measure(
        id="end_of_treatment_ctn0030",
        title="Abstinent at the end of treatment (CTN-0030)",
        definition=(
            "The last week is clean and at most one of the three before it shows use. "
            "Missing and mixed weeks count as use."
        ),
        source="Weiss et al. 2011 (CTN-0030), doi:10.1001/archgenpsychiatry.2011.121",
        rule=AllOf(
            conditions=(
                Condition(marks="-", first_week=-1, at_least=1),
                Condition(marks="+", first_week=-4, last_week=-2, at_most=1),
            )
        ),
    ),
)

_USE: Final = (
    Measure(
        id="first_use",
        title="Time to first use",
        definition="First week of use. Missing and mixed weeks count as use.",
        source="Mokri et al. 2016, doi:10.1111/add.13259",
        rule=FirstWindow(marks="+", width=1, needed=1),
    ),
    Measure(
        id="first_use_observed",
        title="Time to first observed use",
        definition=("First week with a screen that shows use. Missing weeks count as clean, mixed weeks as use."),
        source="Shufman et al. 1994, doi:10.1016/0006-3223(94)91240-8",
        missing="-",
        rule=FirstWindow(marks="+", width=1, needed=1),
    ),
    Measure(
        id="relapse_ctn0094",
        title="Relapse (CTN-0094)",
        definition="First of four weeks of use in a row. Missing and mixed weeks count as use.",
        source=_CTN0094,
        rule=FirstWindow(marks="+", width=4, needed=4),
    ),
    Measure(
        id="relapse_ctn0051",
        title="Relapse (CTN-0051)",
        definition=("First of four weeks of use in a row, from week 3 on. Missing and mixed weeks count as use."),
        source="Lee et al. 2018 (CTN-0051), doi:10.1016/S0140-6736(17)32812-X",
        rule=FirstWindow(marks="+", width=4, needed=4, first_week=3),
    ),
    Measure(
        id="relapse_three_weeks",
        title="Time to three weeks of use",
        definition="First of three weeks of use in a row. Missing and mixed weeks count as use.",
        source=_SCHOTTENFELD,
        rule=FirstWindow(marks="+", width=3, needed=3),
    ),
    Measure(
        id="relapse_two_of_four",
        title="Relapse: two weeks of use in four",
        definition=(
            "First four weeks with at least two weeks of use; the week is the third of the four. "
            "Missing and mixed weeks count as use."
        ),
        source="Lee et al. 2016, doi:10.1056/NEJMoa1505409",
        rule=FirstWindow(marks="+", width=4, needed=2),
    ),
    Measure(
        id="relapse_from_week_4",
        title="Relapse from week 4",
        definition="Two weeks of use in a row from week 4 on. Missing and mixed weeks count as use.",
        source="Johnson et al. 1992, doi:10.1001/jama.1992.03480200058024",
        rule=AllOf(conditions=(Condition(marks="+", first_week=4, run=2),)),
    ),
    Measure(
        id="relapse_three_consecutive",
        title="Three weeks of use in a row",
        definition="At least one run of three weeks of use. Missing and mixed weeks count as use.",
        source="Krupitsky et al. 2004, doi:10.1016/j.jsat.2004.02.002",
        rule=AllOf(conditions=(Condition(marks="+", run=3),)),
    ),
    Measure(
        id="dropout_ctn0094",
        title="Drop-out (CTN-0094)",
        definition="First of four missing weeks in a row. Mixed weeks are as they are: somebody was there.",
        source=_CTN0094,
        missing="o",
        mixed="*",
        rule=FirstWindow(marks="o", width=4, needed=4),
    ),
    Measure(
        id="retention",
        title="Weeks in contact",
        definition="The last week that is not missing; 0 if every week is.",
        source=_CTN0094,
        missing="o",
        mixed="*",
        rule=LastWeek(marks="+-*"),
    ),
)

BUILT_IN: Final[tuple[Measure, ...]] = _ABSTINENCE + _USE
"""The twenty built-in measures, in the order in which they are shown."""
