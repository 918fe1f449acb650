"""Texts of an audit package, for whoever opens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TEXT = """Audit package of chart {chart}
{line}

Made at {made_at} by Care Journey. {entries}; {waiting}.
{unreadable}
This archive holds health records of a person. Keep it as the law asks for records of this kind (42 CFR part 2,
45 CFR part 164), and destroy it when it is not needed any more.

  history.json          every entry in the order of recording: who, in which role, through what, when it happened and
                        when it was recorded; an amendment with the fields before and after
  accesses.json         who read this record here, and why
  disclosures.json      what of it left in the last six years (42 CFR 2.25, 45 CFR 164.528)
  proofs/               for each entry as it is stored, the path to the signed head of the whole log
  package.json          what this is, how many entries there are, which could not be read, and the head
  carejourney_verify.py checks the history against the proofs, without Care Journey
  SHA256SUMS            the sum of each file

Check it
--------
With Python 3.9 or newer and its package "cryptography" (pip install cryptography):

  python carejourney_verify.py package ARCHIVE.zip --heads HEADS.ndjson

HEADS.ndjson are signed heads of the log that you saved before. Without them, compare the id of the first key with the
one that you were told in another way: --key ID. The script is short; read it first, or take it from another source.

It shows that each entry stands in the log that was sealed, that none of this chart is missing between the first and
the last one given, and that the history says what the stored entries say: who, when, through what, and the data.
Personal fields are sealed in the stored entries: of these it shows that something was recorded, not what.

It cannot show that what was recorded is true, nor that there are no newer entries; ask for the sequence of the chart.
No proof covers what the program makes of the entries (effect, before, after, late_days), nor accesses.json,
disclosures.json and the texts: SHA256SUMS finds damage, and whoever alters a file can write new sums. Take the archive
from somebody you trust for these, or compare them with the server.
{notice}"""


def readme(chart: str, about: Mapping[str, Any], notice: Mapping[str, str]) -> str:
    """The README of a package."""
    count = sum(about["entries"].values())
    waiting = sum(len(sequences) for sequences in about["not_sealed"].values())
    lines = "".join(f"{name}: {text}\n" for name, text in notice.items())
    return _TEXT.format(
        chart=chart,
        line="=" * (23 + len(chart)),
        made_at=about["made_at"],
        entries="1 entry" if count == 1 else f"{count} entries",
        unreadable=_unreadable(about["unreadable"]),
        waiting=_unproved(count, waiting),
        notice=f"\nDisclosed under\n---------------\n{lines}" if notice else "",
    )


def _unproved(count: int, waiting: int) -> str:
    if not waiting:
        return "it has a proof" if count == 1 else "each has a proof"
    were = "was not sealed yet and has" if waiting == 1 else "were not sealed yet and have"
    return f"{'it' if count == 1 else f'{waiting} of them'} {were} no proof"


def _unreadable(left: Sequence[Mapping[str, Any]]) -> str:
    """What the history cannot tell: the places of entries that could not be read when the package was made."""
    if not left:
        return ""
    place = "  entry {sequence} of {client_id}, position {position}, id {event_id}\n"
    why = "The history gives the place alone; its proof has it as it is stored. The rest may add up to something wrong."
    places = "".join(place.format_map(row) for row in left)
    return f"\n{len(left)} of them could not be read by the program that made this package. {why}\n{places}"
