"""``python -m tests.infra.interop.importers.fhir_histories``: random histories of plain texts, pickled to standard output."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from hypothesis import HealthCheck, Phase, given, seed, settings

from domain.events import CoverageVerified, Event, InstrumentScored
from infra.interop.fhir.coding import readable
from tests.depth import cases
from tests.histories import CLINICAL, histories
from tests.spec import Fact

HISTORIES, SEED = cases(80, 1_000), 17


def texts(value: Any) -> Iterator[str]:
    """Every text in a payload."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in texts(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in texts(part))


def is_plain(event: Event) -> bool:
    """Whether its texts are such as FHIR allows, without control characters and stray spaces, and its days in order."""
    if isinstance(event, CoverageVerified) and (event.authorized_to or date.max) < (event.authorized_from or date.min):
        return False
    return all(text == " ".join(text.split()) == readable(text) for text in texts(event.model_dump(mode="json")))


def generated() -> list[list[Fact]]:
    """Random histories of plain texts: any payload that a type allows, in any order of clinical times."""
    found: list[list[Fact]] = []

    @seed(SEED)
    @settings(
        max_examples=HISTORIES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(histories(kinds=CLINICAL))
    def collect(facts: list[Fact]) -> None:
        found.append([fact for fact in facts if is_plain(fact.event)])

    collect()
    # what chance need not meet: items of a score that have no names
    scored = InstrumentScored(instrument="phq9", score=3, items=(1.0, None, 2.0))
    return [*found, [Fact(scored, datetime(2026, 3, 1, 9, tzinfo=UTC), uuid5(NAMESPACE_OID, "items").hex, "items")]]


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(generated()))
