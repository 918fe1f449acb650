"""Find charts by name or chart number. The text comes in a body: what stands in an address is logged on the way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.http.context import ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.views import ClientPage, ClientRow
from infra.bootstrap import Services
from infra.privacy.names.search import Match, search
from projections.status.queries import client_status

router = APIRouter(tags=["charts"])

MOST = 100
_PROBLEMS = (
    "malformed",
    "not-signed-in",
    "not-allowed",
    "too-large",
    "unsupported-media-type",
    "invalid",
    "too-many",
    "internal",
    "no-key",
)


class SearchBody(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=200, description="Beginnings of names (3 letters), or a chart number")
    limit: int = Field(default=20, ge=1, le=MOST)


@router.post(
    "/api/v1/clients/search",
    operation_id="search-clients",
    summary="Charts whose client's name fits",
    responses=responses(*_PROBLEMS),
)
def search_clients(
    services: ServicesHere, who: Annotated[Principal, Depends(allowed("charts"))], body: SearchBody, response: Response
) -> ClientPage:
    """Best first: whole words, beginnings, then what sounds alike. Only charts of your sites; the look is recorded."""
    response.headers["Cache-Control"] = "no-store"
    return matching_clients(services, who, body.text, body.limit)


def matching_clients(services: Services, who: Principal, text: str, limit: int) -> ClientPage:
    """The charts that fit, with their status and names.

    Raises:
        ProblemError: this installation keeps no index of names.
    """
    if not services.settings.name_search:
        raise ProblemError("not-found", "This installation keeps no index of names: give the chart number.")
    matches = [*_by_number(services, text), *search(services, text, min(limit, MOST), who.bound_to)]
    unique = list({match.client_id: match for match in reversed(matches)}.values())[::-1][:limit]
    rows: list[ClientRow] = []
    with services.reads.reading() as connection:
        for match in unique:
            row = client_status(connection, match.client_id, services.today())
            if row is not None and who.at(row["site"]):
                shown = {**row, "client": match.reference, "name": match.name, "former_name": match.former}
                rows.append(ClientRow.model_validate(shown))
    services.people.log.read(who, [row.client_id.hex for row in rows])
    return ClientPage(clients=rows, next_cursor=None)


def _by_number(services: Services, text: str) -> list[Match]:
    client_id = services.log.client_id(text)
    number = services.log.reference(client_id)
    return [Match(client_id, number, "", "", "number")] if number and not services.log.erased([client_id]) else []
