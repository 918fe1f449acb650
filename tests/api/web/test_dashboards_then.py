"""A dashboard as of a moment: by the read models that its page needs, the same as by all of them replayed."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.web.dashboards import page
from api.web.dashboards.report_sections import SECTIONS
from infra.history.as_of import cache
from infra.history.as_of.overlay import NoOverlayError
from projections.catalogue import READ_MODELS
from tests.api.access.conftest import House
from tests.day import DAY

THEN = quote((DAY - timedelta(days=45)).isoformat())
ASKED = ("", "&by=site", "&from=2024-01-01&trend=quarter", "&by=level&compare=iop,php")


def shown(browser: TestClient, path: str) -> tuple[int, str]:
    answer = browser.get(path)
    return answer.status_code, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", answer.text)


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_the_read_models_of_a_page_are_all_that_it_reads(
    full_house: House, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replayed(*_: object) -> None:
        raise NoOverlayError

    paths = [f"/dashboards/{name}?as_of={THEN}{more}" for more in ASKED]
    full_house.services.catch_up()
    browser = full_house.browser("analyst")
    answers = [shown(browser, path) for path in paths]
    full_house.services.past.close()
    monkeypatch.setattr(cache, "opened_over_live", replayed)
    monkeypatch.setattr(page, "models_of", lambda *_: READ_MODELS)
    assert [shown(browser, path) for path in paths] == answers
    assert answers[0][0] == 200
    full_house.services.past.close()
