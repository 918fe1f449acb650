"""Bring the catalogues up to date with the texts of the sources: new ones come in empty, those gone go out."""

from __future__ import annotations

import re
import sys
from io import BytesIO
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from api.i18n.language import MESSAGES
from tools.messages.texts import texts

# Lines of the header that differ from run to run, or name nobody.
_CHANGING = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team|Generated-By):.*\n',
    re.MULTILINE,
)


def template() -> Catalog:
    """What there is to translate, each text once, with the places where it stands."""
    found = Catalog(project="carejourney", version="1")
    for where, forms in sorted(set(texts()), key=lambda text: (text[0] == "vocabulary", text)):
        found.add(forms if len(forms) > 1 else next(iter(forms)), locations=[(where, 0)])
    return found


def main() -> None:
    """Update every catalogue; exit 1 where a text has no translation yet."""
    whole = template()
    lacking = 0
    for path in sorted(MESSAGES.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        catalogue.update(whole, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        written = BytesIO()
        write_po(written, catalogue, width=120, include_lineno=False)
        path.write_bytes(_CHANGING.sub(b"", written.getvalue()))
        empty = [message.id for message in catalogue if message.id and lacks(message)]
        lacking += len(empty)
        lines = [f"{path.stem}: {len(catalogue)} texts, {len(empty)} without a translation"]
        sys.stdout.write("\n".join([*lines, *(f"  {text!r}" for text in empty)]) + "\n")
    sys.exit(1 if lacking else 0)


def lacks(message: Message) -> bool:
    """Whether a text, or one of its plural forms, has no translation, or one that nobody has looked at."""
    said: Any = message.string
    return message.fuzzy or not (all(said) if isinstance(message.id, tuple) else said)


if __name__ == "__main__":
    main()
