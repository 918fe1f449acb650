"""Who the client of a row is: the chart number and the latest name."""

from __future__ import annotations

from typing import Any

from api.web.frame.pages import Pages
from infra.privacy.names.search import latest_names


def with_clients(pages: Pages, rows: list[dict[str, Any]]) -> None:
    """Give rows their client: ``client`` is the chart number, ``name`` the latest name, empty where there is none.

    That their charts were seen is for the caller to record.
    """
    numbers = pages.services.log.references(list(dict.fromkeys(row["client_id"] for row in rows)))
    for row in rows:
        row["client"] = numbers.get(row["client_id"], "?")
    with_names(pages, rows)


def with_names(pages: Pages, rows: list[dict[str, Any]]) -> None:
    """Give rows that have their chart number already the latest name, empty where there is none."""
    names = latest_names(pages.services, list(dict.fromkeys(row["client_id"] for row in rows)))
    for row in rows:
        row["name"] = names.get(row["client_id"], "")
