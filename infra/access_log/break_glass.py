"""Break-glass: a chart of another site, opened for one person, for one client, for a while, with a reason."""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from domain.errors import ExpectedError
from domain.phrases import Phrase
from infra.access_log.entries import Access
from infra.access_log.log import AccessLog
from infra.identity.people import SITE_BOUND, Principal

SHORTEST_REASON = 10
LONGEST_REASON = 1_000
NOT_THERE = "not there"
TOO_OFTEN = "glass broken too often"
_HOUR = timedelta(hours=1)
Outcome = Literal["opened", "nobody", "limited"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


class ReasonError(ExpectedError, ValueError, kind="invalid"):
    """The reason is missing, too short or too long."""


class GlassLimitError(ExpectedError, kind="too-many"):
    """This person has broken the glass as often as anybody may in an hour; ``seconds`` until they may again."""

    def __init__(self, seconds: int) -> None:
        """Say when it goes on."""
        self.seconds = seconds
        minutes = math.ceil(seconds / 60)
        super().__init__(
            Phrase(
                "you have broken the glass as often as one may in an hour: try again in {minutes} min", minutes=minutes
            )
        )


@dataclass(frozen=True, slots=True)
class Glass:
    """Breaks the glass and knows what is open. The reason is sealed under the client's key, in the access log.

    ``most`` is how often one person may in an hour. ``counts`` are the outcomes in this process, for its metrics.
    """

    log: AccessLog
    lasts: timedelta
    most: int
    counts: Counter[Outcome] = field(default_factory=Counter[Outcome])
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def break_for(self, who: Principal, client_id: str, reason: str, request: str = "") -> datetime:
        """Open a client's chart for this person; the answer is until when. Auditors find it flagged.

        Raises:
            ReasonError: the reason does not say enough.
            GlassLimitError: this person has done so too often in the last hour; that is recorded.
        """
        entry = self._entry(who, client_id, reason, request)
        until = entry.at + self.lasts
        self._record(replace(entry, words={**entry.words, "until": until.isoformat()}), "opened")
        return until

    def break_for_nobody(self, who: Principal, client_id: str, reason: str, request: str = "") -> None:
        """The same for a number that is nobody's: recorded and counted like any other; nothing is opened.

        Its reason is not kept, for there is no key to seal it.

        Raises:
            ReasonError, GlassLimitError: as ``break_for``.
        """
        self._record(replace(self._entry(who, client_id, reason, request), refused=NOT_THERE), "nobody")

    def is_broken(self, who: Principal, client_id: str) -> bool:
        """Whether this chart is open for this person now: the entry that broke it says so, and no table beside it."""
        if who.role not in SITE_BOUND:
            return False
        now = self.log.clock()
        return any(
            entry.kind == "GlassBroken"
            and not entry.refused
            and entry.person.key == who.person.key
            and now < entry.at + self.lasts
            for entry in self.log.lately(client_id, now - self.lasts)
        )

    def _entry(self, who: Principal, client_id: str, reason: str, request: str) -> Access:
        reason = " ".join(reason.split())
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            least, most = SHORTEST_REASON, LONGEST_REASON
            raise ReasonError(
                Phrase("say why in {least} to {most} characters: an auditor will read it", least=least, most=most)
            )
        words = {"reason": reason}
        return Access("GlassBroken", who, self.log.clock(), (client_id,), broken=True, words=words, request=request)

    def _record(self, entry: Access, outcome: Outcome) -> None:
        with self._one_at_a_time:  # requests of this process that come together count each other
            wait = self._wait(entry)
            if wait:
                outcome = "limited"
                entry = replace(entry, kind="ChartRefused", broken=False, words={}, refused=TOO_OFTEN)
            self.log.record([entry])
            self.counts[outcome] += 1
        if wait:
            raise GlassLimitError(wait)

    def _wait(self, entry: Access) -> int:
        """In how many seconds this person may break the glass again; 0 for now."""
        since = entry.at - _HOUR
        uses = self.log.latest(entry.who, "GlassBroken", self.most)
        if len(uses) < self.most or uses[0].at <= since:
            return 0
        return max(1, math.ceil((uses[0].at - since).total_seconds()))
