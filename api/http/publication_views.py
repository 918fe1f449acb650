"""Publications as they are answered: what was published, and nothing else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from infra.publications.plan import Plan


class PublicationRow(BaseModel):
    """One publication of the list."""

    number: int
    title: str
    made_at: datetime
    entry: int = Field(description="Up to which entry of the log it counts")
    tables: int
    numbers: int = Field(description="Counts that its tables have a place for")
    shown: int = Field(description="How many of them say a number; the others are withheld")
    digest: str = Field(description="SHA-256 of its content, hex")
    signature: str = Field(description="Ed25519, hex")
    key_id: str


class PublicationsView(BaseModel):
    """Every publication, newest first."""

    publications: list[PublicationRow]


class TableRow(BaseModel):
    """A table of a publication, without its rows."""

    table: str
    title: str
    by: str = Field(description="The margin: all, level, site or program")
    period: str = Field(description="month, quarter or year")
    rows: int
    numbers: int
    shown: int


class PublicationView(BaseModel):
    """One publication: its tables, what was left out, the plan, and what proves that it is as it was signed."""

    number: int
    title: str
    made_at: datetime
    day: date = Field(description="The day of the facility's calendar on which it was made")
    entry: int
    plan: dict[str, Any]
    changed: list[str] = Field(description="Reports whose definition is another one than when they were last published")
    left_out: list[str] = Field(description="Tables whose groups are too small to be shown")
    numbers: int
    shown: int
    tables: list[TableRow]
    digest: str
    previous: str = Field(description="The digest of the publication before it; 64 zeros: there is none")
    statement: str = Field(description="The text that is signed, UTF-8")
    signature: str = Field(description="Ed25519 over the statement, hex")
    key_id: str
    public_key: str = Field(description="The public key of key_id, as `GET /api/v1/audit/heads` gives it")


class PublishedTableView(BaseModel):
    """A table: a withheld number is null, and so are the shares made of it."""

    publication: int
    table: str
    report: str
    title: str
    definition: str
    source: str
    by: str
    period: str
    columns: list[str] = Field(description="Counts")
    shares: list[str] = Field(description="Each stands in the rows with its 95 % bounds: NAME, NAME_low, NAME_high")
    of: dict[str, list[str]] = Field(description="The two columns that each share is made of: numerator, denominator")
    left_out: list[str] = Field(description="Periods with too few people")
    groups: dict[str, list[str]] = Field(description="The values that each group holds")
    rows: list[dict[str, Any]]


class PublishedNumberView(BaseModel):
    """One number with what it means, and its address, which answers the same for ever."""

    publication: int
    table: str
    report: str
    title: str
    definition: str
    source: str
    by: str
    period: str
    group: str
    values: list[str] = Field(description="What the group holds")
    column: str
    value: float | None
    withheld: bool = Field(description="Not shown, since it could point to somebody")
    denominator: str = Field(description="The column of the same row that it is a part of; empty where it is of none")
    denominator_value: float | None
    low: float | None = Field(description="Of a share: 95 % Wilson interval")
    high: float | None
    permalink: str


class PlanView(BaseModel):
    """What is published: the file that the settings name, or the default."""

    plan: Plan


class PlanBody(BaseModel):
    """What to publish."""

    plan: Plan | None = Field(default=None, description="A plan of your own; without it, that of the settings")
    model_config = {"extra": "forbid"}
