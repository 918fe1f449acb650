"""Source of an import as its files do not say it: how its clock is written, and which facility it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from infra.interop.importers.zones import Repeated, located


@dataclass(frozen=True, slots=True)
class Source:
    """``zone`` is where times without an offset were written, ``site`` the facility of what names none.

    With ``ignores_offsets`` an offset that a time has is none: some systems write ``Z`` behind what their clock
    shows. All times are then read as that clock, in the zone.
    """

    zone: ZoneInfo | None = None
    ignores_offsets: bool = False
    site: str = ""

    def moment(self, written: datetime, repeated: Repeated | None = None) -> datetime:
        """The moment that was meant; without an offset where nothing says the zone.

        Raises:
            ZoneError: the clock of the zone never showed it, or twice and nothing says which is meant.
        """
        given = written.replace(tzinfo=None) if self.ignores_offsets else written
        return given if given.tzinfo is not None or self.zone is None else located(given, self.zone, repeated)
