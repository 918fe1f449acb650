"""Publish: make the tables, attack them, sign them, keep them. And prove afterwards that nothing was altered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from domain.entries import microseconds
from infra.access_log.context import HasPeople
from infra.access_log.entries import Access
from infra.identity.people import Principal
from infra.integrity.seal_setup import own_key, seals_of
from infra.integrity.signing_key import is_signed
from infra.publications import reporting_sql as reporting
from infra.publications.basis import Basis, together
from infra.publications.maker import Draft, Progress, draft, frame_of
from infra.publications.plan import Plan, load_plan
from infra.publications.store import NO_PUBLICATION, PURPOSE, Publication, PublicationError, Publications
from projections.disclosure.system import INFINITE, CannotProtectError, Cell, NoSolutionError, System
from projections.publications.periods import period

if TYPE_CHECKING:
    from projections.disclosure.attack import Attack

KIND = "TablesPublished"


def publications_of(services: HasPeople) -> Publications:
    """The publications of the log, read anew: what proves that nothing was altered believes no memory.

    Raises:
        MigrationError: their table is missing and this login may not make it.
    """
    return Publications.opened(services.log.recorder, services.log.derived_key(PURPOSE))


def plan_of(services: HasPeople) -> Plan:
    """The plan that the settings name, or the default.

    Raises:
        PlanError: the plan is refused; the message says why.
    """
    return load_plan(services.settings.publication_plan_file)


def preview(services: HasPeople, plan: Plan, progress: Progress | None = None) -> Draft:
    """What would be published now. Nothing is kept.

    Raises:
        PublicationError: what was published before gives small groups away.
    """
    earlier = _earlier(publications_of(services))
    return _drafted(services, plan, earlier, progress)


def publish(services: HasPeople, plan: Plan, who: Principal, progress: Progress | None = None) -> Publication:
    """Publish every closed period that was not published yet; the access log has it before it can be read.

    Raises:
        PublicationError: no period was closed since the last one, or the attack finds somebody: the message names
            the numbers.
        SigningKeyError: the signing key is missing, or another one signs here.
    """
    key = own_key(services)  # nobody waits for numbers that cannot be signed
    kept = publications_of(services)
    before = kept.all()
    position = services.projector.reached()
    made = _drafted(services, plan, _earlier(kept), progress)
    if made.broken:
        raise PublicationError(f"the attack narrows {len(made.broken)} numbers too far: {_named(made.broken)}")
    if not made.tables:
        raise PublicationError("nothing to publish: no period was closed, or every group is too small to be shown")
    number = len(before) + 1
    basis = kept.sealed(number, made.basis)
    moment = services.now()
    content = {
        "number": number,
        "title": plan.title,
        "made_at": moment.isoformat(),
        "day": services.day_of(moment).isoformat(),
        "entry": position,
        "plan": plan.model_dump(mode="json"),
        "changed": _changed(kept, made),
        "left_out": made.left_out,
        "numbers": made.numbers,
        "shown": made.shown,
        "tables": made.tables,
        "basis": sha256(basis).hexdigest(),
    }
    raw = orjson.dumps(content)
    unsigned = Publication(
        number,
        microseconds(moment),
        position,
        sha256(raw).hexdigest(),
        before[-1].digest if before else NO_PUBLICATION,
        key.key_id,
    )
    publication = replace(unsigned, signature=key.sign(unsigned.statement()))
    details = {"publication": str(number)}
    services.people.log.record([Access(KIND, who, moment, about=publication.digest, asked=details)])
    kept.add(publication, raw, basis)
    reporting.follow(services)
    return publication


def _drafted(services: HasPeople, plan: Plan, earlier: Basis, progress: Progress | None) -> Draft:
    try:
        with services.reads.reading() as connection:
            return draft(connection, plan, earlier, services.today(), progress)
    except CannotProtectError as error:
        msg = f"earlier publications give small groups away, whatever is withheld now: {_named(error.cells)}"
        raise PublicationError(msg) from None
    except NoSolutionError:
        raise PublicationError("earlier publications contradict each other: see `publication verify`") from None


def _earlier(kept: Publications) -> Basis:
    return together(kept.basis(publication.number) for publication in kept.all())


def _changed(kept: Publications, made: Draft) -> list[str]:
    """The reports whose definition is another one than when they were last published."""
    before: dict[str, str] = {}
    for publication in kept.all():
        before.update({table["report"]: table["definition"] for table in kept.content(publication.number)["tables"]})
    now = {table["report"]: table["definition"] for table in made.tables}
    return [report for report, text in now.items() if before.get(report, text) != text]


def _named(cells: Iterable[Cell]) -> str:
    names = [f"{c.family} {c.margin}={'+'.join(c.values)} {'+'.join(c.outcomes)}" for c in cells]
    return "; ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a publication; ``number`` 0 is all of them together."""

    number: int
    problem: str


