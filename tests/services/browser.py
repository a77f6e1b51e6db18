"""A real Chromium, driven from the tests and unable to leave this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.services.processes import ServiceMissing

_ARGUMENTS = (
    # A frame of another site stays in its page's process: the driver loses track of one that changes process twice in a
    # moment, as a launch does. Sites stay apart all the same: cookies and storage know nothing of processes.
    "--disable-site-isolation-trials",
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def chromium() -> str:
    """Return where the machine's Chromium is."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise ServiceMissing("no Chromium on this machine: `make test` installs it, or `apt-get install chromium`")


@contextmanager
def running_browser(home: Path) -> Iterator[Browser]:
    """Start Chromium; `home` is where it writes what it wants to keep."""
    home.mkdir(parents=True, exist_ok=True)
    environment: dict[str, str | float | bool] = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
    }
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS), env=environment)
        try:
            yield browser
        finally:
            browser.close()


class FaultyPage(AssertionError):
    """The browser complained about a page: an error in a script, or something its security policy refused."""


@contextmanager
def watched_page(context: BrowserContext) -> Iterator[Page]:
    """Open a page; at the end, fail if the browser's console showed an error meanwhile."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The browser writes every refused form (409, 422…) in its console as an error, though nothing is wrong.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    if complaints:
        raise FaultyPage("\n".join(complaints))
