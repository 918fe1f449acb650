"""A PostgreSQL server of a test's own: its superuser is ours, and it may be stopped and killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

from tools.stack.ports import free_port

ROOT = Path(__file__).parents[3]


@dataclass
class Server:
    """One cluster in a folder, on a port of its own."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="carejourney-pg-", dir="/var/tmp")))
    port: int = field(default_factory=free_port)

    def start(self) -> None:
        self._tool("start")

    def stop(self, *, kill: bool = False) -> None:
        self._tool("stop", *(["--kill"] if kill else []))

    def standby(self) -> Server:
        """A copy that follows this one, byte for byte; it takes no writes until it is promoted."""
        other = Server(port=free_port())
        other.folder.chmod(0o755)
        shutil.chown(other.folder, "postgres") if os.getuid() == 0 else None
        where = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres"]
        self._as_owner("pg_basebackup", *where, "-D", str(other.folder / "data"), "-R", "-X", "stream", "-c", "fast")
        other.start()
        with psycopg.connect(self.admin(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
        return other

    def promote(self) -> None:
        with psycopg.connect(self.admin(), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")

    def terminate(self, database: str) -> int:
        """End every connection to a database."""
        sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname=%s AND pid<>pg_backend_pid()"
        with psycopg.connect(self.admin(), autocommit=True) as connection:
            row = connection.execute(sql, (database,)).fetchone()
            assert row is not None
            return row[0]

    def set(self, name: str, value: str) -> None:
        """A server setting, at once."""
        with psycopg.connect(self.admin(), autocommit=True) as connection:
            connection.execute(SQL("ALTER SYSTEM SET {} = {}").format(Identifier(name), value))
            connection.execute("SELECT pg_reload_conf()")

    def remove(self) -> None:
        self.stop(kill=True)
        shutil.rmtree(self.folder)

    def admin(self, database: str = "postgres") -> str:
        """As superuser, through the socket."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder), safe='')}&port={self.port}"

    def url(self, database: str, user: str = "carejourney", password: str = "carejourney") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """A new database of the login carejourney, as a provider would make it."""
        name = f"care_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.admin(), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {} OWNER carejourney").format(Identifier(name)))
        return name

    def login(self, name: str, *roles: str) -> None:
        """A login with these group roles; its password is its name."""
        with psycopg.connect(self.admin(), autocommit=True) as connection:
            connection.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(name)))
            connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(name), name))
            for role in roles:
                connection.execute(SQL("GRANT {} TO {}").format(Identifier(role), Identifier(name)))

    def _as_owner(self, program: str, *words: str) -> None:
        binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*owner, str(binaries / program), *words], cwd="/", check=True, capture_output=True)

    def _tool(self, *words: str) -> None:
        env = os.environ | {"CAREJOURNEY_PG_DIR": str(self.folder), "CAREJOURNEY_PG_PORT": str(self.port)}
        subprocess.run([str(ROOT / "tools/postgres-local"), *words], env=env, check=True, capture_output=True)


def psql(url: str, sql: str) -> subprocess.CompletedProcess[str]:
    """What a person with psql sees: rows as text, errors on stderr."""
    words = ["psql", "-X", "-q", "-A", "-t", "-F", "|", "-v", "ON_ERROR_STOP=1", url, "-c", sql]
    return subprocess.run(words, capture_output=True, text=True, check=False)