def verify(services: HasPeople) -> list[Finding]:
    """Look at every publication: chain, digest, signature, its entry in the access log, its numbers; then attack all.

    An empty answer says that nothing was altered and that nobody is found by everything that was ever published.
    """
    kept = publications_of(services)
    recorded = {entry.about for entry in services.people.log.every() if entry.kind == KIND}
    keys = {key.key_id: key.public_key for key in seals_of(services).public_keys()}
    findings: list[Finding] = []
    previous = NO_PUBLICATION
    for number, publication in enumerate(kept.all(), start=1):
        problems = [*_problems(kept, publication, previous, recorded, keys)]
        if publication.number != number:
            problems.append(f"publication {number} is missing")
        findings += [Finding(publication.number, problem) for problem in problems]
        previous = publication.digest
    if not findings and kept.all():
        findings += [Finding(0, problem) for problem in _attacked(kept)]
    return findings


def _problems(
    kept: Publications, publication: Publication, previous: str, recorded: set[str], keys: dict[str, str]
) -> Iterator[str]:
    if publication.previous != previous:
        yield "it does not name the publication before it"
    if not is_signed(publication.statement(), publication.signature, keys.get(publication.key_id, "")):
        yield "its signature is not that of this log's key"
    if publication.digest not in recorded:
        yield "the access log does not know it"
    try:
        content, basis = kept.content(publication.number), kept.basis(publication.number)
    except PublicationError as error:
        yield str(error)
        return
    shown = sum(table["shown"] for table in content["tables"])
    if shown < len(basis.shown):
        yield "its tables do not show what it was made of"


def attack(services: HasPeople) -> list[dict[str, Any]]:
    """What everything ever published leaves open of each withheld number: its least and its most, None without end.

    Raises:
        PublicationError: the shown numbers contradict each other.
    """
    basis = _earlier(publications_of(services))
    reader = _reader(basis)
    rows: list[dict[str, Any]] = []
    try:
        for cell in basis.withheld:
            bounds = reader.range(cell)
            rows.append(
                {
                    "family": cell.family,
                    "by": cell.margin,
                    "values": list(cell.values),
                    "months": [period("month", month).name for month in cell.months],
                    "outcomes": list(cell.outcomes),
                    "least": round(bounds.low, 6),
                    "most": None if bounds.high == INFINITE else round(bounds.high, 6),
                }
            )
    except NoSolutionError:
        raise PublicationError("the shown numbers contradict each other: see `publication verify`") from None
    return rows


def _reader(basis: Basis) -> Attack:
    """Somebody who has everything that was published."""
    from projections.disclosure.attack import Attack  # the solver loads when it is needed

    return Attack(System(frame_of(basis, {cell.margin for cell in basis.shown})), basis.seen)


def _attacked(kept: Publications) -> Iterator[str]:
    basis = _earlier(kept)
    try:
        broken = _reader(basis).broken(basis.withheld)
    except NoSolutionError:
        yield "the shown numbers contradict each other"
        return
    for cell, bounds in broken.items():
        yield f"{_named([cell])} is between {bounds.low:g} and {bounds.high:g}"


def listed(kept: Publications) -> list[dict[str, Any]]:
    """Every publication as a row, newest first."""
    rows: list[dict[str, Any]] = []
    for publication in reversed(kept.all()):
        content = kept.content(publication.number)
        rows.append(
            {
                "number": publication.number,
                "title": content["title"],
                "made_at": content["made_at"],
                "entry": publication.position,
                "tables": len(content["tables"]),
                "numbers": content["numbers"],
                "shown": content["shown"],
                "digest": publication.digest,
                "signature": publication.signature,
                "key_id": publication.key_id,
            }
        )
    return rows
