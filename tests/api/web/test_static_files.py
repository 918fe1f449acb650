"""Style sheet and scripts: kept by browsers as long as they are the same, fetched anew when a release changes them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest

from api.web.frame import static_files
from api.web.frame.static_files import FILES, file_address
from tests.api.access.conftest import House

LINKED = re.compile(r'(?:src|href)="(/static/[^"]+)"')
ANOTHER_RELEASE = "/static/0123456789abcdef"


def linked(house: House) -> Iterator[str]:
    """What the pages of an analyst and a clinician ask for."""
    pages = {"analyst": ("/dashboards/completion", "/reports"), "clinician": ("/today", "/clients/SIM-000007")}
    for role, paths in pages.items():
        for path in paths:
            yield from LINKED.findall(house.browser(role).get(path).text)


def test_what_pages_ask_for_is_kept_for_a_year_at_an_address_of_its_content(full_house: House) -> None:
    asked = set(linked(full_house))
    assert asked >= {file_address(name) for name in ("app.css", "app.js", "plotly.min.js", "charts.js", "picture.js")}
    for address in asked:
        answer = full_house.browser("reporting").get(address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content == FILES[address.rpartition("/")[2]].read_bytes()


def test_other_content_has_another_address(full_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file_address("app.css")
    monkeypatch.setitem(FILES, "app.css", FILES["app.js"])
    static_files.digest_of.cache_clear()
    try:
        assert file_address("app.css") != before
    finally:
        static_files.digest_of.cache_clear()


def test_a_page_of_another_release_gets_what_there_is_and_does_not_keep_it(full_house: House) -> None:
    answer = full_house.browser("reporting").get(f"{ANOTHER_RELEASE}/app.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.content == FILES["app.css"].read_bytes()


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "br, gzip;q=0.5"])
def test_who_can_unpack_gets_less_to_carry(full_house: House, accepted: str) -> None:
    browser = full_house.browser("analyst")
    with browser.stream("GET", file_address("plotly.min.js"), headers={"Accept-Encoding": accepted}) as answer:
        sent = b"".join(answer.iter_raw())
    whole = FILES["plotly.min.js"].read_bytes()
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert int(answer.headers["content-length"]) == len(sent) < len(whole) / 3
    assert gzip.decompress(sent) == whole


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "gzip; q=0.0, identity", ""])
def test_who_cannot_unpack_gets_it_as_it_is(full_house: House, accepted: str) -> None:
    answer = full_house.browser("analyst").get(file_address("app.js"), headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == FILES["app.js"].read_bytes()


@pytest.mark.parametrize("name", ["nothing.js", "..", "app.py", "%2e%2e%2fapp.py", "app.css/more", ""])
def test_nothing_else_is_given_out(full_house: House, name: str) -> None:
    assert full_house.browser("admin").get(f"{ANOTHER_RELEASE}/{name}").status_code == 404


def test_pages_are_not_packed(full_house: House) -> None:
    """What somebody typed stands beside what is secret there: how far it shrinks would tell (the BREACH attack)."""
    page = full_house.browser("clinician").get("/today", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in page.headers
