"""The tables beside the access log, in its database: which client an entry is about, open glass, web sessions."""

from __future__ import annotations

from infra.eventstore.rows import LogRecorder
from infra.migrations.steps import ACCESS


def create_tables(recorder: LogRecorder) -> None:
    """Bring them to the version of this release; processes that start together take turns.

    Raises:
        MigrationError: steps are missing and this login may not take them, or the database is of a newer release.
    """
    recorder.migrate(ACCESS)
