"""A chart whose number has any shape is registered by every way in and opens on every page and address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from api.addresses import address_of, reference_of, segment
from api.http.examples import EXAMPLES
from tests.api.access.conftest import House, make_house
from tests.depth import cases

KNOWN = [
    "2024/0153", ".", "..", "...", "a%2Fb", "100%", "A B", "a?b", "a#b", "a+b", "a;b", "a\\b", "~", "~2F", "~~41", "new", "find",
    "search", "%7E", "é/ü", "张三", "a&b=c", "<b>&\"'", "[/red]", "x" * 200, "/" * 200, "-5", "{reference}", "disclosures.csv",
]  # fmt: skip
NUMBERS = st.text(st.sampled_from("A7z~/.%?#+ &\\;:@[]{}'\"<>=-_é张🙂"), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
CLINICIANS = ("", "/record/add-note", "/print", "/disclosures")
AUDITORS = ("", "/history", "/disclosures", "/disclosures.csv", "/audit-package")
READ = ("", "/timeline", "/history", "/rows", "/disclosures")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = make_house(f"sqlite:///{tmp_path_factory.mktemp('numbers')}/log.db")
    yield found
    for client in found.open:
        client.close()
    found.services.close()


@settings(max_examples=cases(200, 5_000), deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_one_segment_and_comes_back(text: str) -> None:
    made = segment(text)
    assert reference_of(unquote(made)) == text
    assert "/" not in made
    assert made not in {".", "..", "new", "find", "search"}
    assert not set("?#%\\") & set(unquote(made))


@pytest.mark.parametrize("usual", ["SIM-000001", "C.1001_b", "12345", "ab:c", "erased:00ff"])
def test_a_usual_number_stands_as_it_is(usual: str) -> None:
    assert unquote(segment(usual)) == usual


@settings(max_examples=cases(15, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NUMBERS)
@example("".join(KNOWN[:4]))
def test_what_is_registered_opens_everywhere(house: House, number: str) -> None:
    opens_everywhere(house, number)


@pytest.mark.parametrize("number", KNOWN)
def test_known_shapes_open_everywhere(house: House, number: str) -> None:
    opens_everywhere(house, number)


def opens_everywhere(house: House, number: str) -> None:
    """Register by the API where it is not there, then open every page and address."""
    clinician, auditor = house.api("clinician"), house.api("auditor")
    api = f"/api/v1/clients/{segment(number)}"
    if not house.services.log.stream(house.services.log.client_id(number)):
        body = {"occurred_at": house.hands.now.isoformat(), "data": EXAMPLES["register-client"]}
        answer = clinician.post(f"{api}/commands/register-client", json=body)
        assert answer.status_code == 201, answer.text
        house.services.catch_up()
    for page in READ:
        assert auditor.get(api + page).status_code == 200, page
    address = address_of(number)
    for role, pages in (("clinician", CLINICIANS), ("auditor", AUDITORS)):
        browser = house.browser(role)
        for page in pages:
            answer = browser.get(address + page)
            assert answer.status_code == (403 if (role, page) == ("clinician", "/disclosures") else 200), page
            for link in re.findall(r'(?:href|action)="(/clients/[^"?/]+)', answer.text):
                assert unquote(unescape(link)) in {unquote(address), "/clients/new", "/clients/find"}, page


@pytest.mark.parametrize(
    "number", [*(n for n in KNOWN if n not in {"new", "find", "search"} and "~" not in n), "a~b/c"]
)
def test_a_client_that_percent_encodes_as_usual_opens_it_too(house: House, number: str) -> None:
    opens_everywhere(house, number)
    if set(number) == {"."}:
        return  # such a segment never leaves a client: it is resolved before
    sent = f"/api/v1/clients/{quote(number, safe='')}"
    answer = house.api("clinician").get(sent)
    assert answer.status_code == 200, answer.text
    assert house.browser("clinician").get(f"/clients/{quote(number, safe='')}").status_code == 200
