"""The words of an ASAM assessment: its dimensions by edition of the criteria, and its ratings of risk."""

from __future__ import annotations

RISKS = ("none", "mild", "moderate", "severe", "very severe")
# The six dimensions as each edition names them; the last one of the 4th is person-centred and has no rating.
DIMENSIONS_3 = (
    "Intoxication and withdrawal",
    "Biomedical conditions",
    "Emotional, behavioural, cognitive",
    "Readiness to change",
    "Relapse, continued use",
    "Recovery environment",
)
DIMENSIONS_4 = (
    "Intoxication, withdrawal, addiction medications",
    "Biomedical conditions",
    "Psychiatric and cognitive conditions",
    "Substance-use-related risks",
    "Recovery environment",
    "Person-centred considerations (no rating)",
)
# On a form, which serves both: 5 is another dimension in each, and nobody may rate the wrong one.
DIMENSIONS = (
    "Intoxication and withdrawal (4th edition: and addiction medications)",
    "Biomedical conditions",
    "Emotional, behavioural, cognitive (4th edition: psychiatric and cognitive)",
    "Readiness to change (4th edition: substance-use-related risks)",
    "Relapse, continued use (4th edition: recovery environment)",
    "Recovery environment (4th edition: person-centred, no rating)",
)


def dimensions_of(edition: int) -> tuple[str, ...]:
    """The names of the six ASAM dimensions in an edition of the criteria (3 or 4)."""
    return DIMENSIONS_4 if edition == 4 else DIMENSIONS_3
