"""``python -m tools.schemas`` writes docs/schemas and docs/asyncapi.yaml; exit 1 if a version would break."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.schemas.asyncapi import document
from tools.schemas.files import broken, write
from tools.schemas.values import schemas
from tools.schemas.yaml import to_yaml

DOCS = Path(__file__).parent.parent.parent / "docs"


def main() -> int:
    """Write what is stale, unless that would break what was promised."""
    made = schemas()
    problems = broken(DOCS / "schemas", made)
    if problems:
        sys.stderr.write("\n".join(problems) + "\n")
        return 1
    write(DOCS / "schemas", made)
    (DOCS / "asyncapi.yaml").write_text(to_yaml(document(made)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
