"""PostgreSQL connection URLs, for one host or several."""

from __future__ import annotations

from domain.errors import ExpectedError

# What the server does about a client that vanished: the same, so that no lock of it stays for longer.
_AT_THE_SERVER = {
    "idle_in_transaction_session_timeout": "120s",  # for readers too: a paused one keeps tables from being changed
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
# A server that vanished without a word is noticed within half a minute; one that answers nothing, in five seconds.
_DEFAULTS = {
    "host": "127.0.0.1",
    "connect_timeout": "5",
    "application_name": "carejourney",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


class DatabaseUrlError(ExpectedError, ValueError, kind="settings"):
    """A database URL of a kind that is not known."""


def is_postgres(url: str) -> bool:
    """Whether it is a PostgreSQL URL."""
    return url.startswith(("postgresql://", "postgres://"))


def connection_parameters(url: str, **session: str) -> dict[str, str]:
    """The parameters for libpq of a URL such as ``postgresql://user:password@host1:5432,host2:5432/name``.

    With several hosts, the one that takes writes is looked for (``target_session_attrs=read-write``, unless the URL
    says otherwise), so that the same URL holds before and after a failover. ``session`` are server settings of each
    connection, as ``lock_timeout="30s"``.

    Raises:
        DatabaseUrlError: libpq cannot read it.
    """
    from psycopg import ProgrammingError  # the driver loads when it is needed
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        msg = "the database URL cannot be read: write it as postgresql://USER:PASSWORD@HOST:PORT/NAME"
        raise DatabaseUrlError(msg) from None
    parameters = _DEFAULTS | given
    if "," in parameters["host"]:
        parameters.setdefault("target_session_attrs", "read-write")
    options = [f"-c {name}={value}" for name, value in (_AT_THE_SERVER | session).items()]
    options += [given["options"]] if "options" in given else []  # the URL's own word is the last one
    return parameters | {"options": " ".join(options)}
