"""``carejourney view …``: questions kept under a name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import orjson
import typer

from api.cli.context import catch_up, opened
from api.cli.names import in_names
from api.cli.output import Format, show
from api.http.access import reads_reports
from domain.entries import moment
from domain.people import Person
from infra.identity.people import operator
from infra.reporting.question import FILTERS
from infra.reporting.reports import REPORTS, columns_of, run_report
from infra.runtime.private_files import make_private
from infra.views.folder import not_written
from infra.views.papers import EVERY, timing_of
from infra.views.schedule import schedule_view
from infra.views.scheduled import scheduled, stop
from infra.views.view import PLACES, PinPlace, View, checked_name, checked_question
from projections.filters import FilterError
from projections.params import pairs_of

app = typer.Typer(no_args_is_help=True, help="Saved views: questions under a name; yours are the system user's.")

Id = Annotated[str, typer.Argument(help="The view's id: `view list` has it")]
Form = Annotated[Format, typer.Option("--format")]
_SCHEDULES = ("view", "report", "question", "owner", "every", "on", "written", "rests", "not_written")
_COLUMNS = ("view", "name", "report", "question", "shared", "owner", "pinned", "made_at")


@app.command("list")
def list_views(
    deleted: Annotated[bool, typer.Option("--deleted", help="Instead: those deleted in the last 30 days")] = False,
    form: Form = Format.table,
) -> None:
    """Your views and those that others share, by name.

    Example: carejourney view list --format json
    """
    with opened() as services:
        views = services.views.deleted(_me()) if deleted else services.views.of(_me())
        show([_row(views, form) for views in views], form, _COLUMNS, "Saved views")


@app.command()
def save(
    name: Annotated[str, typer.Argument(help="Its name; no place for a client's")],
    report: Annotated[str, typer.Argument(help=" | ".join(FILTERS))],
    where: Annotated[
        list[str] | None,
        typer.Option("--filter", help="A filter as pages have it in their address, as period=last_quarter; repeatable"),
    ] = None,
    shared: Annotated[bool, typer.Option("--shared", help="Everybody who may read reports may open it")] = False,
) -> None:
    """Keep a question under a name. A period in words is seen from the day on which the view is asked.

    Example: carejourney view save "Completion, last quarter" completion --filter by=site --filter period=last_quarter
    """
    with opened() as services:
        catch_up(services)
        question = checked_question(services, report, pairs_of(where, "--filter"))
        kept = services.views.save(_me(), checked_name(name), report, question, shared=shared)
        typer.echo(f"Saved as view {kept.id}.")


@app.command()
def answer(view: Id, form: Form = Format.table) -> None:
    """Print what a view says now.

    Example: carejourney view answer 5f0c… --format csv
    """
    with opened() as services:
        saved = services.views.find(_me(), view)
        catch_up(services)
        params = saved.params(services.today())
        rows = run_report(saved.report, services, params)
        rows = in_names(services, rows) if form is Format.table else rows
        show(rows, form, columns_of(saved.report, services, params), f"{REPORTS[saved.report].title}: {saved.name}")


@app.command()
def rename(view: Id, name: Annotated[str, typer.Argument(help="The new name")]) -> None:
    """Call a view of yours otherwise.

    Example: carejourney view rename 5f0c… "Completion by site"
    """
    with opened() as services:
        typer.echo(f"Now called {services.views.change(_me(), view, name=checked_name(name)).name}.")


@app.command()
def change(
    view: Id,
    where: Annotated[list[str], typer.Option("--filter", help="As `view save` takes it; repeatable")],
) -> None:
    """Have a view of yours ask otherwise: these filters take the place of all before.

    Example: carejourney view change 5f0c… --filter by=site --filter period=last_quarter
    """
    with opened() as services:
        saved = services.views.owned(_me(), view)
        catch_up(services)
        question = checked_question(services, saved.report, pairs_of(where, "--filter"))
        typer.echo(f"Changed: {services.views.change(_me(), view, question=question).name}.")


@app.command()
def share(view: Id, private: Annotated[bool, typer.Option("--private", help="Share it no longer")] = False) -> None:
    """Let everybody who may read reports open a view of yours.

    Example: carejourney view share 5f0c…
    """
    with opened() as services:
        services.views.change(_me(), view, shared=not private)
        typer.echo("It is yours alone." if private else "Shared with everybody who may read reports.")


@app.command()
def pin(
    view: Id, at: Annotated[list[str] | None, typer.Option("--at", help="reports, today; neither: nowhere")] = None
) -> None:
    """Keep a view in sight at a place, for yourself.

    Example: carejourney view pin 5f0c… --at reports
    """
    places = at or []
    with opened() as services:
        if not set(places) <= {*PLACES}:
            msg = f"--at: choose from {', '.join(PLACES)}"
            raise FilterError(msg)
        saved = services.views.pin(_me(), view, cast("list[PinPlace]", places))
        typer.echo(f"Pinned to {', '.join(sorted(saved.pinned)) or 'nothing'}.")


@app.command()
def pdf(view: Id, out: Annotated[Path, typer.Option(help="Where to; a file that is there stays as it is")]) -> None:
    """Write a view as it stands now to a file, as tagged PDF.

    Example: carejourney view pdf 5f0c… --out completion.pdf
    """
    from api.web.dashboards.paper import maker  # pages take a while to load

    with opened() as services:
        saved = services.views.find(_me(), view)
        catch_up(services)
        made = maker(services)(saved, "en", services.today())
        if out.exists():
            msg = f"--out {out}: there is a file already; choose another name"
            raise FilterError(msg)
        make_private(out).write_bytes(made)
        typer.echo(f"Written: {out}.")


@app.command()
def schedule(
    view: Id,
    every: Annotated[str, typer.Option(help=f"{', '.join(EVERY)}; empty: no more")] = "",
    on: Annotated[int, typer.Option(help="weekly: 1 (Monday) to 7; monthly: 1 to 28")] = 0,
    language: Annotated[str, typer.Option(help="en or es")] = "en",
) -> None:
    """Write a view of yours to CAREJOURNEY_VIEW_FOLDER as PDF, while `serve` or `project run` runs.

    Example: carejourney view schedule 5f0c… --every monthly --on 1
    """
    with opened() as services:
        schedule_view(services, operator("view"), view, timing_of(every, on, language) if every else None)
        typer.echo("Scheduled." if every else "It is written no more.")


@app.command()
def schedules(form: Form = Format.table) -> None:
    """Everybody's schedules: by report and question, since somebody typed the names; which rest, which are behind.

    Example: carejourney view schedules
    """
    with opened() as services:
        schedules = scheduled(services, reads_reports)
        late = not_written(services, [schedule.paper for schedule in schedules if not schedule.rests])
        rows = [
            {
                "view": schedule.view.id,
                "report": schedule.view.report,
                "question": dict(schedule.view.question) if form is Format.json else _packed(schedule.view),
                "owner": schedule.view.by,
                "every": schedule.paper.timing.every,
                "on": schedule.paper.timing.on,
                "written": schedule.paper.written.isoformat() if schedule.paper.written else "",
                "rests": schedule.rests,
                "not_written": late[schedule.view.id].isoformat() if schedule.view.id in late else "",
            }
            for schedule in schedules
        ]
        show(rows, form, _SCHEDULES, "Schedules of saved views")


@app.command("stop-schedule")
def stop_schedule(view: Id) -> None:
    """Stop the schedule of anybody's view; the view stays, and what was written too.

    Example: carejourney view stop-schedule 5f0c…
    """
    with opened() as services:
        stop(services, operator("view"), view)
        typer.echo("Stopped: it is written no more.")


@app.command()
def delete(view: Id) -> None:
    """Take a view of yours away; for 30 days `restore` brings it back.

    Example: carejourney view delete 5f0c…
    """
    with opened() as services:
        services.views.delete(_me(), view)
        typer.echo(f"Deleted. For 30 days `carejourney view restore {view}` brings it back.")


@app.command()
def restore(view: Id) -> None:
    """Bring a deleted view back as it was.

    Example: carejourney view restore 5f0c…
    """
    with opened() as services:
        typer.echo(f"Back: {services.views.restore(_me(), view).name}.")


def _me() -> Person:
    return operator("view").person


def _packed(view: View) -> str:
    return orjson.dumps(dict(view.question)).decode()


def _row(view: View, form: Format) -> dict[str, object]:
    return {
        "view": view.id,
        "name": view.name,
        "report": view.report,
        "question": dict(view.question) if form is Format.json else _packed(view),
        "shared": view.shared,
        "owner": view.by,
        "pinned": ",".join(sorted(view.pinned)),
        "made_at": moment(view.made).isoformat(),
    }
