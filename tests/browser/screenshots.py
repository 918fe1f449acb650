"""Make the screenshots of docs/images, every page in light and dark, wide and narrow: ``make screenshots``."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from domain.vocabulary import Role
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.places import pages_of
from tests.ports import free_port

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}
IMAGES = Path("docs/images")
# Who is looked over the shoulder: a page is shown as the first of them sees it, the dashboards with small groups hidden.
ORDER: tuple[Role, ...] = ("reporting", "clinician", "auditor", "admin", "intake")
QUALITY = 62


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in (*IMAGES.glob("*.png"), *IMAGES.glob("*.webp")):
        old.unlink()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).parent / "carejourney", "demo", "--port", str(port), "--directory", folder]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server)
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                _shoot_all(chromium, address)
                chromium.close()
        finally:
            server.terminate()
            server.wait()


def shots() -> Iterator[tuple[Role, str, str]]:
    """Role, address and name of every picture; of the forms of entries, which look alike, one."""
    seen: set[str] = set()
    for role in ORDER:
        for path in pages_of(role, ""):
            name = re.sub(r"clients/SIM-\d+", "client", path).strip("/").replace("/", "-") or "sign-in"
            one_of_many = "/record/" in path and not path.endswith("complete-assessment")
            if path not in seen and not one_of_many and "/entries/" not in path:
                seen.add(path)
                yield role, path, name


def _shoot_all(chromium: Browser, address: str) -> None:
    pages: dict[tuple[Role | None, str, Scheme], Page] = {}
    for role, path, name in shots():
        for width, size in WIDTHS.items():
            for scheme in SCHEMES:
                key = (role if name != "sign-in" else None, width, scheme)
                if key not in pages:
                    pages[key] = _visitor(chromium, address, key[0], size, scheme)
                pages[key].goto(address + path)
                _save(pages[key], IMAGES / f"{name}-{width}-{scheme}.webp")


def _visitor(chromium: Browser, address: str, role: Role | None, size: ViewportSize, scheme: Scheme) -> Page:
    page = chromium.new_context(viewport=size, color_scheme=scheme, locale="en-US").new_page()
    page.goto(address)
    if role is not None:
        page.get_by_role("button", name=f"Continue as {role}").click()
        page.wait_for_url(re.compile(r"/(today|dashboards|operations)"))
    return page


def _save(page: Page, place: Path) -> None:
    """Chromium's own WebP is a third of its PNG."""
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    place.write_bytes(base64.b64decode(taken["data"]))
    session.detach()


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1)
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise SystemExit("the demo did not start")


if __name__ == "__main__":
    main()
