"""The documents that are made from the code: events, measures, settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.commands import RECORDING
from domain.criteria import ASSESSMENT_MAX_AGE_DAYS
from domain.events import CATALOGUE, Event
from domain.instruments import PUBLISHED
from domain.levels import LEVELS_OF_CARE, LevelOfCare
from domain.provider import DEFINING
from domain.vocabulary import MILESTONES, TEDS_REASON_CODES
from infra.interop.importers.events.lines import FIELDS
from infra.interop.importers.events.parts import MAX_LINE_BYTES
from infra.reporting.definitions import OWN_PAGE, definitions
from infra.reporting.reports import REPORTS
from infra.settings import Settings
from projections.abstinence.measures import BUILT_IN
from projections.status.flags import FLAG_TITLES, URGENCIES
from tools.docs.own_measures import OWN_MEASURES


def events_page() -> str:
    """The catalogue of events as Markdown."""
    return "\n".join([*_events_head(), *(line for name in sorted(CATALOGUE.types) for line in _event(name))]) + "\n"


def measures_page() -> str:
    """The definitions of all numbers as Markdown."""
    return "\n".join([*_reports(), *_status(), *_measures(), OWN_MEASURES])


def settings_page() -> str:
    """Every setting as Markdown."""
    return "\n".join(_settings()) + "\n"


def _settings() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield "Made from the code by `python -m tools.docs`; a test holds it to it."
    yield ""
    yield "Environment variables, a file `.env` in the working directory, or files in the folder that"
    yield "`CAREJOURNEY_SECRETS_DIR` names (passwords and keys belong there, not into the environment). What comes"
    yield "first counts. `carejourney config` prints each with its value and its source, secrets masked."
    yield ""
    yield "| setting | default | meaning |"
    yield "|---|---|---|"
    for row in Settings.model_construct().rows():
        meaning = row["meaning"].replace("|", "\\|")
        yield f"| `{row['setting']}` | {_default(row['value'])} | {meaning} |"
    yield ""
    yield ZONES


ZONES = """## Time zones

`CAREJOURNEY_TIME_ZONE` is the zone of the house, `CAREJOURNEY_SITE_TIME_ZONES` has the sites that are in another
one. The day of an entry is the day in its site's zone at that moment, whatever UTC offset its source wrote: the
site of the entry itself (`site` of an import line, the site of who records), and the house for an entry without
one. The site that a level of care names in its data decides no day. A day that an entry names (a planned end, a
day of use) is that day everywhere.

*Today* is the day in the zone of the house, for all sites: it changes at midnight there, and nothing else moves it,
neither the server's own zone, nor that of who looks, nor an import's `--zone`. With it move the days of open stays
and of retention, the census up to today, what is due, overdue or not yet settled, days since last use, the end of
consents, and which months are closed for publication. A site ahead of the house may have entries of tomorrow.

