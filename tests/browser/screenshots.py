"""Pictures of every page of every role, at both widths: `python -m tests.browser.screenshots FOLDER [ROLE …]`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.crawling import PUBLIC, pages_of
from tests.browser.demonstration import ROLES, served_demonstration, sign_in_as
from tests.services import once
from tests.services.browser import DESKTOP, PHONE, running_browser
from tests.services.live_server import LiveServer

WIDTHS = {"1280": {"viewport": DESKTOP}, "360": {"viewport": PHONE, "is_mobile": True, "has_touch": True}}


def main(folder: Path, roles: list[str]) -> None:
    """Write the pictures of some roles, or of all."""
    once.begin_run()
    try:
        with (
            tempfile.TemporaryDirectory() as scratch,
            served_demonstration(Path(scratch)) as server,
            running_browser(Path(scratch) / "chromium") as browser,
        ):
            for role in roles or [*ROLES, "public"]:
                for width, options in WIDTHS.items():
                    count = _picture(browser, server, role, options, folder / width / role)
                    print(f"{role}, {width} px: {count} pages", file=sys.stderr, flush=True)  # noqa: T201
    finally:
        once.end_run()


def _picture(browser: Browser, server: LiveServer, role: str, options: dict[str, object], folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce", **options)  # type: ignore[arg-type]
    page = context.new_page()
    if role in ROLES:
        sign_in_as(context, server, ROLES[role])
    seen: dict[str, int] = {}
    for opened in pages_of(page, server, ("/",) if role in ROLES else PUBLIC):
        seen[opened.kind] = seen.get(opened.kind, 0) + 1
        page.screenshot(path=folder / f"{opened.kind}-{seen[opened.kind]}.png", full_page=True)
        if opened.status >= 400:
            print(f"  {opened.path} answered {opened.status}", file=sys.stderr)  # noqa: T201
    context.close()
    return sum(seen.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
