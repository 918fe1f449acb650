"""Bundles: everything of a client, what a search found, and how a resource came to be what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from domain.entries import Entry, known_at, moment
from infra.fhir.coding import SECURITY, Resource, instant
from infra.fhir.mapping import resources
from projections.chart import Chart


def searchset(found: Iterable[Resource], base: str, notice: str = "") -> Resource:
    """A Bundle of what was found; ``base`` is the server's address, ``notice`` goes with disclosed records."""
    entries: list[Resource] = [
        {"fullUrl": f"{base}/{made['resourceType']}/{made['id']}", "resource": made, "search": {"mode": "match"}}
        for made in found
    ]
    if notice:
        entries.append({"resource": outcome("information", "informational", notice), "search": {"mode": "outcome"}})
    matched = sum(1 for entry in entries if entry["search"]["mode"] == "match")
    bundle: Resource = {"resourceType": "Bundle", "meta": {"security": SECURITY}, "type": "searchset", "total": matched}
    return bundle | ({"entry": entries} if entries else {})


def outcome(severity: str, code: str, text: str) -> Resource:
    """An OperationOutcome with one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "details": {"text": text}}],
    }


def newer_than(found: Iterable[Resource], since: str) -> Iterable[Resource]:
    """Those that changed at or after an instant, as ``meta.lastUpdated`` writes it."""
    return (resource for resource in found if resource["meta"]["lastUpdated"] >= since)


def history(client_id: str, chart_number: str, entries: Sequence[Entry], kind: str, key: str, base: str) -> Resource:
    """Every version of a resource, the newest first: what it said after each recording that changed it.

    A version in which the resource is no more (its entry was retracted) is a DELETE.
    """
    versions = _versions(client_id, chart_number, entries, kind, key)
    listed: list[dict[str, Any]] = []
    for number, (at, resource) in enumerate(versions, start=1):
        method = "DELETE" if resource is None else ("POST" if number == 1 else "PUT")
        url = f"{kind}/{key}" if method != "POST" else kind
        status = {"POST": "201", "PUT": "200", "DELETE": "204"}[method]
        entry: dict[str, Any] = {
            "fullUrl": f"{base}/{kind}/{key}",
            "request": {"method": method, "url": url},
            "response": {"status": status, "lastModified": instant(moment(at)), "etag": f'W/"{number}"'},
        }
        if resource is not None:
            meta = {**resource["meta"], "versionId": str(number), "lastUpdated": instant(moment(at))}
            entry["resource"] = {**resource, "meta": meta}
        listed.append(entry)
    listed.reverse()
    return {"resourceType": "Bundle", "type": "history", "total": len(listed), "entry": listed}


def _versions(
    client_id: str, chart_number: str, entries: Sequence[Entry], kind: str, key: str
) -> list[tuple[int, Resource | None]]:
    """(knowledge time in µs, the resource or None) whenever what the resource says changed."""
    versions: list[tuple[int, Resource | None]] = []
    said: Resource | None = None
    for at in sorted({entry.recorded for entry in entries}):
        chart = Chart(client_id, 0, known_at(entries, at))
        found = next((made for made in resources(chart, chart_number, kind) if made["id"] == key), None)
        body = None if found is None else {name: value for name, value in found.items() if name != "meta"}
        if body != said:
            versions.append((at, found))
            said = body
    return versions
