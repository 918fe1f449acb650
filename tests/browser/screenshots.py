"""Make the screenshots of docs/images from simulated clients: ``make screenshots``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.ports import free_port

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
IMAGES = Path("docs/images")
SHOTS = {
    "today": ("clinician", "/today"),
    "client": ("clinician", "/clients/SIM-000007"),
    "census": ("reporting", "/dashboards/census"),
    "completion": ("reporting", "/dashboards/completion"),
    "retention": ("reporting", "/dashboards/retention"),
    "abstinence": ("clinician", "/dashboards/abstinence"),
    "status": ("reporting", "/dashboards/status"),
    "operations": ("admin", "/operations"),
}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).parent / "carejourney", "demo", "--port", str(port), "--directory", folder]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server)
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                for scheme in SCHEMES:
                    for name, (role, path) in SHOTS.items():
                        _shoot(chromium, address, role, path, scheme, 1280, name)
                _shoot(chromium, address, "clinician", "/clients/SIM-000007", "light", 390, "client-narrow")
                _shoot(chromium, address, "reporting", "/dashboards/retention", "dark", 390, "retention-narrow")
                chromium.close()
        finally:
            server.terminate()
            server.wait()


def _shoot(chromium: Browser, address: str, role: str, path: str, scheme: Scheme, width: int, name: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 860}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name=f"Continue as {role}").click()
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    ending = "" if scheme == "light" or width == 390 else "-dark"
    page.screenshot(path=IMAGES / f"{name}{ending}.png")
    context.close()


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
