"""``carejourney audit verify``: nothing was altered, or what was, and where."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.cli.context import REFUSED, opened, progress, say
from api.cli.output import Format, show
from infra.audit.checking import verify as verify_all
from infra.audit.findings import Finding, LogReport, Report

_COLUMNS = ("log", "kind", "what", "position", "client_id", "sequence")


def verify(
    heads: Annotated[
        Path | None, typer.Option("--heads", help="Heads that were saved out of the operator's reach (NDJSON)")
    ] = None,
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """Compute every hash, link, code, tree and signature again; exit 1 on any difference, and name it.

    Example: carejourney audit verify --heads heads.ndjson
    """
    with opened(keyless=True) as services, progress("Verifying", services.log.head()) as bar:
        report = verify_all(services, heads, lambda done, total: bar.at(done, total, "entries"))
    _show(report, form)
    if report.findings:
        raise typer.Exit(REFUSED)


def _show(report: Report, form: Format) -> None:
    if form is Format.json:
        content = {"holds": not report.findings, **asdict(report)}
        typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    elif form is Format.csv:
        show([asdict(finding) for finding in report.findings], form, columns=_COLUMNS)
    else:
        _tell(report)


def _tell(report: Report) -> None:
    for notice in report.notices:
        say(f"Notice: {notice}.")
    if report.findings:
        show([_shown(finding) for finding in report.findings], Format.table, "Differences")
        say(f"{len(report.findings)} differences: the logs are not as they were recorded and sealed.")
        return
    for log in report.logs:
        typer.echo(_sentence(log))


def _sentence(log: LogReport) -> str:
    sealed = f"{log.sealed:,} of them under {log.heads:,} signed heads"
    return f"The log of {log.log} is unaltered: {log.entries:,} entries in {log.streams:,} streams, {sealed}."


def _shown(finding: Finding) -> dict[str, object]:
    """Only what is known of it, for the width of a terminal."""
    return {
        "log": finding.log,
        "kind": finding.kind,
        "position": finding.position or "",
        "client": finding.client_id,
        "what": finding.what,
    }
