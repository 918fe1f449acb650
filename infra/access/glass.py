"""Break-glass: a chart of another site, opened for one person, for one client, for a while, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.entries import microseconds
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
        until = self.log.clock() + self.lasts
        words = {"reason": reason, "until": until.isoformat()}
        # the log first: glass that broke without an entry would be glass that nobody knows of
        self.log.record(
            [Access("GlassBroken", who, self.log.clock(), (client_id,), broken=True, words=words, request=request)]
        )
        with self.log.recorder.writing() as tx:
            tx.many("DELETE FROM access_glass WHERE person=? AND client_id=?", [(who.name, client_id)])
            tx.many("INSERT INTO access_glass VALUES (?,?,?)", [(who.name, client_id, microseconds(until))])
        return until

    def is_broken(self, who: Principal, client_id: str) -> bool:
        """Whether this chart is open for this person now."""
        if who.role not in SITE_BOUND:
            return False
        sql = "SELECT until_us FROM access_glass WHERE person=? AND client_id=?"
        found = self.log.recorder.query(sql, (who.name, client_id))
        return bool(found) and int(found[0][0]) > microseconds(self.log.clock())
