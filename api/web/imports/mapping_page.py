"""The page on which the columns of a table get their meaning, with its first rows as the entries they would become."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.files import attachment
from api.i18n.language import N_
from api.sessions import Identity
from api.web.frame.guard import Check, Page as Handler
from api.web.frame.pages import Pages
from api.web.imports.mapping_form import MOST_ENTRIES, mapping_said, rules_of, top_of, types
from api.web.imports.upload_page import PLACE, upload_of
from api.web.writing.submission import Form, Posted
from infra.interop.importers.events.run import ImportFileError
from infra.interop.importers.tables.mapping import mapping_of
from infra.interop.importers.tables.profile import ENCODINGS, FORMATS, Look, looked_at
from infra.interop.importers.tables.run import preview
from infra.interop.importers.tables.written import mapping_text
from infra.ops.imports.uploads import Upload
from infra.ops.imports.work import is_worked_on, source_of

ROWS = 10
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DELIMITER_NAMES = {"comma": N_("comma"), "semicolon": N_("semicolon"), "tab": N_("tab"), "bar": N_("vertical bar")}
TOPS = {
    "client": (N_("Chart number"), N_("Each row needs it")),
    "id": (N_("What tells rows apart"), N_("A number of the row that stays in the next export: then changes are seen")),
    "site": (N_("Site"), ""),
    "actor": (N_("Recorded by"), ""),
}
_NAME = "mapping"


def opened(pages: Pages, check: Check) -> Handler:
    """The form, with what was typed before, or what the headers suggest."""

    def handler(request: Request, upload: str) -> Response:
        who = check(request)
        kept_upload = upload_of(pages, request, who, upload)
        kept = kept_upload.noted(kept_upload.form)
        return _page(pages, request, who, kept_upload, Posted(kept, "", None) if kept else None)

    return handler


def sent(pages: Pages, check: Check) -> Handler:
    """The form is looked at, gets another kind of entry, or becomes the mapping of the upload."""

    def handler(request: Request, upload: str, form: Form) -> Response:
        who = check(request)
        kept_upload = upload_of(pages, request, who, upload)
        given = {name: list(texts) for name, texts in form.given.items() if name not in {"csrf", "do"}}
        if form.text("do") == "add":
            given["entries"] = [str(min(MOST_ENTRIES, len(rules_of(form, Look(()))) + 1))]
        typed = Posted(given, "", None)
        kept_upload.note(kept_upload.form, given)
        pages.services.uploads.touch(kept_upload)
        try:
            look = _look(kept_upload, typed)
            is_unseen = any(rule.fresh for rule in rules_of(typed, look))
            if is_unseen or form.text("do") not in {"use", "save"}:
                return _page(pages, request, who, kept_upload, typed)
            text = mapping_text(mapping_said(typed, look))
            preview(kept_upload.file, mapping_of(text, _NAME), ROWS, source=source_of(kept_upload))
        except ImportFileError:
            return _page(pages, request, who, kept_upload, typed, 422)
        if is_worked_on(pages.services, kept_upload):
            return RedirectResponse(f"{PLACE}/{kept_upload.key}", 303)
        kept_upload.write_mapping(text)
        onward = f"{PLACE}/{kept_upload.key}"
        return RedirectResponse(f"{onward}/mapping.toml" if form.text("do") == "save" else onward, 303)

    return handler


def as_toml(pages: Pages, check: Check) -> Handler:
    """The mapping as a file for the command line."""

    def handler(request: Request, upload: str) -> Response:
        who = check(request)
        kept_upload = upload_of(pages, request, who, upload)
        if not kept_upload.mapping.exists():
            return RedirectResponse(f"{PLACE}/{kept_upload.key}/mapping", 303)
        return Response(
            kept_upload.mapping.read_text(), media_type="application/toml", headers=attachment("mapping.toml")
        )

    return handler


def _look(upload: Upload, form: Posted | None) -> Look:
    delimiter = DELIMITERS.get(form.text("delimiter"), "") if form else ""
    return looked_at(upload.file, delimiter, form.text("encoding") if form else "")


def _page(
    pages: Pages, request: Request, who: Identity, upload: Upload, form: Posted | None, code: int = 200
) -> Response:
    values: dict[str, Any] = {"rows": [], "problem": "", "rules": [], "top": {}, "look": Look(()), "text": ""}
    if not upload.file.exists() or upload.kind != "csv":
        return RedirectResponse(f"{PLACE}/{upload.key}", 303)
    try:
        look = values["look"] = _look(upload, form)
        values["rules"], values["top"] = rules_of(form, look), top_of(form, look)
        is_loaded = form is None and upload.mapping.exists()
        text = upload.mapping.read_text() if is_loaded else mapping_text(mapping_said(form, look)) if form else ""
        values["text"] = text
        if text:
            values["rows"] = preview(upload.file, mapping_of(text, _NAME), ROWS, source=source_of(upload))
    except ImportFileError as error:
        values["problem"] = str(error).removeprefix(f"{_NAME}: ").removeprefix(f"{upload.file.name}: ")
    return pages.page(
        request,
        "import_mapping.html",
        who,
        code,
        upload=upload,
        here=f"{PLACE}/{upload.key}",
        types=types(),
        tops=TOPS,
        formats=FORMATS,
        encodings=ENCODINGS,
        delimiters=[(name, sign, DELIMITER_NAMES[name]) for name, sign in DELIMITERS.items()],
        zone=form.text("time_zone") if form else upload.options.get("zone", ""),
        repeated=form.text("repeated_hour") if form else "",
        begun=form is not None,
        most=MOST_ENTRIES,
        **values,
    )
