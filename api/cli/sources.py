"""Options of every import: what its files do not say of where they come from."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.interop.importers.source import Source
from infra.interop.importers.zones import ZoneError, zone
from projections.filters import FilterError

ZoneOption = Annotated[
    str,
    typer.Option("--zone", help="IANA zone of times without an offset, as America/Chicago; days stay the facility's"),
]
OffsetsOption = Annotated[
    bool,
    typer.Option("--ignore-offsets", help="Times are what a clock in --zone showed, whatever offset or Z they have"),
]
SiteOption = Annotated[str, typer.Option("--site", help="The facility of what names none: its zone decides the days")]

_LONGEST_SITE = 200


def source_options(text: str, *, ignores_offsets: bool, site: str, is_zoned: bool = False) -> Source:
    """What the options --zone, --ignore-offsets and --site say of a source; ``is_zoned`` where a mapping says the zone.

    Raises:
        FilterError: there is no such zone, offsets are ignored and nothing says the zone, or the site is too long.
    """
    try:
        given = zone(text) if text else None
    except ZoneError as error:
        msg = f"--zone {error}"
        raise FilterError(msg) from None
    if ignores_offsets and given is None and not is_zoned:
        raise FilterError("--ignore-offsets: say by --zone where the times were written, as America/Chicago")
    if len(site) > _LONGEST_SITE:
        raise FilterError("--site: is longer than 200 characters")
    return Source(given, ignores_offsets, site.strip())
