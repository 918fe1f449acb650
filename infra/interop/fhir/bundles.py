"""Bundles: everything of a client, the results of a search, the history of a resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from domain.entries import Entry, known_at, microseconds, moment
from infra.interop.fhir.coding import SECURITY, Resource, filled, instant
from infra.interop.fhir.mapping import resources
from infra.interop.fhir.resource_ids import NoSuchResourceError
from projections.chart import Chart

NONE: Final[Mapping[str, str]] = MappingProxyType({})


def searchset(
    resources: Sequence[Resource],
    base: str,
    outcomes: Sequence[Resource] = (),
    *,
    total: int | None = None,
    links: Mapping[str, str] = NONE,
) -> Resource:
    """A Bundle of what was found; ``base`` is the server's address, ``said`` are outcomes that go with it.

    ``total`` counts all pages, ``links`` are addresses by their relation (``self``, ``next``).
    """
    entries: list[Resource] = [
        {"fullUrl": f"{base}/{made['resourceType']}/{made['id']}", "resource": made, "search": {"mode": "match"}}
        for made in resources
    ]
    entries += [{"fullUrl": uuid4().urn, "resource": outcome, "search": {"mode": "outcome"}} for outcome in outcomes]
    bundle: Resource = {
        "resourceType": "Bundle",
        "meta": {"security": SECURITY},
        "type": "searchset",
        "total": len(resources) if total is None else total,
        "link": [{"relation": name, "url": url} for name, url in links.items() if url],
        "entry": entries,
    }
    return filled(bundle)


def outcome(severity: str, code: str, text: str) -> Resource:
    """An OperationOutcome with one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "details": {"text": text}}],
    }


def newer_than(resources: Iterable[Resource], since: datetime | None) -> Iterable[Resource]:
    """Those that changed at or after a moment (aware), to the millisecond; all without one."""
    bound = instant(since.astimezone(UTC)) if since is not None else ""
    return (resource for resource in resources if resource["meta"]["lastUpdated"] >= bound)


def history(
    versions: Sequence[tuple[int, Resource | None]],
    address: tuple[str, str, str],
    since: datetime | None = None,
    outcome: Resource | None = None,
) -> Resource:
    """A history Bundle of a resource's versions, the newest first; ``address`` is the server's, the kind and the id.

    A version in which the resource is no more (its entry was retracted) is a DELETE. ``since`` takes only the versions
    that came to be at or after it. ``said`` is an outcome that stands with the newest.
    """
    base, kind, key = address
    bound = microseconds(since) if since is not None else 0
    listed = [
        _version(number, at, resource, kind, f"{base}/{kind}/{key}")
        for number, (at, resource) in enumerate(versions, start=1)
        if at >= bound
    ]
    listed.reverse()
    if outcome is not None and listed:
        listed[0]["response"]["outcome"] = outcome
    return filled({"resourceType": "Bundle", "type": "history", "total": len(listed), "entry": listed})


def _version(number: int, at: int, resource: Resource | None, kind: str, url: str) -> Resource:
    method = "DELETE" if resource is None else ("POST" if number == 1 else "PUT")
    status = {"POST": "201", "PUT": "200", "DELETE": "204"}[method]
    return filled(
        {
            "fullUrl": url,
            "resource": resource,
            "request": {"method": method, "url": kind if method == "POST" else f"{kind}/{url.rpartition('/')[2]}"},
            "response": {"status": status, "lastModified": instant(moment(at)), "etag": etag(number)},
        }
    )


def etag(number: int) -> str:
    """A version's ETag."""
    return f'W/"{number}"'


def _stamped(resource: Resource | None, number: int, at: int) -> Resource | None:
    if resource is None:
        return None
    meta = {**resource["meta"], "versionId": str(number), "lastUpdated": instant(moment(at))}
    return {**resource, "meta": meta}


def versions_of(
    client_id: str, chart_number: str, entries: Sequence[Entry], kind: str, key: str
) -> list[tuple[int, Resource | None]]:
    """(knowledge time in µs, the resource or None) whenever what the resource says changed, numbered from 1.

    Raises:
        NoSuchResourceError: it never was there.
    """
    versions: list[tuple[int, Resource | None]] = []
    before: Resource | None = None
    first = next((entry.recorded for entry in entries if key.startswith(entry.event_id)), 0)
    for at in sorted({entry.recorded for entry in entries if entry.recorded >= first}):
        chart = Chart(client_id, 0, known_at(entries, at))
        resource = next((made for made in resources(chart, chart_number, kind) if made["id"] == key), None)
        body = None if resource is None else {name: value for name, value in resource.items() if name != "meta"}
        if body != before:
            versions.append((at, _stamped(resource, len(versions) + 1, at)))
            before = body
    if not versions:
        raise NoSuchResourceError
    return versions
