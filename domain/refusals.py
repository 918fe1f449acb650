"""Refusals: what a command would break, said so that a clinician knows what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from domain.errors import ExpectedError


@dataclass(frozen=True, slots=True)
class Refusal:
    """One unmet criterion: its name, the value that was found, and the remedy."""

    criterion: str
    value: str
    remedy: str

    def as_dict(self) -> dict[str, str]:
        """For problem documents."""
        return asdict(self)

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.criterion}: {self.value}. {self.remedy}"


class CommandRefusedError(ExpectedError, kind="refused"):
    """A command was refused; nothing was written."""

    def __init__(self, refusals: list[Refusal]) -> None:
        """Keep every unmet criterion."""
        self.refusals = refusals
        super().__init__("; ".join(str(refusal) for refusal in refusals))
