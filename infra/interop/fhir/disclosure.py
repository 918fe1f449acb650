"""Nothing leaves without a consent that covers it, and every disclosure and refusal is in the access log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from infra.access_log.context import HasPeople
from infra.disclosure.consents import Decision, may_disclose
from infra.disclosure.disclosures import DisclosureRequest, decided
from infra.eventstore.client_chart import OpenedChart
from infra.identity.people import Principal

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives records, and for which purpose: as the consent says it, or one of the access log's purposes."""

    name: str
    purpose: str


@dataclass
class Disclosed:
    """How many charts left, and why others did not."""

    charts: int = 0
    withheld: dict[str, int] = field(default_factory=dict[str, int])


def disclose(
    services: HasPeople, who: Principal, to: Recipient, charts: Iterable[OpenedChart], account: Disclosed | None = None
) -> Iterator[tuple[OpenedChart, Decision]]:
    """The charts that may leave, each with the consent that lets it; what is decided is recorded before it is given.

    Charts are decided in runs, so that a full export costs few commits.
    """
    kept = account or Disclosed()
    waiting: list[tuple[OpenedChart, Decision]] = []
    for chart in charts:
        waiting.append((chart, _decide(services, to, chart)))
        if len(waiting) == _AT_ONCE:
            yield from _recorded(services, who, to, waiting, kept)
            waiting = []
    yield from _recorded(services, who, to, waiting, kept)


def _decide(services: HasPeople, to: Recipient, chart: OpenedChart) -> Decision:
    notice = services.settings.redisclosure_notice or ""
    return may_disclose(chart, to.name, to.purpose, services.now(), services.zone, notice)


def _recorded(
    services: HasPeople,
    who: Principal,
    to: Recipient,
    run: list[tuple[OpenedChart, Decision]],
    account: Disclosed,
) -> Iterator[tuple[OpenedChart, Decision]]:
    if not run:
        return
    now = services.now()
    wanted = DisclosureRequest(to.name, to.purpose, "FHIR")
    services.people.log.record(
        [entry for chart, decision in run for entry in decided(who, now, chart, decision, wanted)]
    )
    for chart, decision in run:
        if decision.allowed:
            account.charts += 1
            yield chart, decision
        else:
            account.withheld[decision.reason] = account.withheld.get(decision.reason, 0) + 1
