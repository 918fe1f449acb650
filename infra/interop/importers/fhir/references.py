"""Which resource a reference names, in every form that FHIR R4 has for it (references.html and bundle.html).

Relative and absolute ones, with or without a version, ``urn:uuid:`` of a Bundle, contained ones, and those by
identifier. What names several resources, or none that is here, names nothing: nobody's care lands on another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from infra.interop.importers.fhir.files import Read
from infra.interop.importers.fhir.identity import identifiers, key_of
from infra.interop.importers.fhir.parts import Resource, as_list, at, elements_with, members
from infra.interop.importers.versions import version_of

SUBJECTS = ("subject", "patient", "beneficiary")
_LITERAL = re.compile(
    r"(?:(?P<base>https?://.+)/)?(?P<place>[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?/?"
)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A resource with its names. ``base`` is the server that its ``fullUrl`` names, ``place`` what people look for.

    ``digest`` stands for a resource without a name; ``refused`` is why nothing is made of one, whatever it says.
    """

    place: str
    base: str
    url: str
    resource: Resource
    digest: str = ""
    refused: str = ""

    @property
    def identity(self) -> str:
        """What identifies it in every import: its place on the server, or its content when it has no name."""
        return self.digest or self.place

    @property
    def kind(self) -> str:
        """The resource type."""
        return str(self.resource["resourceType"])

    @property
    def version(self) -> str:
        """Which version of the resource it is, if it says so."""
        return version_of(at(self.resource, "meta", "lastUpdated"), at(self.resource, "meta", "versionId"))

    @property
    def names(self) -> set[str]:
        """Every literal reference that names it."""
        key = self.resource.get("id")
        relative = f"{self.kind}/{key}" if key else ""
        return {name for name in (self.url, relative, f"{self.base}/{relative}" if self.base and key else "") if name}

    @property
    def key(self) -> str:
        """What tells it from every other resource: where it is on its server, else its name in the Bundle."""
        relative = f"{self.kind}/{self.resource['id']}" if self.resource.get("id") else ""
        return f"{self.base}/{relative}" if self.base and relative else relative or self.url or self.identity


def node_of(read: Read) -> Node:
    """A resource that was read, with its names."""
    match = _LITERAL.fullmatch(read.url)
    base = (match["base"] or "") if match else ""
    if read.resource.get("id"):
        return Node(read.place, base, read.url, read.resource)
    if read.url:
        uuid = read.url.removeprefix("urn:uuid:") if read.url.startswith("urn:uuid:") else ""
        return Node(match["place"] if match else f"{read.kind}/{uuid or read.url}", base, read.url, read.resource)
    content = orjson.dumps(read.resource, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return Node(read.place, base, read.url, read.resource, f"{read.kind}#{digest}")


def refused(node: Node, reason: str, *, is_one: bool) -> Node:
    """The resource with no more than its names and its patient: nothing is made of it, and something may have been.

    ``is_one``: it stands for itself alone, and has its version.
    """
    kept = {name: value for name, value in node.resource.items() if name in ("resourceType", "id", *SUBJECTS)}
    if is_one:
        kept["meta"] = {name: at(node.resource, "meta", name) for name in ("lastUpdated", "versionId")}
    return Node(node.place, node.base, node.url, kept, node.digest, reason)


def literal(value: Any) -> tuple[str, str]:
    """(server, ``Type/id``) of a literal reference, its version left out; nothing of another form."""
    match = _LITERAL.fullmatch(value) if isinstance(value, str) else None
    return (match["base"] or "", match["place"]) if match else ("", "")


class References:
    """Finds the resource of an import that a reference names."""

    def __init__(self, nodes: Iterable[Node], now: datetime) -> None:
        """Index resources by all their names, and Patients by the numbers that are in use ``now``."""
        self._by_name: dict[str, list[Node]] = {}
        self._by_identifier: dict[tuple[str, str], list[Node]] = {}
        self._now = now
        self._bases: set[str] = set()
        self._servers: set[str] = set()
        for node in nodes:
            for name in node.names:
                self._by_name.setdefault(name, []).append(node)
            for system, value in identifiers(node.resource, now) if node.kind == "Patient" else ():
                self._by_identifier.setdefault((system, value), []).append(node)
            if node.base:
                self._servers.add(node.base)
            else:
                self._bases.update(base for base in _bases(node.resource) if base)

    def named(self, reference: Any, by: Node) -> Node | None:
        """The resource that a Reference of ``by`` names, or None."""
        value = at(reference, "reference")
        identified = self._identified(reference)
        if not isinstance(value, str) or not value:
            return identified
        target = self._literally(value, by)
        kind = at(reference, "type")
        if target is None or (kind is not None and kind != target.kind):
            return None
        return None if self._is_other(reference, identified, target) else target

    def _is_other(self, reference: Any, identified: Node | None, target: Node) -> bool:
        """Whether a reference's identifier is somebody else's: of another resource, or none of those that the Patient
        who is named has in its system.
        """
        if identified is not None:
            return identified is not target
        system, number = key_of(at(reference, "identifier"))
        numbers = {value for known, value in identifiers(target.resource, self._now) if known == system}
        return bool(number and numbers) and number not in numbers

    def names_one_server(self, base: str) -> bool:
        """Whether what was read speaks of this server and no other."""
        return self._bases | self._servers <= {base}

    def _literally(self, value: str, by: Node) -> Node | None:
        if value.startswith("#"):
            return self._contained(value[1:], by)
        base, place = literal(value)
        if not place:
            return _only(self._by_name.get(value, ()))
        if base:
            return self._absolute(base, place)
        candidates = self._by_name.get(place, [])
        if by.base:
            there = [node for node in candidates if node.base == by.base]
            return _only(there or self._unnamed(candidates, by.base))
        unnamed = [node for node in candidates if not node.base]
        return _only(unnamed or (candidates if len(self._servers) == 1 else []))

    def _unnamed(self, candidates: Iterable[Node], base: str) -> list[Node]:
        """Those of files that name no server, where they can be of none but this one."""
        return [node for node in candidates if not node.base] if self._servers == {base} else []

    def _absolute(self, base: str, place: str) -> Node | None:
        """On its server; files that name no server of their own are that one's, if they speak of one server only."""
        there = _only(self._by_name.get(f"{base}/{place}", ()))
        if there is None and self._bases == {base}:
            there = _only([node for node in self._by_name.get(place, ()) if not node.base])
        return there

    def _identified(self, reference: Any) -> Node | None:
        identifier = at(reference, "identifier")
        key = key_of(identifier)
        return _only(self._by_identifier.get(key, ())) if key[1] else None

    def _contained(self, key: str, by: Node) -> Node | None:
        contained = elements_with(by.resource.get("contained"), "id", key)
        if len(contained) != 1:
            return None
        return Node(f"{by.place}#{key}", by.base, f"{by.key}#{key}", {**contained[0], "id": None})


def _only(candidates: Iterable[Node]) -> Node | None:
    """The only candidate, if there is just one."""
    nodes = list({id(node): node for node in candidates}.values())
    return nodes[0] if len(nodes) == 1 else None


def _bases(value: Any) -> Iterator[str]:
    """The servers of all absolute references in a resource."""
    for name, part in members(value):
        if name == "reference" and isinstance(part, str):
            yield literal(part)[0]
        for child in [part, *as_list(part)]:
            yield from _bases(child)
