"""Make the screenshots of docs/images, every page in light and dark, wide and narrow: ``make screenshots``."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, CDPSession, Error, Page, ViewportSize, sync_playwright

from domain.vocabulary import Role
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.places import Read, pages_of
from tools.stack.ports import free_port

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
IMAGES = Path("docs/images")
# Who is looked over the shoulder: a page is shown as the first of them sees it.
ORDER: tuple[Role, ...] = ("clinician", "auditor", "analyst", "reporting", "admin", "intake")
STATES: tuple[tuple[Role, str, str], ...] = (
    ("auditor", f"/clients/SIM-000007?as_of={datetime.now(UTC) - timedelta(days=30):%Y-%m-%dT12:00}", "as-known-on"),
    ("clinician", "/clients/SIM-000007#journey", "journey"),
)
QUALITY = 58


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).parent / "carejourney", "demo", "--port", str(port), "--directory", folder]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server)
            for old in IMAGES.glob("*.webp"):
                old.unlink()
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                _publish(chromium, address)
                _shoot_all(chromium, address)
                chromium.close()
        finally:
            server.terminate()
            server.wait()


def shots(role: Role, read: Read, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Address and name of every picture that nobody before ``role`` saw; of the forms of entries, which look alike, one."""
    yield from ((path, name) for who, path, name in STATES if who == role)
    for path in pages_of(role, "", read):
        plain = re.sub(r"clients/SIM-\d+", "client", path.partition("?")[0])
        name = re.sub(r"handoffs/[^/]+$", "handoff", plain).strip("/").replace("/", "-")
        one_of_many = "/record/" in path and not path.endswith("complete-assessment")
        if name and name not in seen and not one_of_many and "/entries/" not in path:
            seen.add(name)
            yield path, name


def _shoot_all(chromium: Browser, address: str) -> None:
    _shoot(chromium, address, None, [("/", "sign-in")])
    seen: set[str] = set()
    for role in ORDER:
        page = _visitor(chromium, address, role, WIDTHS["wide"], "light")
        own = list(shots(role, lambda path, page=page: page.request.get(address + path).text(), seen))
        page.context.close()
        _shoot(chromium, address, role, own)


def _publish(chromium: Browser, address: str) -> None:
    """Make a publication, as an administrator does, so that there is one to look at."""
    page = _visitor(chromium, address, "admin", WIDTHS["wide"], "light")
    page.goto(f"{address}/publications/plan")
    page.get_by_role("button", name="Publish now").click()
    page.get_by_role("link", name="Open it").wait_for(timeout=600_000)
    page.context.close()


def _shoot(chromium: Browser, address: str, role: Role | None, own: Sequence[tuple[str, str]]) -> None:
    for width, size in WIDTHS.items():
        for scheme in SCHEMES if own else ():
            page = _visitor(chromium, address, role, size, scheme)
            for path, name in own:
                page.goto(address + path)
                _save(page, IMAGES / f"{name}-{width}-{scheme}.webp")
            page.context.close()


def _visitor(chromium: Browser, address: str, role: Role | None, size: ViewportSize, scheme: Scheme) -> Page:
    page = chromium.new_context(viewport=size, color_scheme=scheme, locale="en-US").new_page()
    page.goto(address)
    if role is not None:
        page.get_by_role("button", name=f"Continue as {role}").click()
        page.wait_for_url(re.compile(r"/(today|clients|reports|dashboards|publications|operations|administration)"))
    return page


def _save(page: Page, place: Path) -> None:
    """Chromium's own WebP is a third of its PNG. Sometimes it cannot take a picture at once: then it is asked again."""
    session = page.context.new_cdp_session(page)
    place.write_bytes(base64.b64decode(_taken(page, session)))
    session.detach()


def _taken(page: Page, session: CDPSession, tries: int = 5) -> str:
    try:
        return session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})["data"]
    except Error:
        if tries == 1:
            raise
    page.wait_for_load_state("networkidle")
    return _taken(page, session, tries - 1)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the demo did not start")


if __name__ == "__main__":
    main()
