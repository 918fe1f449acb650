"""A field of a form whose state is the address, as the pages' templates take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Options = Sequence[tuple[str, str]]
"""Values with their titles."""


@dataclass(frozen=True, slots=True)
class Field:
    """One form field with its current value."""

    name: str
    title: str
    type: str
    options: Options
    value: str
