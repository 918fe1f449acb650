"""Shared marks: those of likeness that more than one chart has, so that nobody looks for them among all marks."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select

from infra.privacy.names.likeness import HOW
from infra.privacy.names.tables import NAME_SHARED, NAME_TOKEN

_AT_ONCE = 500


def keep_shared(connection: Connection, tokens: Iterable[bytes]) -> None:
    """Say anew which of these tokens are shared, once charts that have them were indexed or removed."""
    alike = sorted({token for token in tokens if token[:1] in HOW})
    for start in range(0, len(alike), _AT_ONCE):
        part = alike[start : start + _AT_ONCE]
        connection.execute(delete(NAME_SHARED).where(NAME_SHARED.c.token.in_(part)))
        several = select(NAME_TOKEN.c.token).where(NAME_TOKEN.c.token.in_(part))
        several = several.group_by(NAME_TOKEN.c.token).having(func.count() > 1)
        connection.execute(insert(NAME_SHARED).from_select(["token"], several))
