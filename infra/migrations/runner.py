"""Bring a component's tables to the version of the code, within a transaction that the caller has locked."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.migrations.model import Component, Dialect, Execute, MigrationError

_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_version (component TEXT NOT NULL, version INTEGER NOT NULL, "
    "applied_at TEXT NOT NULL, PRIMARY KEY (component, version))"
)


def current(execute: Execute, dialect: Dialect, component: Component) -> int:
    """The version of a component's tables; 0 where there are none."""
    if _exists(execute, dialect, "schema_version"):
        sql = "SELECT MAX(version) FROM schema_version WHERE component=?"
        version = execute(sql, (component.name,))[0][0]
        if version is not None:
            return int(version)
    return 1 if _exists(execute, dialect, component.founded_on) else 0


def is_outstanding(execute: Execute, dialect: Dialect, component: Component) -> bool:
    """Whether steps are to be taken or to be written down.

    Raises:
        MigrationError: the database is of a newer release.
    """
    version = current(execute, dialect, component)
    if version > component.newest:
        msg = (
            f"the tables of {component.name} are of version {version}, this release knows {component.newest}: "
            "install the release that the database was migrated with, or a newer one"
        )
        raise MigrationError(msg)
    return version < component.newest or not _recorded(execute, dialect, component)


def not_allowed(component: Component) -> MigrationError:
    """What to do when a login may not take a step."""
    return MigrationError(
        f"the tables of {component.name} are not those of this release, and this login may not change them: "
        "run `carejourney database migrate` as their owner"
    )


def bring_up(execute: Execute, dialect: Dialect, component: Component) -> list[int]:
    """Take the steps that are missing, and give their versions. The caller holds the lock and commits.

    Raises:
        MigrationError: the database is of a newer release.
    """
    if not is_outstanding(execute, dialect, component):  # another process was here first
        return []
    before = current(execute, dialect, component)
    for statement in component.foundation if before == 0 else ():
        execute(statement, ())
    execute(_TABLE, ())
    taken: list[int] = []
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    for version, step in enumerate(component.steps, start=1):
        if version > before:
            for statement in step.statements(dialect, component.values):
                execute(statement, ())
            taken.append(version)
        execute("INSERT INTO schema_version VALUES (?,?,?) ON CONFLICT DO NOTHING", (component.name, version, moment))
    return taken


def applied_at(execute: Execute, dialect: Dialect, component: Component) -> str:
    """When the last step was taken (UTC, ISO 8601); nothing where none is written down."""
    if not _exists(execute, dialect, "schema_version"):
        return ""
    sql = "SELECT MAX(applied_at) FROM schema_version WHERE component=?"
    return execute(sql, (component.name,))[0][0] or ""


def _recorded(execute: Execute, dialect: Dialect, component: Component) -> bool:
    """Whether the version is written down (a database from before versions were kept has none)."""
    if not _exists(execute, dialect, "schema_version"):
        return False
    return bool(execute("SELECT 1 FROM schema_version WHERE component=?", (component.name,)))


def _exists(execute: Execute, dialect: Dialect, table: str) -> bool:
    if dialect == "sqlite":
        return bool(execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", (table,)))
    return execute("SELECT to_regclass(?)::text", (table,))[0][0] is not None
