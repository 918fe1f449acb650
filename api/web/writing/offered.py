"""What is offered while somebody types: what the provider defines, codes of diagnoses, substances by the names that
measures know, payers of stays, purposes of consent. Free text stays possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from api.i18n.language import N_, translated
from api.web.frame.pages import Pages
from api.web.writing.fields import Field
from domain.events.provider import Kind
from infra.identity.people import PURPOSES
from infra.provider.definitions import defined
from infra.provider.icd10 import codes_of
from projections.clinical.substances import CLASSES, names_of
from projections.stays.payers import usual_payers

_KINDS: dict[str, Kind] = {"site": "site", "program": "program", "clinician": "staff", "group_id": "group"}
_CODE = "icd10"
MOST_PAYERS = 60
# What a consent may be for (42 CFR 2.31, 2.33): an audit or an emergency needs none.
_CONSENTED = ("treatment", "payment", "operations", "patient_request")
Offers = tuple[tuple[str, str], ...]
"""Values, each with what it is called."""


def _of_provider(kind: Kind) -> Callable[[Pages], Offers]:
    def offers(pages: Pages) -> Offers:
        return tuple(
            (definition.key, definition.name) for definition in defined(pages.services, kind, pages.services.now())
        )

    return offers


def _codes(pages: Pages) -> Offers:
    return codes_of(pages.services.settings.icd10_file)


def _substances(_: Pages) -> Offers:
    """Each name with its class, those of the classes first."""
    kinds = sorted(CLASSES)
    return (
        *((kind, translated(kind)) for kind in kinds),
        *((n, translated(kind)) for kind in kinds for n in names_of(kind) if n != kind),
    )


def _payers(pages: Pages) -> Offers:
    with pages.services.reads.reading() as connection:
        return tuple((payer, payer) for payer in usual_payers(connection, MOST_PAYERS))


def _purposes(_: Pages) -> Offers:
    return (
        ("TPO", translated(N_("Treatment, payment and operations"))),
        *((purpose, translated(PURPOSES[purpose])) for purpose in _CONSENTED),
    )


def _classes(_: Pages) -> Offers:
    """The classes of substances, as the boxes of a list."""
    return tuple((kind, translated(kind)) for kind in sorted(CLASSES))


_OFFERS: Mapping[str, Callable[[Pages], Offers]] = {
    **{name: _of_provider(kind) for name, kind in _KINDS.items()},
    _CODE: _codes,
    "substance": _substances,
    "payer": _payers,
    "purpose": _purposes,
    **dict.fromkeys(("positive", "panel", "substances"), _classes),
}
"""By the name of the field."""


def offering(pages: Pages, fields: Iterable[Field]) -> list[Field]:
    """The fields, each with what is offered for its name."""
    listed = list(fields)
    named = {field.name.rpartition(".")[2] for field in listed if field.kind in {"text", "lines"}}
    offers = {name: _OFFERS[name](pages) for name in named if name in _OFFERS}
    return [replace(field, offers=offers.get(field.name.rpartition(".")[2], ())) for field in listed]
