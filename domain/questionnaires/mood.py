"""PHQ-9 and GAD-7, word for word: no permission is required to reproduce, translate, display or distribute them."""

from __future__ import annotations

from domain.questionnaires.sheet import Questionnaire, numbered

_PFIZER = "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues; a grant of Pfizer"
_ASKS = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
_OFTEN = ((0, "Not at all"), (1, "Several days"), (2, "More than half the days"), (3, "Nearly every day"))

PHQ9 = Questionnaire(
    "phq9",
    _ASKS,
    numbered(
        (
            "Little interest or pleasure in doing things",
            "Feeling down, depressed, or hopeless",
            "Trouble falling or staying asleep, or sleeping too much",
            "Feeling tired or having little energy",
            "Poor appetite or overeating",
            "Feeling bad about yourself, or that you are a failure or have let yourself or your family down",
            "Trouble concentrating on things, such as reading the newspaper or watching television",
            (
                "Moving or speaking so slowly that other people could have noticed? Or the opposite, being so "
                "fidgety or restless that you have been moving around a lot more than usual"
            ),
            "Thoughts that you would be better off dead or of hurting yourself in some way",
        ),
        _OFTEN,
    ),
    _PFIZER,
    ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately severe"), (20, "severe")),
    "Kroenke et al. 2001",
)
GAD7 = Questionnaire(
    "gad7",
    _ASKS,
    numbered(
        (
            "Feeling nervous, anxious, or on edge",
            "Not being able to stop or control worrying",
            "Worrying too much about different things",
            "Trouble relaxing",
            "Being so restless that it's hard to sit still",
            "Becoming easily annoyed or irritable",
            "Feeling afraid as if something awful might happen",
        ),
        _OFTEN,
    ),
    _PFIZER,
    ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe")),
    "Spitzer et al. 2006",
)
