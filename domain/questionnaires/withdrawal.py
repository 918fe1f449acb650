"""COWS and CIWA-Ar, in short words of our own: what is looked at, and what each score stands for."""

from __future__ import annotations

from domain.questionnaires.sheet import Item, Questionnaire

COWS = Questionnaire(
    "cows",
    "Rate what is seen and said now, only as far as opioid withdrawal explains it.",
    (
        Item(1, "Pulse at rest, a minute", ((0, "80 or below"), (1, "81–100"), (2, "101–120"), (4, "above 120"))),
        Item(
            2,
            "Sweating in the past half hour",
            ((0, "none"), (1, "says so"), (2, "flushed or moist"), (3, "beads of sweat"), (4, "streaming")),
        ),
        Item(
            3,
            "Restlessness",
            ((0, "sits still"), (1, "says it is hard"), (3, "shifts often"), (5, "cannot sit for seconds")),
        ),
        Item(4, "Pupils", ((0, "normal"), (1, "perhaps large"), (2, "moderately wide"), (5, "only a rim of iris"))),
        Item(5, "Ache of bones or joints", ((0, "none"), (1, "mild"), (2, "severe"), (4, "cannot sit still"))),
        Item(6, "Runny nose or tears", ((0, "none"), (1, "stuffy or moist"), (2, "running"), (4, "constant"))),
        Item(
            7,
            "Stomach and bowels in the past half hour",
            (
                (0, "no symptoms"),
                (1, "cramps"),
                (2, "nausea or loose stool"),
                (3, "vomiting or diarrhea"),
                (5, "several times"),
            ),
        ),
        Item(
            8,
            "Tremor, hands stretched",
            ((0, "none"), (1, "felt, not seen"), (2, "slight"), (4, "gross, twitching")),
        ),
        Item(
            9,
            "Yawning while assessed",
            ((0, "none"), (1, "once or twice"), (2, "three times or more"), (4, "several times a minute")),
        ),
        Item(
            10,
            "Anxiety or irritability",
            ((0, "none"), (1, "says so"), (2, "plain to see"), (4, "too much to take part")),
        ),
        Item(11, "Gooseflesh", ((0, "smooth skin"), (3, "felt, or hairs stand"), (5, "prominent"))),
    ),
    "Wesson & Ling 2003; may be copied for clinical use",
    ((0, "below mild"), (5, "mild"), (13, "moderate"), (25, "moderately severe"), (37, "severe")),
    "Wesson & Ling 2003",
)


def _to_seven(anchors: dict[int, str]) -> tuple[tuple[int, str], ...]:
    return tuple((score, anchors.get(score, "")) for score in range(8))


_SENSES = _to_seven(
    {
        0: "none",
        1: "very mild",
        2: "mild",
        3: "moderate",
        4: "moderately severe",
        5: "severe hallucinations",
        6: "extremely severe",
        7: "continuous",
    }
)
CIWA_AR = Questionnaire(
    "ciwa_ar",
    "Rate what is seen and said now; scores between two words are allowed.",
    (
        Item(1, "Nausea and vomiting", _to_seven({0: "none", 1: "mild nausea", 4: "dry heaves", 7: "constant"})),
        Item(2, "Tremor, arms stretched", _to_seven({0: "none", 1: "felt only", 4: "moderate", 7: "severe at rest"})),
        Item(3, "Sweating", _to_seven({0: "none", 1: "palms moist", 4: "beads on forehead", 7: "drenching"})),
        Item(4, "Anxiety", _to_seven({0: "at ease", 1: "mild", 4: "moderate, guarded", 7: "panic"})),
        Item(5, "Agitation", _to_seven({0: "normal", 1: "somewhat more", 4: "fidgety", 7: "paces or thrashes"})),
        Item(6, "Itching, burning, numbness, bugs on the skin", _SENSES),
        Item(7, "Sounds: harsh, frightening, not there", _SENSES),
        Item(8, "Light and sights: bright, hurting, not there", _SENSES),
        Item(9, "Headache, fullness in head", _to_seven({0: "none", 2: "mild", 4: "moderately severe", 7: "extreme"})),
        Item(
            10,
            "Orientation; serial additions",
            (
                (0, "oriented, adds"),
                (1, "cannot add, or unsure of the date"),
                (2, "date wrong by up to 2 days"),
                (3, "date wrong by more"),
                (4, "place or person wrong"),
            ),
        ),
    ),
    "Sullivan et al. 1989; not copyrighted, may be reproduced freely",
    ((0, "mild"), (10, "moderate"), (19, "severe")),
    "ASAM guideline on alcohol withdrawal 2020",
)
