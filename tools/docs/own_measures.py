"""How a programme writes a measure of its own: the part of docs/measures.md that says it."""

from __future__ import annotations

from projections.abstinence.targets import TARGET_SETS
from projections.clinical.substances import CLASSES, names_of

EXAMPLE = """[[completion]]
id = "planned_end"
title = "Ended as planned"
definition = "Completed or transferred, of all but those who died."
source = "Programme handbook"
counted = ["completed", "transferred"]
left_out = ["died"]

[[measure]]
id = "two_clean_weeks"
title = "Two clean weeks in the first month"
definition = "Two clean weeks in a row within weeks 1 to 4; missing weeks break the run."
source = "Programme handbook"
missing = "o"
rule = { kind = "all_of", conditions = [{ marks = "-", last_week = 4, run = 2 }] }

[[measure]]
id = "alcohol_relapse"
title = "Relapse to alcohol"
definition = "Two weeks of drinking within any three; a missing week counts as clean."
source = "Programme handbook"
targets = "alcohol"
missing = "-"
rule = { kind = "first_window", marks = "+", width = 3, needed = 2 }

[[measure]]
id = "fentanyl_or_xylazine"
title = "Fentanyl or xylazine found"
definition = "Weeks in which a screen found fentanyl or xylazine; a missing week is left out."
source = "Programme handbook"
targets = ["fentanyl", "xylazine"]
missing = ""
rule = { kind = "count", marks = "+" }
"""


def _target_rows() -> str:
    """A table row for each set, then for each class that has no set of its name."""
    said = [
        ("opioid", f"the classes {', '.join(sorted(TARGET_SETS['opioid']))}"),
        ("other_opioid", f"the class opioid: {', '.join(names_of('opioid'))}"),
        ("any_illicit", "everything but alcohol and nicotine, also what no class has a name for"),
        *((kind, f"the class: {', '.join(names_of(kind))}") for kind in sorted(CLASSES - set(TARGET_SETS))),
    ]
    return "\n".join(f"| `{name}` | {meaning} |" for name, meaning in said)


OWN_MEASURES = f"""
## A measure of your own

Write it in a TOML file and name the file in `CAREJOURNEY_MEASURES_FILE`:

```toml
{EXAMPLE.strip()}
```

`missing` and `mixed` say what `o` and `*` are read as (`+`, `-`, themselves, or `""` for left out). A rule is `count`,
`share`, `longest_run`, `last_week`, `first_window` (with `width` and `needed`) or `all_of` (with `conditions`: a `run`,
or `at_least` and `at_most` marks), each with its `marks` and, if wanted, `first_week` and `last_week`.

`targets` names the substances that count as use, one or a list of them, any of which is enough. Without it these are
the opioids (the set `opioid`). A set goes before the class that bears the same name:

| targets | count as use |
|---|---|
{_target_rows()}
| any other name, such as `"fentanyl"` | that substance alone, whatever its case: not its metabolite, not its class |
| `"unlisted:NAME"` | a substance whose name no class has; without `unlisted:` it is refused as a mistake in writing |

What is prescribed is no use, whatever the targets: buprenorphine, methadone, a benzodiazepine or an amphetamine that
the client is on explains every name of that class. A week with screens that did not find a target is clean, whether
or not their panel looked for it: a screen says what it found and not what it was made for.

A `[[completion]]` says which reasons of an ended stay count as a completion (`counted`) and which count neither way
(`left_out`); ask for it as `report completion --denominator planned_end`.

`carejourney measures check FILE` says what is wrong in the file, with its line; `carejourney measures preview FILE`
shows what its measures come to over the stays on record, and changes nothing.
"""
