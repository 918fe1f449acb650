"""A writer that is paused within its append keeps nobody out, and writes nothing of it when it wakes."""

from __future__ import annotations

import psycopg
import pytest

from infra.eventstore.log import Append, EventLog
from infra.eventstore.setup import open_log
from tests.day import UTC_DAYS
from tests.depth import by_night
from tests.infra.postgres.pausing import CHART, a_note, asleep
from tests.spec import KEY, NOW

PAUSING = "tests.infra.postgres.pausing"
NIGHTLY = ("after_its_questions", "within_a_copy")


def opened(url: str) -> EventLog:
    return open_log(url, KEY, UTC_DAYS, lambda: NOW)


@pytest.mark.parametrize("where", ["before_its_commit", "within_an_import", *map(by_night, NIGHTLY)])
def test_others_write_on_and_the_sleeper_is_refused(postgres_url: str, where: str) -> None:
    log = opened(postgres_url)
    log.append(Append(CHART, [a_note("first")]))
    with asleep(PAUSING, where, postgres_url) as sleeper:
        assert log.append(Append(CHART, [a_note("meanwhile")])).sequence == 2
        said = sleeper.goes_on()
    # A batch of a file says nothing of what it expects: soon enough it is tried again, from its questions on.
    again = said == "recorded" and where == "within_an_import"
    assert again or said in {"unavailable", "StaleSequenceError"}
    assert [row.sequence for row in log.recorder.page(0, 1_000)] == ([1, 2, 3] if again else [1, 2])
    assert log.recorder.query("SELECT count(*) FROM event_index")[0][0] == (3 if again else 2)
    log.close()


def test_what_ends_a_paused_session_is_set(postgres_url: str) -> None:
    log = opened(postgres_url)
    names = ("idle_in_transaction_session_timeout", "tcp_keepalives_idle", "tcp_keepalives_interval")
    limits = {name: log.recorder.query(f"SHOW {name}")[0][0] for name in names}
    assert limits == {
        "idle_in_transaction_session_timeout": "10s",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
    }
    log.close()


def test_the_limit_alone_ends_a_writer_that_waits_for_nothing(postgres_url: str) -> None:
    """As where its login is another one than that of who waits: with a Sync after its questions it counts as idle."""
    log = opened(postgres_url)
    log.append(Append(CHART, [a_note("first")]))
    log.close()
    with asleep(PAUSING, "after_its_questions", postgres_url), psycopg.connect(postgres_url) as onlooker:
        held = "SELECT state FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE mode = 'ExclusiveLock' "
        held += "AND relation = 'carejourney_events'::regclass"
        assert onlooker.execute(held).fetchall() == [("idle in transaction",)]