Set them before you read a number, and the same for every process. With another zone the next process that fills the
read models builds all of them anew, beside those that readers see until then; processes with the old one rest, and a
rollback to the days of other zones
is refused. Nothing that was recorded changes."""


def _default(value: str) -> str:
    return f"`{value.lower() if value in {'True', 'False'} else value}`" if value else ""


def _events_head() -> Iterator[str]:
    yield "# Events"
    yield ""
    yield "Made from the models by `python -m tools.docs`; a test holds it to them."
    yield ""
    yield "An envelope goes with each event: `event_id`, `client`, `client_id`, `sequence` (gapless in the client's"
    yield "stream), `position` (in the whole log), `type`, `version`, `occurred_at` (clinical time), `recorded_at`"
    yield "(knowledge time), `actor`, `issuer`, `subject`, `role`, `source`, `site`, `correlation_id`, `causation_id`."
    yield "`issuer` and `subject` say who recorded it, `actor` is the name to read; entries made before people were"
    yield "told apart, and entries of files that do not say, have the name alone. An entry that an import brought has"
    yield "`source` `import`, and `claimed_source`, `imported_by`, `imported_at`, `import_batch` beside. **Sealed**"
    yield "fields are encrypted with the client's own key."
    yield ""
    yield "`correlation_id` is the request that recorded it: what one request wrote, in however many charts, has the"
    yield "same. The caller may give it ([api.md](api.md)), so it says what belongs together and proves nothing."
    yield "`causation_id` is the event id of the entry that led to it: of a correction or a retraction, the entry"
    yield "that it amends; of `ChartClosed` and of an `OverlapResolved` that came with a merge, the `ChartsMerged`; of"
    yield "the retraction that opens a merged chart again, the retraction of the merge; of `MergedChartContinued`, the"
    yield "entry that came late; of the level that a transfer starts, the end of the one before; of `ClientErased`, the"
    yield "`ErasureRequested`. Other entries have none: those of a group session stand beside each other. Of an import,"
    yield "both are as its line says."
    yield ""
    yield from _import_line()
    yield "| level | ASAM | a week in it |"
    yield "|---|---|---|"
    yield from (f"| `{name}`: {care.title} | {care.asam} | {_week(care)} |" for name, care in LEVELS_OF_CARE.items())
    yield ""
    yield f"An assessment opens a level for {ASSESSMENT_MAX_AGE_DAYS} days."
    yield ""
    codes = ", ".join(f"`{reason}` {code}" for reason, code in TEDS_REASON_CODES.items())
    yield f"Reasons a level ends, with their TEDS codes: {codes}."
    yield ""
    yield RULES
    yield "| instrument | its scores | source |"
    yield "|---|---|---|"
    yield from (
        f"| `{one.name}`: {one.title} | {one.lowest:g}–{one.highest:g}{', whole' if one.whole else ''} | {one.source} |"
        for one in PUBLISHED
    )
    yield ""


RULES = """What a live command is refused for, and an import records and lists:

- an end of a level that is not open then, or that stands on a day before its start; two levels that overlap though
  neither is concurrent; a session or a dose outside a level (its first and its last moment are within it)
- anything after the death. A level that ended with the reason `died` is a death at that moment, unless a `ClientDied`
  says another. A stay that begins after it is on the chart, marked, and counts nowhere: not in the
  census, completion or any other measure, nor as an Encounter; one of the two is wrong, and counts again once the
  death is corrected or retracted
- a birth date after the entry, or more than 130 years before it; a day of use or without use after the entry (one day
  of grace), or before the birth; `authorized_to` before `authorized_from`; a consent that has expired, or a
  planned end of a stay that has passed, on the day of the entry
- an `icd10` that is no ICD-10-CM code, F10–F19 as `mental_health`, F20–F48 as `substance_use`
- a score that its instrument cannot have, or an instrument that is none of these and not named in
  `CAREJOURNEY_INSTRUMENTS` (names are read without case and signs: PHQ-9 is `phq9`)
- an `appointment_id` that the chart has had; moving or calling off an appointment that was not made by then, or is
  cancelled or kept (a missed one may be moved, not called off); a session that names an appointment which was not made
  by then, is cancelled, or was named by another session since it was made or last moved
- joining a group that the client is in, or leaving one that they are not in. The end of the stay in which they joined
  leaves it (no entry says so), and the death does
- a hand-off that names no level of this chart that has ended and no referral of this chart, or is closed
  already; one that is closed as `kept` without its `first_session` where care went on, or with one that is no session
  or start of this chart since then
- a `flag` that is none; one that is `since` a day after the entry, or snoozed `until` one that is not after it

