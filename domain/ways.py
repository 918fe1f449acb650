"""Ways on: what may be recorded next, as a command with prefilled fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Way:
    """One way on, in the words of a button. It leads to the form of a ``command`` with ``values`` in its fields, to the
    ``entry`` (id, 32 hex digits) that is to be looked at, or, without both, to the papers of the chart.
    """

    words: str
    command: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    entry: str = ""
