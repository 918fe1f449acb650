"""What the access log keeps: one entry for each look at charts, each refusal, each sign-in, each analyst's question.

The state of an entry is one JSON object: ``i`` its id, ``r`` when (µs UTC), ``w`` who, by name,
``u`` and ``y`` the issuer and subject that say who that is (not in older entries), ``o`` in which role, ``v``
through what, ``m`` what they did, ``p`` for which purpose, ``n`` the clients' streams, ``q`` which request,
``g`` true when the glass was broken, ``e`` why it was refused, ``b`` the id of the entry that it is about, ``a``
what was asked of a report, by name, ``x`` sealed under the key of the one client that it is about, so that the words
go when the client is erased. This format is fixed: what one release writes every later one reads.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson

from domain.people import Person
from infra.eventstore.keyring import CipherOf, MasterKeyError
from infra.eventstore.rows import LogRow
from infra.identity.people import Principal

Kind = Literal[
    "ChartsRead",
    "ChartRefused",
    "GlassBroken",
    "GlassReviewed",
    "RecordsDisclosed",
    "DisclosureRefused",
    "SignedIn",
    "SignedOut",
    "SignInRefused",
    "WorkStarted",
    "NumbersAsked",
    "TablesPublished",
    "ScheduleStopped",
]
REFUSALS = frozenset({"ChartRefused", "DisclosureRefused", "SignInRefused"})
EVERYBODY = "0" * 32  # an export of all charts is about every client
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Access:
    """One entry to record. ``words`` are sealed: free text may name the client. ``about`` is another entry's id, or a
    publication's digest.
    """

    kind: Kind
    who: Principal
    at: datetime
    clients: tuple[str, ...] = ()
    broken: bool = False
    words: dict[str, str] = field(default_factory=dict[str, str])
    request: str = ""
    entry_id: str = field(default_factory=lambda: uuid4().hex)
    about: str = ""
    refused: str = ""
    asked: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Accessed:
    """One entry as it was recorded. ``words`` is None when they were not opened, or can no longer be."""

    position: int
    kind: str
    entry_id: str
    at: datetime
    name: str
    role: str
    via: str
    doing: str
    purpose: str
    clients: tuple[str, ...]
    broken: bool
    request: str
    words: dict[str, str] | None
    about: str = ""
    refused: str = ""
    issuer: str = ""
    subject: str = ""
    asked: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def person(self) -> Person:
        """Who it was."""
        return Person(self.name, self.issuer, self.subject)

    @property
    def outcome(self) -> str:
        """``refused``, or ``done``."""
        return "refused" if self.kind in REFUSALS else "done"

    @property
    def about_everybody(self) -> bool:
        """Whether it is about every client, as a full export is."""
        return EVERYBODY in self.clients

    @property
    def in_a_list(self) -> bool:
        """Whether it is about several clients at once."""
        return len(self.clients) > 1 or self.about_everybody

    @property
    def question(self) -> str:
        """What was asked of a report, in one line; empty where nothing was."""
        return "; ".join(f"{name} {value}" for name, value in self.asked.items())

    def as_row(self) -> dict[str, Any]:
        """What of it may be given away as it is: the other clients of a list stay unnamed, and words are left out."""
        return {
            "at": self.at.isoformat(),
            "position": self.position,
            "kind": self.kind,
            "name": self.name,
            "issuer": self.issuer,
            "subject": self.subject,
            "role": self.role,
            "via": self.via,
            "doing": self.doing,
            "purpose": self.purpose,
            "broken_glass": self.broken,
            "in_a_list": self.in_a_list,
            "outcome": self.outcome,
            "refused": self.refused,
            "asked": self.question,
        }


def encode(access: Access, cipher_of: CipherOf) -> bytes:
    """The state of an entry. Words about a client without a key are left out, never kept in clear."""
    who = access.who
    state: dict[str, Any] = {
        "i": access.entry_id,
        "r": (access.at - _EPOCH) // timedelta(microseconds=1),
        "w": who.name,
        "o": who.role,
        "v": who.via,
        "m": who.doing,
        "p": who.why,
    }
    if who.issuer:
        state["u"] = who.issuer
    if who.subject:
        state["y"] = who.subject
    if access.clients:
        state["n"] = access.clients
    if access.request:
        state["q"] = UUID(access.request).hex
    if access.broken:
        state["g"] = True
    if access.refused:
        state["e"] = access.refused
    if access.about:
        state["b"] = access.about
    if question := access.asked:
        state["a"] = question
    cipher = cipher_of(access.clients[0]) if access.words and len(access.clients) == 1 else None
    if cipher is not None:
        sealed = cipher.seal(orjson.dumps(access.words), access.entry_id.encode())
        state["x"] = base64.b64encode(sealed).decode()
    return orjson.dumps(state)


def decode(row: LogRow, cipher_of: CipherOf | None = None) -> Accessed:
    """An entry of a stored row; with ``cipher_of`` its words are opened, unless the client's key is gone."""
    state: dict[str, Any] = orjson.loads(row.state)
    clients: tuple[str, ...] = tuple(state.get("n", ()))
    return Accessed(
        position=row.position,
        kind=row.topic.partition(".")[0],
        entry_id=state["i"],
        at=_EPOCH + timedelta(microseconds=state["r"]),
        name=state["w"],
        role=state["o"],
        via=state["v"],
        doing=state["m"],
        purpose=state["p"],
        clients=clients,
        broken=state.get("g", False),
        request=state.get("q", ""),
        words=_words(state, clients, cipher_of),
        about=state.get("b", ""),
        refused=state.get("e", ""),
        issuer=state.get("u", ""),
        subject=state.get("y", ""),
        asked=state.get("a", {}),
    )


def _words(state: dict[str, Any], clients: tuple[str, ...], cipher_of: CipherOf | None) -> dict[str, str] | None:
    if "x" not in state:
        return {}
    cipher = cipher_of(clients[0]) if cipher_of is not None else None
    if cipher is None:
        return None
    try:
        return orjson.loads(cipher.open(base64.b64decode(state["x"]), state["i"].encode()))
    except MasterKeyError:
        return None
