"""Charts that may be one person's, for those who merge charts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from api.http.context import ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from infra.privacy.names.duplicates import pairs_for
from infra.privacy.names.likeness import How

router = APIRouter(tags=["charts"])


class PairView(BaseModel):
    """Two charts that may be one person's, and what is alike."""

    client: str
    other: str
    how: list[How] = Field(
        description="name: it sounds alike, born on the same day; birth_date: one name, the day is off by a digit or "
        "day and month are swapped; number: one chart number in two spellings"
    )


class PairsView(BaseModel):
    """Every possible duplicate that you may see, without those that were told apart."""

    pairs: list[PairView]
    others: int = Field(description="Pairs with a chart at a site where you do not work")


@router.get(
    "/api/v1/clients/duplicates",
    operation_id="list-duplicates",
    summary="Charts that may be one person's",
    responses=responses("malformed", "not-signed-in", "not-allowed", "not-found", "internal", "no-key", "not-ready"),
)
def list_duplicates(
    services: ServicesHere, who: Annotated[Principal, Depends(allowed("command:merge"))], response: Response
) -> PairsView:
    """Merge them, or keep them apart; the look is recorded.

    Raises:
        ProblemError: this installation keeps no index of names.
    """
    if not services.settings.name_search:
        raise ProblemError("not-found", "This installation keeps no index of names, by which charts are compared.")
    response.headers["Cache-Control"] = "no-store"
    pairs, others = pairs_for(services, who)
    return PairsView(pairs=[PairView.model_validate(asdict(pair)) for pair in pairs], others=others)
