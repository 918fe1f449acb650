"""``carejourney publication …``: what leaves the house, planned, tried, made, read and verified."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.context import catch_up, explained, opened, progress, say
from api.cli.output import Format, counted, show
from infra.bootstrap import Services
from infra.identity.people import operator
from infra.publications import publisher, reporting_sql as reporting
from infra.publications.plan import Plan, load_plan, plan_text
from infra.publications.rows import CELL_COLUMNS, LIST_COLUMNS, TABLE_COLUMNS, row_columns, table_rows

app = typer.Typer(no_args_is_help=True, help="Publications: decided tables that leave the house, protected together.")
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="A plan of your own (TOML); default: CAREJOURNEY_PUBLICATION_PLAN_FILE")
]
Form = Annotated[Format, typer.Option("--format")]


def _plan(services: Services, file: Path | None) -> Plan:
    return load_plan(file) if file is not None else publisher.plan_of(services)


@app.command("plan")
def show_plan(file: PlanFile = None) -> None:
    """Print the plan as TOML, to begin one's own with; a wrong one is refused with its field.

    Example: carejourney publication plan > plan.toml
    """
    with explained(), opened(keyless=True) as services:
        typer.echo(plan_text(_plan(services, file)), nl=False)


@app.command()
def preview(file: PlanFile = None, form: Form = Format.table) -> None:
    """What would be published now: its tables, how many numbers each shows, and which are left out. Keeps nothing.

    Example: carejourney publication preview
    """
    with explained(), opened() as services:
        catch_up(services)
        with progress("Protecting small groups", 1) as bar:
            made = publisher.preview(services, _plan(services, file), lambda _, done, of: bar.at(done, of))
        show(table_rows(made.tables), form, TABLE_COLUMNS, "Would be published")
        if made.left_out:
            say(f"Left out, since groups are too small: {', '.join(made.left_out)}")
        if made.broken:
            say(f"The attack finds {counted(len(made.broken), 'number', 'numbers')}: this would be refused.")
            raise typer.Exit(1)


@app.command()
def publish(file: PlanFile = None) -> None:
    """Publish every closed period that was not published yet, signed, for good. Refused if anybody could be found.

    Example: carejourney publication publish
    """
    with explained(), opened() as services:
        catch_up(services)
        plan, who = _plan(services, file), operator("publication publish")
        with progress("Protecting small groups", 1) as bar:
            made = publisher.publish(services, plan, who, lambda _, done, of: bar.at(done, of))
        content = publisher.publications_of(services).content(made.number)
        typer.echo(
            f"Publication {made.number}: {counted(len(content['tables']), 'table', 'tables')}, {content['shown']:,} of "
            f"{counted(content['numbers'], 'number', 'numbers')} shown, up to entry {made.position:,}."
        )


@app.command("refresh-sql")
def refresh_sql() -> None:
    """Write to the schema `reporting` of PostgreSQL what it does not have yet, as after a restore.

    Publishing does that itself; so do `serve` and `project run` when they start.
    Example: carejourney publication refresh-sql
    """
    with explained(), opened(keyless=True) as services:
        if services.reads.is_sqlite:
            say("There is no schema for an embedded store: it is for read models on PostgreSQL.")
            raise typer.Exit(1)
        added = reporting.refresh(services.log.recorder, services.reads)
        say(f"Publications added to the schema reporting: {added}.")


@app.command("list")
def list_all(form: Form = Format.table) -> None:
    """Every publication, the newest first.

    Example: carejourney publication list
    """
    with explained(), opened() as services:
        show(publisher.listed(publisher.publications_of(services)), form, LIST_COLUMNS, "Publications")


@app.command("show")
def show_one(
    number: Annotated[int, typer.Argument(help="Which publication, as `publication list` says")],
    table: Annotated[str, typer.Argument(help="Which of its tables; none lists them")] = "",
    form: Form = Format.table,
) -> None:
    """What was published: the tables of a publication, or the rows of one. A withheld number is empty (null).

    Example: carejourney publication show 1 completion-by-site-quarter
    """
    with explained(), opened() as services:
        kept = publisher.publications_of(services)
        if not table:
            show(table_rows(kept.content(number)["tables"]), form, TABLE_COLUMNS, f"Publication {number}")
            return
        content = kept.table(number, table)
        show(content["rows"], form, row_columns(content), content["title"])


@app.command()
def verify(form: Form = Format.table) -> None:
    """Prove that no publication was altered, then attack all of them together; exit 1 on any finding.

    Example: carejourney publication verify
    """
    with explained(), opened() as services:
        findings = publisher.verify(services)
        rows: list[dict[str, Any]] = [
            {"publication": finding.number, "problem": finding.problem} for finding in findings
        ]
        if rows or form is not Format.table:
            show(rows, form, ("publication", "problem"), "Findings")
        if rows:
            raise typer.Exit(1)
        if form is Format.table:
            typer.echo("Nothing was altered, and the attack finds nobody.")


@app.command()
def attack(form: Form = Format.table) -> None:
    """What everything ever published leaves open of each withheld number: the least and the most that it can be.

    Example: carejourney publication attack --format csv
    """
    with explained(), opened() as services:
        show(publisher.attack(services), form, CELL_COLUMNS, "Withheld numbers")
