"""Break-glass: a chart of another site, opened for one person, for one client, for a while, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.access.accesslog import AccessLog
from infra.access.entries import Access
from infra.access.people import SITE_BOUND, Principal

SHORTEST_REASON = 10
LONGEST_REASON = 1_000


class ReasonError(ValueError):
    """The reason is missing, too short or too long."""


@dataclass(frozen=True, slots=True)
class Glass:
    """Breaks the glass and knows what is open. The reason is sealed under the client's key, in the access log."""

    log: AccessLog
    lasts: timedelta

    def break_for(self, who: Principal, client_id: str, reason: str, request: str = "") -> datetime:
        """Open a client's chart for this person; the answer is until when. Auditors find it flagged.

        Raises:
            ReasonError: the reason does not say enough.
        """
        reason = " ".join(reason.split())
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            msg = f"say why in {SHORTEST_REASON} to {LONGEST_REASON} characters: an auditor will read it"
            raise ReasonError(msg)
        now = self.log.clock()
        until = now + self.lasts
        words = {"reason": reason, "until": until.isoformat()}
        self.log.record([Access("GlassBroken", who, now, (client_id,), broken=True, words=words, request=request)])
        return until

    def is_broken(self, who: Principal, client_id: str) -> bool:
        """Whether this chart is open for this person now: the entry that broke it says so, and no table beside it."""
        if who.role not in SITE_BOUND:
            return False
        now = self.log.clock()
        return any(
            entry.kind == "GlassBroken" and entry.person.key == who.person.key and now < entry.at + self.lasts
            for entry in self.log.lately(client_id, now - self.lasts)
        )
