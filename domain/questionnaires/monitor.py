"""The Brief Addiction Monitor of the Department of Veterans Affairs (public domain), in short words of our own.

Days are counted, 0–30, and words are put on the same range. Item 7, which asks for days of each substance, is in no
composite and is charted as reported use.
"""

from __future__ import annotations

from domain.questionnaires.sheet import Item, Questionnaire

_EXTENT = ((0, "None at all"), (8, "Slightly"), (15, "Moderately"), (22, "Considerably"), (30, "Extremely"))
_HEALTH = ((0, "Excellent"), (8, "Very good"), (15, "Good"), (22, "Fair"), (30, "Poor"))

BAM = Questionnaire(
    "bam",
    "Ask about the past 30 days.",
    (
        Item(1, "Physical health", _HEALTH),
        Item(2, "Nights with trouble falling or staying asleep"),
        Item(3, "Days depressed, anxious, angry or very upset most of the day"),
        Item(4, "Days with any alcohol"),
        Item(5, "Days with at least 5 drinks (men) or 4 drinks (women)"),
        Item(6, "Days with illegal or street drugs, or prescribed drugs misused"),
        Item(8, "Bothered by cravings or urges to drink or use", _EXTENT),
        Item(9, "Confident of not drinking or using in the next 30 days", _EXTENT),
        Item(10, "Days at self-help meetings such as AA or NA"),
        Item(11, "Days in situations or with people that put at risk to use"),
        Item(12, "Religion or spirituality supports recovery", _EXTENT),
        Item(13, "Days spent at work, school or volunteering"),
        Item(14, "Enough lawful income for what is needed", ((0, "No"), (30, "Yes"))),
        Item(15, "Bothered by arguments or problems with family or friends", _EXTENT),
        Item(16, "Days in touch with family or friends who support recovery"),
        Item(17, "Satisfied with progress towards recovery", _EXTENT),
    ),
    "Department of Veterans Affairs; Cacciola et al. 2013",
    # Use and risk; protection runs the other way. The composites are read from the items: projections.outcomes.scales
    counted=frozenset({4, 5, 6, 1, 2, 3, 8, 11, 15}),
)
