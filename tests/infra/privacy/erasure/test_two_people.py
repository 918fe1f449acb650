"""Two people erase: two subjects, not two names."""

from __future__ import annotations

from infra.eventstore.log import Author
from infra.privacy.erasure.requests import confirm, waiting_requests
from tests.infra.privacy.erasure.erasures import Place, ask, write
from tests.infra.privacy.erasure.test_requests import refused

IDP = "https://idp.example"


def by(name: str, subject: str, issuer: str = IDP) -> Author:
    return Author(name, "admin", "api", issuer=issuer, subject=subject)


def test_one_person_with_two_names_is_one(place: Place) -> None:
    with place.opened() as services:
        write(services, "A-1")
        ask(services, "A-1", by("a.meyer", "1"))
        refused("two_people", services, by("b.okafor", "1"))


def test_two_people_with_one_name_are_two(place: Place) -> None:
    with place.opened() as services:
        client = write(services, "A-1")
        ask(services, "A-1", by("a.meyer", "1"))
        [waiting] = waiting_requests(services.log, services.now())
        assert (waiting.person.issuer, waiting.person.subject) == (IDP, "1")
        confirm(services.log, "A-1", author=by("a.meyer", "2"), now=services.now())
        *_, asked, erased = services.log.stream(client)
        assert [(entry.meta.get("u"), entry.meta.get("y")) for entry in (asked, erased)] == [(IDP, "1"), (IDP, "2")]


def test_a_request_by_a_name_alone_is_not_confirmed_by_that_name(place: Place) -> None:
    """As it was asked under an earlier release."""
    with place.opened() as services:
        write(services, "A-1")
        ask(services, "A-1", Author("a.meyer", "admin", "api"))
        refused("two_people", services, by("A.Meyer", "1"))
        confirm(services.log, "A-1", author=by("b.okafor", "2"), now=services.now())