A text without a visible letter is refused by every way in; an import rejects its line. What was recorded before a rule
stays readable, and stands in the way of nothing new.
"""


LINE = """{"client": "C-1001", "type": "SessionAttended", "occurred_at": "2026-01-31T09:00:00-05:00", \
"data": {"kind": "group", "minutes": 180, "topic": "mindfulness"}}"""
NEEDED = ("client", "type", "occurred_at", "data")


def _import_line() -> Iterator[str]:
    yield "As an import line (NDJSON, one event a line, UTF-8):"
    yield from ("", "```json", LINE, "```", "")
    optional = ", ".join(f"`{name}`" for name in sorted(FIELDS - set(NEEDED)))
    yield f"{', '.join(f'`{name}`' for name in NEEDED)} are needed, `occurred_at` with its UTC offset. Optional:"
    yield f"{optional}. A line has at most {MAX_LINE_BYTES:,} bytes."
    yield "[import.md](import.md) says the rest. What is said of the provider itself (sites, programs, staff, groups,"
    yield "code lists) names no `client` and may say `kind` `provider`; [provider.md](provider.md) has examples."
    yield ""


def _week(bounds: LevelOfCare) -> str:
    """What a week of a level holds, and how many weeks are planned."""
    parts = [
        _range(bounds.hours_min, bounds.hours_max, "hours"),
        _range(bounds.sessions_min, bounds.sessions_max, "sessions"),
        _range(bounds.weeks_min, bounds.weeks_max, "weeks planned"),
    ]
    return "; ".join(part for part in parts if part)


def _range(least: float | None, most: float | None, unit: str) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f"at least {least:g} {unit}"
    return f"up to {most:g} {unit}" if least is None else f"{least:g}–{most:g} {unit}"


def _event(name: str) -> Iterator[str]:
    cls = CATALOGUE.types[name]
    commands = [command for command, event in (RECORDING | DEFINING).items() if event == name]
    yield f"## {name} (version {cls.version})"
    yield ""
    yield (cls.__doc__ or "").strip().replace("\n    ", "\n")
    yield ""
    if commands:
        yield f"Command: `{commands[0]}`."
        yield ""
    schema = cls.model_json_schema(by_alias=True)
    required = set(schema.get("required", ()))
    yield "| field | type | |"
    yield "|---|---|---|"
    for field, found in schema.get("properties", {}).items():
        marks = ["required"] if field in required else []
        marks += [_sealed(cls, field)] if field in cls.personal else []
        yield f"| `{field}` | {_type(found, schema)} | {', '.join(marks)} |"
    yield ""


def _sealed(cls: type[Event], field: str) -> str:
    """That a personal field is sealed, and which words of it are not (no personal field has an alias)."""
    words = ", ".join(f"`{word}`" for word in sorted(cls.readable.get(field, ())))
    return f"sealed, unless it is one of {words}" if words else "sealed"


def _type(found: dict[str, Any], schema: dict[str, Any]) -> str:
    """A JSON schema's type in a few words."""
    if "$ref" in found:
        return _type(schema["$defs"][found["$ref"].rpartition("/")[2]], schema)
    if "anyOf" in found:
        kinds = [_type(part, schema) for part in found["anyOf"] if part.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in found:
        return ", ".join(f"`{value}`" for value in found["enum"])
    if "const" in found:
        return f"`{found['const']}`"
    if found.get("type") == "array":
        return f"list of {_type(found['items'] if 'items' in found else found['prefixItems'][0], schema)}"
    if found.get("type") == "object":
        names = ", ".join(f"`{name}`" for name in found.get("properties", {}))
        return f"object with {names}" if names else "object"
    return {"date": "date", "date-time": "date and time", "uuid": "UUID"}.get(found.get("format", ""), _plain(found))


def _plain(found: dict[str, Any]) -> str:
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no"}
    kind = words.get(found.get("type", ""), "any")
    if "minimum" in found and "maximum" in found:
        return f"{kind} {found['minimum']:,g}–{found['maximum']:,.0f}"
    return kind


def _reports() -> Iterator[str]:
    yield "# Measures"
    yield ""
    yield "Made from the code by `python -m tools.docs`; a test holds it to the code."
    yield "The app's definitions page, `/api/v1/definitions` and `carejourney report definitions` have the same source;"
    yield "[reports.md](reports.md) says what each column of each report means."
    yield ""
    yield "A day is the day in the zone of the facility where it happened, *today* that of the house"
    yield "([settings](settings.md#time-zones)). A stay does not end on a day before it starts."
    yield ""
    for name, report in REPORTS.items():
        yield from (f"## {report.title} (`report {name}`)", "", report.definition, "")
        if not report.source.startswith(OWN_PAGE):  # the reports that this page itself defines
            yield from (f"Source: {report.source}.", "")
        shows = ", ".join(f"`--show {show}`" for show in report.shows)
        yield from ((f"Other tables: {shows}.", "") if shows else ())
        if name in PARTS:
            yield from _parts(name)
        if name == "quality":
            yield from (MEDICATION_DAYS, "")


MEDICATION_DAYS = """### Days of medication

What one dose entry covers, from its own day on, by whole words of its drug and route:

| entry | days |
|---|---|
| dispensed to take home | its `days_supply`, which goes before all else |
| methadone, buprenorphine or naltrexone given on site by mouth or under the tongue | 1 |
| injection of naltrexone (`injection`, `intramuscular`, `IM`, `Vivitrol`, `extended-release`) | 31 |
| weekly injection of buprenorphine (`weekly`; unless `monthly`, a dose of 8, 16, 24 or 32 mg) | 7 |
| any other injection of buprenorphine (`subcutaneous`, `SC`, `Sublocade`, `Brixadi`) | 31 |
| implant (`implant`, `subdermal`, `Probuphine`) | 180 |
| 0 mg | 0 |

Supplies to take home that overlap are carried forward over each other, whichever drug, and over days with a dose on
site (a dose today and six bottles are seven days); an injection or implant covers its days by the calendar, and a
second one that comes early is not carried. So CBE 3175 has it, and POD is counted the same way. A prescription is taken
for a drug (by ingredient: Suboxone is buprenorphine) without any recorded dose in the chart. Nothing counts from the
day of death on.

`unknown` is who would have 180 days only if a prescription had gone on where nobody looked: after the last stay,
without any stay, or in an open stay after the client was last seen (session, screen, score, assessment, interview,
report, order, level). A first dose on record counts as a new period for POD: what was taken elsewhere before is not
known.
"""

PARTS = ("completion", "time-to-event", "quality", "outcomes")


def _parts(report: str) -> Iterator[str]:
    yield from ("| id | definition | source |", "|---|---|---|")
    own = [one for one in definitions() if one.report == report and one.id != report]
    yield from (f"| `{one.id}` | {one.definition} | {one.source} |" for one in own)
    yield ""


def _status() -> Iterator[str]:
    yield from ("## Status", "", "What puts a client on the work list, the most pressing first:", "")
    yield from ("| | flag | when it is up |", "|---|---|---|")
    for place, one in enumerate(URGENCIES, start=1):
        yield f"| {place} | `{one.flag}` | {FLAG_TITLES[one.flag]}{f': {one.when}' if one.when else ''} |"
    yield ""
    yield "That is the order of the work list: by what is lost by waiting, first the client's safety, then care and its"
    yield "payment, then what can be made good later. A client stands where the most pressing flag stands; of several"
    yield "with the same flag who has had it for longest comes first. Where that is the same day too, the order means"
    yield "nothing and stays the same."
    yield ""
    yield "What somebody said of a flag (`FlagAssigned`, `FlagSnoozed`, `FlagDone`) is about the occurrence that had"
    yield "begun by its day `since`. Snoozed it is off the list until its day, and under *Snoozed*; done it is gone"
    yield "until it comes up anew, with a later `since` (decision 0049; reasons of the order: `domain/urgency.py`)."
    yield ""
    days = ", ".join(str(day) for day in MILESTONES)
    yield f"Follow-ups are due {days} days after the discharge, each until the next one is due. A missed session, an"
    yield "authorisation and a planned end are flagged while the client is in treatment; nothing is after a death. The"
    yield "latest plan by clinical time is in force, also one from before the open level began, and what it leaves out"
    yield "stays as said before; the start of a level says its planned end and sessions anew."
    yield ""
    yield "A screen that found only what is prescribed raises no flag and leads to no lapse. Who is back in care"
    yield "after an earlier episode (a gap of more than 30 days) has come: sessions missed in that one are not called"
    yield "about, and its plan's review, where it had come by then, is not due any more."
    yield ""


def _measures() -> Iterator[str]:
    yield from ("## Abstinence measures", "")
    yield "Read from the weekly pattern of a stay: `+` use, `-` clean, `*` both, `o` missing."
    yield from ("", "| id | result | definition | missing and mixed weeks | source |", "|---|---|---|---|---|")
    for measure in BUILT_IN:
        cells = (
            f"`{measure.id}`",
            measure.result.replace("_", "/"),
            measure.definition,
            measure.missing_rule,
            measure.source,
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
