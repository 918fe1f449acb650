"""What docs/postgresql.md shows is done in its order, by the logins that it makes."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import psycopg
from typer.testing import CliRunner

from api.cli.main import app
from tests.infra.postgres.conftest import MASTER
from tests.infra.postgres.servers import ROOT, Server, psql

PAGE = (ROOT / "docs" / "postgresql.md").read_text()


def blocks(kind: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return [content for its, content in found if its == kind]


def run(url: str, words: str) -> Any:
    env = {"CAREJOURNEY_DATABASE_URL": url, "CAREJOURNEY_MASTER_KEY": MASTER}
    done = CliRunner().invoke(app, words.split()[1:], env=env)
    assert done.exit_code == 0, done.output
    return done


def test_the_page_as_it_is_written(server: Server) -> None:
    name = server.database()
    logins, questions = blocks("sql")
    owner, worker = server.url(name), server.url(name, "care_worker", "secret-2")
    for line in (line.split("#")[0] for line in blocks("")[1].splitlines()):
        run(owner, line)
    migrate, roles = blocks("")[2].splitlines()
    run(owner, migrate)
    sql = run(owner, roles.partition("|")[0]).stdout
    applied = subprocess.run(
        ["psql", "-q", "-v", "ON_ERROR_STOP=1", server.admin(name)], input=sql, text=True, check=True
    )
    assert applied.returncode == 0
    with psycopg.connect(server.admin(name)) as connection:
        connection.execute(logins.encode())
    run(server.url(name, "care_api", "secret-1"), "carejourney report status")
    run(worker, "carejourney project run --until-caught-up")
    run(worker, blocks("")[3].strip())
    reports = server.url(name, "care_reports", "secret-3")
    [of_completion, of_withheld] = questions.splitlines()
    assert psql(reports, of_withheld).stdout.strip() == "0"
    assert "does not exist" in psql(reports, of_completion).stderr  # a table that was not published yet
