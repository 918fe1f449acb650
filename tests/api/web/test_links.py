"""Every link leads somewhere, every form is taken: pages are followed from the start of each role, some of each kind."""

from __future__ import annotations

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from api.http.access import PUBLIC, ROLES, ROUTES, may
from tests.api.access.conftest import House
from tests.depth import cases

PAGES = cases(120, 3_000)  # of a role
ALIKE = cases(1, 3)  # addresses that differ in their values only
LINK = re.compile(r'href="([^"#]+)[#"]')
FORM = re.compile(r'<form [^>]*method="post"[^>]*>')
ACTION = re.compile(r'action="([^"]*)"')
PLACES = {
    re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(route.removeprefix("POST "))) + "$"): area
    for route, area in ROUTES.items()
    if route.startswith("POST ")
}
NO_PAGE = re.compile(r"(https?|mailto|tel|data):|/static/|.*[?&](language|utc)=")  # these two are followed elsewhere
UNMADE = re.compile(r"&lt;(?:Macro|function|bound method|[\w.]+ object)\b|\bUndefined\b|%\(\w+\)s")
CODE = re.compile(r"<script.*?</script>|<code.*?</code>|<pre.*?</pre>", re.DOTALL)


def kind_of(address: str) -> str:
    """An address without its values."""
    parts = urlsplit(address)
    path = re.sub(r"SIM-\d+|[0-9a-f-]{16,}|(?<=/)\d+(?=/|$)", "…", parts.path)
    return f"{path}?{'&'.join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))}"


def forms_refused(page: str, address: str, role: str) -> list[str]:
    """The addresses of a page's forms that would answer 403, or that no route takes."""
    actions = [unescape(found[1]) if (found := ACTION.search(form)) else address for form in FORM.findall(page)]
    paths = [urlsplit(urljoin(address, action)).path for action in actions]
    areas = [(path, [area for place, area in PLACES.items() if place.match(path)]) for path in paths]
    return [path for path, fits in areas if not any(area == PUBLIC or may(role, area) for area in fits)]


@pytest.mark.parametrize("role", ROLES)
def test_no_link_of_a_role_is_dead(full_house: House, role: str) -> None:
    browser = full_house.browser(role)
    waiting, seen, followed = deque([("/", "")]), set[str](), Counter[str]()
    wrong: list[tuple[str, str, object]] = []
    while waiting and followed.total() < PAGES:
        address, source = waiting.popleft()
        kind = kind_of(address)
        if address in seen or followed[kind] == ALIKE:
            continue
        seen.add(address)
        followed[kind] += 1
        answer = browser.get(address)
        if answer.is_redirect:
            waiting.appendleft((urlsplit(answer.headers["location"])._replace(scheme="", netloc="").geturl(), source))
        elif answer.status_code != 200:
            wrong.append((source, address, answer.status_code))
        elif answer.headers["content-type"].startswith("text/html"):
            wrong += [(source, address, text) for text in UNMADE.findall(CODE.sub("", answer.text))]
            wrong += [(source, address, f"form to {path}") for path in forms_refused(answer.text, address, role)]
            links = (unescape(link) for link in LINK.findall(answer.text))
            waiting += ((urljoin(address, link), address) for link in links if not NO_PAGE.match(link))
    assert wrong == []
    assert followed.total() > 3
