"""Views written to a folder: when they are due, once, private, whole or not at all, and again after a failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.people import Person
from infra.access_log.entries import Access
from infra.bootstrap import Services, open_services
from infra.identity.people import Principal
from infra.settings import Settings
from infra.views import folder
from infra.views.folder import AGAIN, WRITING, Writer, file_name, writing_views
from infra.views.papers import Paper, Timing, timing_of
from infra.views.scheduled import scheduled, stop
from infra.views.table import NoSuchViewError
from infra.views.view import View, ViewError

ONE = Person("Ada", "demo", "one")
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday


class Hands:
    """The clock that tests move."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


class Hand:
    """Makes what stands for a PDF, and counts how often; ``fails`` with an error."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self.fails: Exception | None = None

    def __call__(self, view: View, language: str, due: date) -> bytes:
        if self.fails:
            raise self.fails
        self.made.append((view.name, language))
        return b"%PDF " + view.name.encode()


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def services(tmp_path: Path, hands: Hands) -> Iterator[Services]:
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{tmp_path}/log.db"),
        master_key=SecretStr("ab" * 32),
        view_folder=tmp_path / "house" / "reports",
    )
    found = open_services(settings, hands)
    yield found
    found.close()


def reads(role: str) -> bool:
    return role != "intake"


def heard_of(services: Services, role: str) -> None:
    who = Principal(ONE.name, role, issuer=ONE.issuer, subject=ONE.subject)  # type: ignore[arg-type]
    services.people.log.record([Access("SignedIn", who, services.now())])


def scheduled_view(services: Services, timing: Timing, name: str = "Board") -> View:
    view = services.views.save(ONE, name, "completion", {"by": "level", "period": "last_month"}, shared=False)
    services.papers.put(view.id, timing, services.today())
    return view


def turn(services: Services, hand: Hand) -> bool:
    begun = Writer(services, hand, reads).turn()
    services.jobs.wait()
    return begun


def files(services: Services) -> list[str]:
    folder = services.settings.view_folder
    assert folder is not None
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize(
    ("timing", "today", "day"),
    [
        (Timing("daily", 0), date(2026, 3, 2), date(2026, 3, 2)),
        (Timing("weekly", 1), date(2026, 3, 2), date(2026, 3, 2)),
        (Timing("weekly", 7), date(2026, 3, 2), date(2026, 3, 1)),
        (Timing("weekly", 2), date(2026, 3, 2), date(2026, 2, 24)),
        (Timing("monthly", 2), date(2026, 3, 2), date(2026, 3, 2)),
        (Timing("monthly", 28), date(2026, 3, 2), date(2026, 2, 28)),
        (Timing("monthly", 5), date(2026, 1, 4), date(2025, 12, 5)),
    ],
)
def test_the_last_day_on_which_it_was_due(timing: Timing, today: date, day: date) -> None:
    assert timing.due(today) == day


def test_nothing_is_due_before_it_was_scheduled_or_twice() -> None:
    since = date(2026, 3, 2)
    weekly = Paper("v", Timing("weekly", 1), since)
    assert weekly.due(since) == since
    assert Paper("v", Timing("weekly", 7), since).due(since) is None
    assert Paper("v", weekly.timing, since, since).due(since + timedelta(days=6)) is None
    assert Paper("v", weekly.timing, since, since).due(since + timedelta(days=30)) == date(2026, 3, 30)


@pytest.mark.parametrize(("every", "on"), [("hourly", 1), ("weekly", 0), ("weekly", 8), ("monthly", 29)])
def test_there_is_no_such_day(every: str, on: int) -> None:
    with pytest.raises(ViewError):
        timing_of(every, on, "en")


def test_a_due_view_is_written_once_for_its_owner_alone(services: Services, hand: Hand, hands: Hands) -> None:
    view = scheduled_view(services, Timing("daily", 0, "es"))
    assert [turn(services, hand) for _ in range(2)] == [True, False]
    assert hand.made == [("Board", "es")]
    [name] = files(services)
    assert name == file_name(view, date(2026, 3, 2)) == f"completion-{view.id[:8]}-2026-03-02.pdf"
    assert "Board" not in name and "Ada" not in name
    folder = services.settings.view_folder
    assert folder is not None
    assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    hands.now += timedelta(days=3)
    turn(services, hand)
    assert files(services) == [name, file_name(view, date(2026, 3, 5))]


def test_a_run_that_was_cut_off_writes_one_file(
    services: Services, hand: Hand, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off before the day was noted: the file stays as it is; cut off while it was written: it is written anew."""
    view = scheduled_view(services, Timing("daily", 0))
    folder = services.settings.view_folder
    assert folder is not None
    folder.mkdir(parents=True)
    (folder / f".{file_name(view, services.today())}.part").write_bytes(b"half")
    with monkeypatch.context() as patch:
        patch.setattr(type(services.papers), "mark", lambda *_: 1 / 0)
        turn(services, hand)
    assert files(services) == [file_name(view, services.today())]
    assert hand.made == [("Board", "en")]
    job = services.jobs.newest(WRITING)
    assert job is not None and job.state == "failed"
    hands.now += AGAIN
    assert [turn(services, hand) for _ in range(2)] == [True, False]
    assert hand.made == [("Board", "en")]


