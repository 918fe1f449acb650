"""Publications for everybody who may read them: what was published, as it was signed, and nothing that was not.

What a publication says never changes, so its answers may be kept; the list is asked for again.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel

from api.http.context import KnownParameters, ServicesHere
from api.http.identity import Principal, allowed
from api.http.problems import ProblemError, responses
from api.http.publication_views import PublicationsView, PublicationView, PublishedNumberView, PublishedTableView
from api.http.routes_clients import READ_PROBLEMS
from api.http.routes_reports import negotiated
from api.tabular import as_csv
from infra.integrity.seal_setup import seals_of
from infra.publications.numbers import NoSuchNumberError, number_of
from infra.publications.publisher import listed
from infra.publications.rows import row_columns, table_rows

router = APIRouter(tags=["publications"])

ROOT = "/api/v1/publications"
FOR_EVER = "private, max-age=31536000, immutable"
_AGAIN = "private, no-cache"
_ETAG = {"ETag": {"description": "Of this answer; send it as If-None-Match", "schema": {"type": "string"}}}
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "As you have it (`If-None-Match`)"}}
_OF_ONE = {**_UNCHANGED, **responses(*READ_PROBLEMS, "not-found", "no-key")}
_CSV = {"schema": {"type": "string", "description": "The rows with a header; a withheld number is empty"}}

Reader = Annotated[Principal, Depends(allowed("publications"))]
Number = Annotated[int, Path(ge=1, le=2**62, description="Which publication")]
Table = Annotated[
    str, Path(max_length=80, pattern=r"^[^\x00]+$", description="Which table, as completion-by-site-quarter")
]
Known = Annotated[str, Header(alias="If-None-Match", description="The ETag of an answer that you have")]


@router.get(
    ROOT,
    operation_id="list-publications",
    summary="What was published, newest first",
    response_model=PublicationsView,
    responses={200: {"headers": _ETAG}, **_UNCHANGED, **responses(*READ_PROBLEMS, "no-key")},
    dependencies=[KnownParameters],
)
def list_publications(services: ServicesHere, _: Reader, known: Known = "") -> Response:
    """Empty before the first publication."""
    view = PublicationsView.model_validate({"publications": listed(services.publications)})
    return _answer(_json(view), known, _AGAIN)


@router.get(
    f"{ROOT}/{{number}}",
    operation_id="get-publication",
    summary="A publication: its tables, what was left out, its plan, digest and signature",
    response_model=PublicationView,
    responses={200: {"headers": _ETAG}, **_OF_ONE},
    dependencies=[KnownParameters],
)
def get_publication(services: ServicesHere, _: Reader, number: Number, known: Known = "") -> Response:
    """Verify it offline: SHA-256 of `/content` is the digest, the statement names it, the signature is over that."""
    publication, content = services.publications.get(number), services.publications.content(number)
    keys = {key.key_id: key.public_key for key in seals_of(services).public_keys()}
    view = PublicationView.model_validate(
        {
            **{name: content[name] for name in PublicationView.model_fields if name in content},
            "tables": table_rows(content["tables"]),
            "digest": publication.digest,
            "previous": publication.previous,
            "statement": publication.statement().decode(),
            "signature": publication.signature,
            "key_id": publication.key_id,
            "public_key": keys.get(publication.key_id, ""),
        }
    )
    return _answer(_json(view), known, FOR_EVER)


@router.get(
    f"{ROOT}/{{number}}/content",
    operation_id="get-publication-content",
    summary="The bytes that were signed",
    response_model=dict[str, Any],
    responses={200: {"headers": _ETAG}, **_OF_ONE},
    dependencies=[KnownParameters],
)
def get_content(services: ServicesHere, _: Reader, number: Number, known: Known = "") -> Response:
    """Its ETag is the publication's digest. One JSON object with every table, byte for byte as it was signed."""
    services.publications.content(number)  # refuses what is not as it was signed
    return _answer(Response(services.publications.raw(number), media_type="application/json"), known, FOR_EVER)


@router.get(
    f"{ROOT}/{{number}}/{{table}}",
    operation_id="get-published-table",
    summary="A table with its definition, in JSON or CSV",
    response_model=PublishedTableView,
    responses={200: {"headers": _ETAG, "content": {"text/csv": _CSV}}, **_OF_ONE, **responses("not-acceptable")},
    dependencies=[KnownParameters],
)
def get_table(
    services: ServicesHere,
    _: Reader,
    number: Number,
    table: Table,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format", description="Wins over Accept")] = None,
    accept: Annotated[str, Header()] = "*/*",
    known: Known = "",
) -> Response:
    """A withheld number is null; in CSV it is empty."""
    table_read = services.publications.table(number, table)
    if (form or negotiated(accept)) == "csv":
        name = f"publication-{number}-{table_read['name']}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        content = Response(as_csv(table_read["rows"], row_columns(table_read)), media_type="text/csv", headers=headers)
    else:
        content = _json(
            PublishedTableView.model_validate({**table_read, "publication": number, "table": table_read["name"]})
        )
    content.headers["Vary"] = "Accept"
    return _answer(content, known, FOR_EVER)


@router.get(
    f"{ROOT}/{{number}}/{{table}}/number",
    operation_id="get-published-number",
    summary="One number with its definition, denominator and interval",
    response_model=PublishedNumberView,
    responses={200: {"headers": _ETAG}, **_OF_ONE},
    dependencies=[KnownParameters],
)
def get_number(
    services: ServicesHere,
    _: Reader,
    number: Number,
    table: Table,
    period: Annotated[str, Query(max_length=10, description="As 2026-03, 2026-Q1 or 2026")],
    column: Annotated[str, Query(max_length=80, description="A count or a share")],
    group: Annotated[str, Query(max_length=200, description="A group of the table; empty where it has one")] = "",
    known: Known = "",
) -> Response:
    """The `permalink` of the answer gives the same number for ever: publications do not change."""
    table_read = services.publications.table(number, table)
    try:
        published = number_of(table_read, period, group, column)
    except NoSuchNumberError as error:
        problem = {"field": error.field, "problem": error.problem}
        raise ProblemError("invalid", "The table has no such number.", {"errors": [problem]}) from None
    place = {"period": period, "group": group, "column": column}
    view = PublishedNumberView(
        publication=number,
        table=table_read["name"],
        report=table_read["report"],
        title=table_read["title"],
        definition=table_read["definition"],
        source=table_read["source"],
        by=table_read["by"],
        values=table_read["groups"][group],
        value=published.value,
        withheld=published.withheld,
        denominator=published.denominator,
        denominator_value=published.denominator_value,
        low=published.low,
        high=published.high,
        permalink=f"{ROOT}/{number}/{table_read['name']}/number?{urlencode(place)}",
        **place,
    )
    return _answer(_json(view), known, FOR_EVER)


def _json(view: BaseModel) -> Response:
    return Response(orjson.dumps(view.model_dump(mode="json")), media_type="application/json")


def _answer(response: Response, known: str, kept: str) -> Response:
    """The answer with its ETag, or that it is known already (RFC 9110, 13.1.2)."""
    etag = f'"{sha256(response.body).hexdigest()}"'
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    headers = {"ETag": etag, "Cache-Control": kept}
    if etag in tags or known.strip() == "*":
        return Response(status_code=304, headers={**headers, **_vary(response)})
    response.headers.update(headers)
    return response


def _vary(response: Response) -> dict[str, str]:
    return {"Vary": response.headers["Vary"]} if "Vary" in response.headers else {}
