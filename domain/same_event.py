"""Types of entry that tell of the same happening in care, and so may be corrected into each other.

A correction says better what an entry tells of. That something else happened is another entry: the wrong one is
retracted and the right one recorded, by whoever may record it, under the rules that it has to meet (admission criteria,
one registration, a consent). Only a few types are answers to one question, as whether a session was attended.
"""

from __future__ import annotations

from typing import Final

_ALIKE: Final = (
    frozenset({"SessionAttended", "SessionMissed"}),
    frozenset({"DrugScreenResulted", "DrugScreenMissed"}),
    frozenset({"FollowUpCompleted", "FollowUpMissed"}),
    frozenset({"UseReported", "AbstinenceReported"}),
    frozenset({"LapseRecorded", "RelapseRecorded"}),
    frozenset({"CoverageVerified", "CoverageDenied"}),
)


def may_become(was: str, becomes: str) -> bool:
    """Whether a correction may make an entry of one type one of another."""
    return was == becomes or any({was, becomes} <= types for types in _ALIKE)