def test_after_a_failure_it_is_tried_again_in_an_hour(services: Services, hand: Hand, hands: Hands) -> None:
    scheduled_view(services, Timing("daily", 0), "Somebody's name")
    hand.fails = PermissionError("/somewhere/Somebody's name")
    assert [turn(services, hand) for _ in range(2)] == [True, False]
    job = services.jobs.newest(WRITING)
    assert job is not None
    assert job.state == "failed"
    assert "PermissionError" in job.outcome["error"] and "CAREJOURNEY_VIEW_FOLDER" in job.outcome["error"]
    assert "Somebody" not in job.outcome["error"]
    assert files(services) == []
    hand.fails = None
    hands.now += AGAIN
    assert turn(services, hand)
    assert len(files(services)) == 1


def test_one_that_fails_keeps_none_of_the_others(services: Services, hand: Hand) -> None:
    scheduled_view(services, Timing("daily", 0))
    broken = scheduled_view(services, Timing("daily", 0), "Broken")

    def make(view: View, language: str, due: date) -> bytes:
        return b"" if view.id != broken.id else bytes(1 // 0)

    Writer(services, make, reads).turn()
    services.jobs.wait()
    assert len(files(services)) == 1


def test_two_processes_write_one_file(services: Services, hand: Hand) -> None:
    scheduled_view(services, Timing("daily", 0))
    other = open_services(services.settings, services.clock)
    try:
        for one in (services, other):
            Writer(one, hand, reads).turn()
        for one in (services, other):
            one.jobs.wait()
    finally:
        other.close()
    assert len(hand.made) == 1
    assert len(files(services)) == 1


def test_what_is_written_is_a_question_in_the_access_log(services: Services, hand: Hand) -> None:
    view = scheduled_view(services, Timing("daily", 0))
    turn(services, hand)
    [entry] = [entry for entry in services.people.log.every() if entry.kind == "NumbersAsked"]
    assert (entry.name, entry.role, entry.asked["report"], entry.asked["view"]) == (
        "schedule",
        "system",
        "completion",
        view.id,
    )


def test_a_deleted_view_or_one_without_a_schedule_is_not_written(services: Services, hand: Hand) -> None:
    gone, kept = (scheduled_view(services, Timing("daily", 0), name) for name in ("Gone", "Kept"))
    services.views.delete(ONE, gone.id)
    services.papers.remove(kept.id)
    assert not turn(services, hand)
    services.views.restore(ONE, gone.id)
    assert turn(services, hand)
    assert hand.made == [("Gone", "en")]


def test_without_a_folder_nothing_is_written(services: Services, hand: Hand) -> None:
    scheduled_view(services, Timing("daily", 0))
    services.settings.view_folder = None
    assert not turn(services, hand)


def test_an_altered_schedule_is_none(services: Services, hand: Hand) -> None:
    scheduled_view(services, Timing("monthly", 28))
    with services.people.log.recorder.writing() as tx:
        tx.many("UPDATE view_paper SET every='daily'", [()])
    assert not turn(services, hand)


def test_a_server_writes_until_it_stops(services: Services, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled_view(services, Timing("daily", 0))
    monkeypatch.setattr(folder, "EVERY_SECONDS", 0.0)
    with writing_views(services, hand, reads):
        pass
    services.jobs.wait()
    assert len(files(services)) == 1


def test_a_timing_that_is_changed_while_it_is_written_stays_changed(services: Services, hand: Hand) -> None:
    view = scheduled_view(services, Timing("daily", 0))

    def make(found: View, language: str, due: date) -> bytes:
        services.papers.put(view.id, Timing("monthly", 5, "es"), services.today())
        return hand(found, language, due)

    Writer(services, make, reads).turn()
    services.jobs.wait()
    kept = services.papers.every()[view.id]
    assert (kept.timing, kept.written) == (Timing("monthly", 5, "es"), services.today())


def test_a_day_that_is_made_up_for_later_is_seen_from_that_day(services: Services, hands: Hands) -> None:
    """Due on the last day that counts for February, written in March: last month is January."""
    hands.now = datetime(2026, 2, 27, 12, tzinfo=UTC)
    view = scheduled_view(services, Timing("monthly", 28))
    hands.now = datetime(2026, 3, 1, 0, 5, tzinfo=UTC)
    days: list[date] = []

    def make(_: View, __: str, due: date) -> bytes:
        days.append(due)
        return b"%PDF"

    Writer(services, make, reads).turn()
    services.jobs.wait()
    assert (days, files(services)) == ([date(2026, 2, 28)], [file_name(view, date(2026, 2, 28))])
    [asked] = [one.asked for one in services.people.log.every(opened=True) if one.kind == "NumbersAsked"]
    assert (asked["from"], asked["to"]) == ("2026-01-01", "2026-01-31")


def test_a_schedule_rests_while_its_owners_role_reads_no_reports(services: Services, hand: Hand, hands: Hands) -> None:
    view = scheduled_view(services, Timing("daily", 0))
    heard_of(services, "analyst")
    assert turn(services, hand)
    hands.now += timedelta(days=1)
    heard_of(services, "intake")
    assert [(one.role, one.rests) for one in scheduled(services, reads)] == [("intake", True)]
    assert not turn(services, hand)
    assert len(files(services)) == 1
    hands.now += timedelta(days=2)
    heard_of(services, "clinician")
    assert turn(services, hand)
    assert files(services)[1:] == [file_name(view, date(2026, 3, 5))], "the latest day alone is made up for"


def test_an_owner_of_whom_nothing_is_on_record_keeps_the_schedule(services: Services, hand: Hand) -> None:
    scheduled_view(services, Timing("daily", 0))
    assert [(one.role, one.rests) for one in scheduled(services, reads)] == [("", False)]
    assert turn(services, hand)


def test_anybodys_schedule_is_stopped_and_that_is_on_record(services: Services, hand: Hand) -> None:
    view = scheduled_view(services, Timing("daily", 0))
    admin = Principal("an admin", "admin", issuer="demo", subject="admin")
    stop(services, admin, view.id)
    assert scheduled(services, reads) == []
    assert not turn(services, hand)
    assert [(one.name, one.asked) for one in services.people.log.every() if one.kind == "ScheduleStopped"] == [
        ("an admin", {"view": view.id})
    ]
    assert services.views.of(ONE) == [view]
    with pytest.raises(NoSuchViewError):
        stop(services, admin, view.id)
