"""The plan of publications: which reports, by what, for which closed periods. A TOML file, or the default."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from domain.errors import ExpectedError
from projections.publications.periods import Kind
from projections.publications.specs import SPECS
from projections.small_counts import SMALLEST_SHOWN


class PlanError(ExpectedError, ValueError):
    """A plan was refused; the message names the file, the field and the remedy."""


class Plan(BaseModel):
    """What is published.

    ``begin`` is the first month (``2026-01``); without it, the first whole month of the record. ``settle_days`` pass
    after a period's end, beside what a report must wait for itself, so that late entries are in. ``smallest_shown``
    is the smallest count of people that is shown: eleven, or more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("Care Journey: published numbers", min_length=1, max_length=200)
    reports: tuple[str, ...] = tuple(SPECS)
    groups: tuple[Literal["level", "site", "program"], ...] = ("level", "site")
    periods: tuple[Kind, ...] = ("month", "quarter", "year")
    begin: str | None = Field(None, pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    settle_days: int = Field(14, ge=0, le=366)
    smallest_shown: int = Field(SMALLEST_SHOWN, ge=SMALLEST_SHOWN, le=1_000)

    @field_validator("reports")
    @classmethod
    def _known(cls, reports: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in reports if name not in SPECS]
        if unknown or not reports:
            msg = f"no report {unknown[0]!r}" if unknown else "no report at all"
            raise ValueError(f"{msg}: choose from {', '.join(SPECS)}")
        return tuple(dict.fromkeys(reports))

    @property
    def first_month(self) -> int | None:
        """``begin`` as a number of months since year 0."""
        if self.begin is None:
            return None
        year, month = map(int, self.begin.split("-"))
        return year * 12 + month - 1


def load_plan(path: Path | None) -> Plan:
    """The plan of a file, or the default without one.

    Raises:
        PlanError: the file cannot be read, is no TOML, or asks for what there is not; the message names the remedy.
    """
    if path is None:
        return Plan()  # type: ignore[call-arg]
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Plan.model_validate(content)
    except OSError as error:
        raise PlanError(f"{path}: cannot be read ({error.strerror}); give the path of a TOML file") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{path}: not TOML: {error}; correct it there") from None
    except ValidationError as error:
        raise PlanError(f"{path}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if isinstance(part, str)) or "plan"
    if first["type"] == "extra_forbidden":
        return f"{place}: there is no such field; choose from {', '.join(Plan.model_fields)}"
    return f"{place}: {re.sub('^Value error, ', '', first['msg'])}"


def plan_text(plan: Plan) -> str:
    """A plan as a TOML file, to begin one's own with."""

    def text(value: object) -> str:
        if isinstance(value, tuple):
            return "[" + ", ".join(f'"{item}"' for item in cast("tuple[str, ...]", value)) + "]"
        return str(value) if isinstance(value, int) else f'"{value}"'

    fields = plan.model_dump()
    lines = [f"{name} = {text(value)}" for name, value in fields.items() if value is not None]
    if plan.begin is None:
        lines.insert(4, '# begin = "2026-01"')
    return "\n".join(lines) + "\n"
