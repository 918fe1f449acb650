"""Records that leave: only under a consent or the law, each one recorded; and the accounting of them per client.

Sources: 42 CFR 2.25 (accounting of disclosures), 2.32 (notice), 45 CFR 164.528(b)(2): date, recipient, what was
disclosed, purpose; three years back under Part 2, six under HIPAA: the accounting goes back six.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.errors import ExpectedError
from infra.access_log.context import HasPeople
from infra.access_log.entries import Access, Accessed
from infra.disclosure.consents import Decision, may_disclose
from infra.disclosure.record_guard import clients_of, must_not_be_erased, reach
from infra.eventstore.client_chart import OpenedChart, open_chart
from infra.identity.people import Principal

YEARS = 6


class DisclosureRefusedError(ExpectedError, PermissionError, kind="not-allowed"):
    """Nothing may leave to this recipient for this purpose."""

    def __init__(self, decision: Decision) -> None:
        """Say why; never who."""
        self.decision = decision
        super().__init__(f"nothing may leave: {decision.reason} (42 CFR 2.31)")


@dataclass(frozen=True, slots=True)
class DisclosureRequest:
    """What was asked for: who would receive records, for which purpose, and what of them."""

    recipient: str
    purpose: str
    what: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One line of an accounting. Texts are None once the client was erased."""

    at: datetime
    recipient: str | None
    what: str | None
    purpose: str
    basis: str | None
    by: str
    role: str

    def as_row(self) -> dict[str, Any]:
        """The line with its time as text."""
        return {**asdict(self), "at": self.at.isoformat()}


def disclose(
    services: HasPeople,
    who: Principal,
    reference: str,
    *,
    recipient: str,
    purpose: str,
    what: str,
    scope: str = "",
    emergency: str = "",
    request: str = "",
) -> tuple[OpenedChart, Decision]:
    """The chart that may leave, with the decision whose notice must go with it; recorded before it is handed over.

    ``scope`` is what would leave as a consent may name it: one with a scope of its own covers that alone.

    Raises:
        NoSuchChartError: nothing is recorded under the number.
        NotYoursError: the chart is at no site of this person's, or nobody's.
        ChartErasedError: it was erased: nothing of it leaves.
        DisclosureRefusedError: no consent covers it; that is recorded too.
    """
    client_id = services.log.client_id(reference)
    broken = reach(services, who, client_id, request)
    must_not_be_erased(services, client_id)
    chart = open_chart(services.log, reference)
    notice = services.settings.redisclosure_notice
    now = services.now()
    decision = may_disclose(chart, recipient, purpose, now, services.zone, notice, scope=scope, emergency=emergency)
    wanted = DisclosureRequest(recipient, purpose, what)
    services.people.log.record(decided(who, now, chart, decision, wanted, broken=broken, request=request))
    if not decision.allowed:
        raise DisclosureRefusedError(decision)
    return chart, decision


def decided(
    who: Principal,
    at: datetime,
    chart: OpenedChart,
    decision: Decision,
    wanted: DisclosureRequest,
    *,
    broken: bool = False,
    request: str = "",
) -> list[Access]:
    """The entries of one decision: one for each stream that the chart is made of, charts merged into it included.

    Each is sealed under its own stream's key, and each client's accounting holds it. What left without a consent, or
    through broken glass, is flagged.
    """
    words = {"recipient": wanted.recipient, "what": wanted.what, "purpose": wanted.purpose, "basis": decision.reason}
    kind = "RecordsDisclosed" if decision.allowed else "DisclosureRefused"
    flagged = broken or (decision.allowed and decision.consent is None)
    return [Access(kind, who, at, (stream,), flagged, words, request) for stream in clients_of(chart)]


def accounting(services: HasPeople, client_id: str) -> list[Disclosure]:
    """What of a client's records left in the last six years, in order."""
    now = services.now()
    start = now.replace(year=now.year - YEARS, day=min(now.day, 28))
    entries = services.people.log.of_client(client_id, opened=True)
    return [_disclosure(entry) for entry in entries if entry.kind == "RecordsDisclosed" and entry.at >= start]


def accesses(services: HasPeople, client_id: str) -> list[Accessed]:
    """Everything that was done with a client's records inside the organisation and out of it, in order."""
    return services.people.log.of_client(client_id, opened=True)


def _disclosure(entry: Accessed) -> Disclosure:
    words = entry.words
    if words is None:  # sealed under a key that is gone
        return Disclosure(entry.at, None, None, entry.purpose, None, entry.name, entry.role)
    return Disclosure(
        entry.at,
        words.get("recipient"),
        words.get("what"),
        words.get("purpose", entry.purpose),
        words.get("basis"),
        entry.name,
        entry.role,
    )
