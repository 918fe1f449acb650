"""Audit package of a client: entries, accesses and disclosures, with their proofs.

It is one archive that is checked offline by the script that it holds: each line of the history against a proof, each
proof against one signed head, each file against its sum. Making one is on record before it is handed over.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import IO, Any

import orjson

from infra.access_log.context import HasPeople
from infra.disclosure.consents import described
from infra.disclosure.disclosures import accesses, accounting, disclose
from infra.disclosure.record_guard import clients_of, open_seen
from infra.eventstore.client_chart import OpenedChart
from infra.eventstore.rows import LogRow
from infra.eventstore.unreadable import Unread
from infra.history.changes.history import any_row
from infra.identity.people import Principal
from infra.integrity.heads import Head
from infra.integrity.package_texts import readme
from infra.integrity.proofs import prove_each
from infra.integrity.seal_setup import SEALING_ERRORS, logs_of, seal, seals_of
from infra.integrity.seal_tables import NamedLog, Seals

FORMAT = "carejourney package 1"
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class PackageRequest:
    """For whom it is. Without a recipient it stays in the programme: a look at the chart, and no disclosure.

    ``since`` is a head that the reader saved: then it is proved too that the log only grew from it.
    """

    recipient: str = ""
    purpose: str = "audit"
    since: Head | None = None
    request: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """What a package holds: how many entries, and those of them that this release cannot read."""

    entries: int
    unread: Sequence[Unread]


@dataclass
class _Proofs:
    """The proofs by file name, under which head they are, and which entries have none yet, by stream."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    names: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    not_sealed: dict[str, list[int]] = field(default_factory=dict[str, "list[int]"])
    head: dict[str, Any] | None = None
    from_head: dict[str, Any] | None = None


def write_package(
    services: HasPeople, who: Principal, reference: str, target: IO[bytes], wanted: PackageRequest
) -> Packed:
    """Write the package of a chart, charts merged into it included.

    Raises:
        NoSuchChartError: nothing is recorded under the number.
        DisclosureRefusedError: no consent covers the recipient; that is recorded too.
        ProofError: the log does not come to what was sealed.
    """
    notice: Mapping[str, str] = {}
    if wanted.recipient:
        chart, decision = disclose(
            services,
            who,
            reference,
            recipient=wanted.recipient,
            purpose=wanted.purpose,
            what="audit package of the whole record",
            request=wanted.request,
        )
        notice = described(decision)
    else:
        chart = open_seen(services, who, reference, request=wanted.request)
    proofs = _proofs(services, chart, wanted.since)
    content = _content(services, chart, proofs, wanted, notice)
    content |= proofs.files
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(content.items()))
    made = services.now().timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*sorted(content.items()), ("SHA256SUMS", sums.encode())]:
            info = zipfile.ZipInfo(name, made)
            info.external_attr = _PRIVATE << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return Packed(len(chart.entries) + len(chart.unread), chart.unread)


def verifier() -> bytes:
    """The script that checks proofs, heads and packages without this program."""
    return files("infra.integrity").joinpath("verifier", "carejourney_verify.py").read_bytes()


def _content(
    services: HasPeople, chart: OpenedChart, proofs: _Proofs, wanted: PackageRequest, notice: Mapping[str, str]
) -> dict[str, bytes]:
    whole = sorted(
        (*chart.entries, *chart.unread), key=lambda entry: (not chart.owns(entry), entry.client_id, entry.sequence)
    )
    rows = [
        {"client_id": entry.client_id, **any_row(entry, chart), "proof": _proof_of(proofs, entry)} for entry in whole
    ]
    counts = {stream: sum(row["client_id"] == stream for row in rows) for stream in clients_of(chart)}
    about = {
        "format": FORMAT,
        "made_at": services.now().isoformat(timespec="seconds"),
        "recipient": wanted.recipient,
        "purpose": wanted.purpose,
        "entries": counts,
        "not_sealed": proofs.not_sealed,
        "unreadable": _unreadable(rows),
        "head": proofs.head,
        "from_head": proofs.from_head,
    }
    looks = [entry.as_row() | {"words": entry.words} for stream in counts for entry in accesses(services, stream)]
    left = [row.as_row() for stream in counts for row in accounting(services, stream)]
    contents = {
        "README.txt": readme(chart.reference, about, notice).encode(),
        "package.json": _json(about),
        "history.json": _json(rows),
        "accesses.json": _json(looks),
        "disclosures.json": _json(left),
        "carejourney_verify.py": verifier(),
    }
    return contents | ({"notice.json": _json(dict(notice))} if notice else {})


def _unreadable(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries that this release cannot read: their places, and their ids where they are known."""
    place = ("client_id", "sequence", "position", "event_id")
    return [{name: row[name] for name in place} for row in rows if row["effect"] == "unreadable"]


def _proof_of(proofs: _Proofs, entry: Any) -> str | None:
    return proofs.names.get((entry.client_id, entry.sequence))


def _proofs(services: HasPeople, chart: OpenedChart, since: Head | None) -> _Proofs:
    """Prove every stored entry of the chart; what is not sealed is sealed first, where that can be done."""
    care, seals = logs_of(services)[0], seals_of(services)
    rows = sorted(services.log.recorder.streams(clients_of(chart)), key=lambda row: row.position)
    known = {(entry.client_id, entry.sequence) for entry in (*chart.entries, *chart.unread)}
    rows = [row for row in rows if (row.client_id, row.sequence) in known]
    _seal(services, care, seals, rows)
    last = seals.last(care.name)
    proofs = _Proofs()
    sealed = [row for row in rows if last is not None and row.position <= last.position]
    for row in rows[len(sealed) :]:
        proofs.not_sealed.setdefault(row.client_id, []).append(row.sequence)
    for row, proof in _proved(care, seals, sealed, since):
        name = f"proofs/{row.client_id}-{row.sequence:06d}.json"
        proofs.names[row.client_id, row.sequence] = name
        proofs.files[name] = orjson.dumps(proof, option=orjson.OPT_INDENT_2) + b"\n"
        proofs.head, proofs.from_head = proof["head"], proof.get("from_head")
    return proofs


def _proved(
    care: NamedLog, seals: Seals, rows: list[LogRow], since: Head | None
) -> Iterable[tuple[LogRow, dict[str, Any]]]:
    return zip(rows, prove_each(care, seals, rows, since), strict=True) if rows else ()


def _seal(services: HasPeople, care: NamedLog, seals: Seals, rows: list[LogRow]) -> None:
    last = seals.last(care.name)
    if last is not None and all(row.position <= last.position for row in rows):
        return
    try:
        seal(services)
    except SEALING_ERRORS:
        return  # the package says which entries have no proof yet


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
