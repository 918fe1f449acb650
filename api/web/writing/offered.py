"""What is offered while somebody types: what the provider defines, and codes of diagnoses. Free text stays possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from api.web.frame.rendering import Pages
from api.web.writing.fields import Field
from domain.events.provider import Kind
from infra.provider.definitions import defined
from infra.provider.icd10 import codes_of

_KINDS: dict[str, Kind] = {"site": "site", "program": "program", "clinician": "staff", "group_id": "group"}
_CODE = "icd10"
Offers = tuple[tuple[str, str], ...]
"""Values, each with what it is called."""


def offering(pages: Pages, fields: Iterable[Field]) -> list[Field]:
    """The fields: those that name a site, a program, staff or a group with what is in force now, that of a diagnosis
    with the codes of the provider's list.
    """
    found = list(fields)
    named = {field.name.rpartition(".")[2] for field in found if field.kind == "text"}
    offers = {name: _offers(pages, name) for name in named if name in _KINDS or name == _CODE}
    return [replace(field, offers=offers.get(field.name.rpartition(".")[2], ())) for field in found]


def _offers(pages: Pages, name: str) -> Offers:
    services = pages.services
    if name == _CODE:
        return codes_of(services.settings.icd10_file)
    return tuple((one.key, one.name) for one in defined(services, _KINDS[name], services.now()))
