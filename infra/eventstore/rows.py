"""Raw rows of the log, and the protocol of the transaction that writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

from infra.eventstore.hash_links import SequenceTakenError as SequenceTakenError
from infra.migrations.model import Component

Result = TypeVar("Result")
Question = tuple[str, Sequence[Any]]


class MayNotWriteError(Exception):
    """This login may read the log and not write to it."""


ROWS_AT_ONCE = 20_000


class LogRow(NamedTuple):
    """One row of the log. ``client_id`` is 32 hex digits, ``topic`` is ``Type.version``."""

    position: int
    client_id: str
    sequence: int
    topic: str
    state: bytes


class Writing(Protocol):
    """One write transaction: it holds the log's write lock from its start to its commit."""

    @property
    def events_table(self) -> str:
        """The events table's name, qualified where it has to be."""
        ...

    @property
    def position_column(self) -> str:
        """The events table's column of positions."""
        ...

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query; placeholders are ``?`` on every store."""
        ...

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each row."""
        ...

    def ahead(self, questions: Iterable[Question], client_ids: Sequence[str], entries: int) -> None:
        """Send questions that ``rows`` and ``last`` are about to ask, so that they travel together.

        ``entries`` are to follow, unless the answers say otherwise: their positions may be set aside.
        """
        ...

    def last(self, client_ids: Sequence[str]) -> dict[str, int]:
        """The last sequence of each stream that has entries."""
        ...

    def insert(self, rows: Sequence[tuple[str, int, str, bytes]]) -> list[int]:
        """Insert (client_id, sequence, topic, state), linked; the answer is their positions, in that order.

        Raises:
            SequenceTakenError: a sequence of a client is taken already.
        """
        ...


class LogRecorder(Protocol):
    """What the log needs of a recorder: one conformance suite tests each.

    ``code_key`` makes the codes of new entries; empty while there is no master key.
    """

    code_key: bytes

    def writing(self) -> AbstractContextManager[Writing]:
        """Begin a write transaction; it commits when the block ends without an error."""
        ...

    def commit(self, work: Callable[[Writing], Result]) -> Result:
        """Do work in a write transaction, where the store can in one with that of others who wait; it is durable then.

        Raises:
            Exception: the work's own, or the store's; nothing of the work was written.
        """
        ...

    def migrate(self, component: Component) -> None:
        """Bring tables beside the log to the version of this release.

        Raises:
            MigrationError: this login may not, or the database is of a newer release.
        """
        ...

    def retrying(self, work: Callable[[], Result]) -> Result:
        """Do work that may be done twice without harm, again when the connection is lost on the way."""
        ...

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a read; placeholders are ``?``."""
        ...

    def batches(self, sql: str, params: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Run a read whose answer need not fit into memory: ``ROWS_AT_ONCE`` of it at a time, none twice."""
        ...

    def page(self, after: int, limit: int) -> list[LogRow]:
        """The rows after a position, in order of position, at most ``limit``."""
        ...

    def at(self, positions: Sequence[int]) -> list[LogRow]:
        """The rows at these positions, in order of position; where there is none, none."""
        ...

    def touched(self, after: int, limit: int) -> list[tuple[int, str, int]]:
        """(position, client_id, sequence) after a position, in order, at most ``limit``."""
        ...

    def clients_since(self, after: int) -> int:
        """How many clients have rows after a position."""
        ...

    def streams(self, client_ids: Sequence[str], until: int | None = None) -> list[LogRow]:
        """The streams of these clients, whole or up to a position, ordered by client and sequence."""
        ...

    def head(self) -> int:
        """The position of the last committed row; 0 for an empty log."""
        ...

    def keep(self, megabytes: int) -> None:
        """Keep at most so much of the log's file in memory from now on: much for a long write, little after it."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
