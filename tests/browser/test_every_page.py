"""Every page of every role, in a browser: it answers, fits its window, speaks to assistive tools and breaks nothing.

One page of each kind, a few of those that look different from one object to the next, is opened on the demonstration.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.browser.crawling import PUBLIC, Opened, pages_of
from tests.browser.demonstration import ROLES, served_demonstration, sign_in_as
from tests.services.browser import DESKTOP, watched_page
from tests.services.live_server import LiveServer
from tests.services.processes import ROOT

VISITORS = [*ROLES, "public"]
_WIDTHS = (1280, 360, 320)
_SAME_FOR_ALL = {
    "accounts.show",
    "accounts.second_factor",
    "frameworks.index",
    "frameworks.show",
    "pages.accessibility",
    "pages.help",
    "pages.legal",
    "pages.mail",
    "pages.mailbox",
    "security.change_password",
    "security.two_factor_setup",
    "security.wan_register",
}
"""Kinds that show everybody the same: their accessibility is checked for one role only."""
_OVERFLOW = """() => {
  const width = document.scrollingElement.scrollWidth;
  const sticksOut = (part) => part.getBoundingClientRect().right > innerWidth + 1;
  const named = [...document.querySelectorAll("body *")].filter(sticksOut).map((part) => part.outerHTML.slice(0, 90));
  return width > innerWidth ? `${width} px, ${named.slice(0, 3).join(" … ")}` : "";
}"""
_FOCUSED = "() => document.activeElement?.className ?? ''"
_WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest("[data-user-text], [lang=fr], script, template")) found.push(node.data);
  return found;
}"""


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with served_demonstration(tmp_path_factory.mktemp("demonstration")) as server:
        yield server


@pytest.fixture(scope="module")
def checked() -> set[str]:
    """The kinds of page that axe has seen already."""
    return set()


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce", viewport=DESKTOP)
    context.set_default_timeout(20_000)
    yield context
    context.close()


def starts_of(context: BrowserContext, server: LiveServer, visitor: str) -> tuple[str, ...]:
    """Sign the visitor in, and return where they begin."""
    if visitor not in ROLES:
        return PUBLIC
    sign_in_as(context, server, ROLES[visitor])
    return ("/",)


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900 if width > 800 else 740})


def faults_at_every_width(page: Page, opened: Opened, axe: Callable[[Page], None] | None) -> Iterator[str]:
    for width in _WIDTHS:
        resize(page, width)
        if wide := page.evaluate(_OVERFLOW):
            yield f"{opened.kind} {opened.path} is wider than {width} px: {wide}"
        if axe and width != 320:
            try:
                axe(page)
            except AssertionError as error:
                yield f"{opened.kind} at {width} px: {error}"
    resize(page, 1280)


def is_new_to_axe(opened: Opened, checked: set[str]) -> bool:
    if opened.kind in checked:
        return False
    if opened.kind in _SAME_FOR_ALL:
        checked.add(opened.kind)
    return True


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_page_is_accessible_and_fits_its_window(
    demonstration: LiveServer, window: BrowserContext, axe: Callable[[Page], None], checked: set[str], visitor: str
) -> None:
    faults, kinds = [], set()

    def note(response: Response) -> None:
        if response.status >= 400:
            faults.append(f"{response.url} answered {response.status}, asked by {page.url}")

    starts = starts_of(window, demonstration, visitor)
    with watched_page(window) as page:
        page.on("response", note)
        for opened in pages_of(page, demonstration, starts):
            kinds.add(opened.kind)
            faults += faults_at_every_width(page, opened, axe if is_new_to_axe(opened, checked) else None)
    assert not faults, "\n".join(faults)
    assert len(kinds) >= 5, f"only {sorted(kinds)} were found"


@pytest.mark.parametrize(("visitor", "path"), [("stagiaire", "/"), ("public", "/login"), ("public", "/verify")])
def test_the_first_tab_leads_to_the_content(
    demonstration: LiveServer, window: BrowserContext, visitor: str, path: str
) -> None:
    starts_of(window, demonstration, visitor)
    with watched_page(window) as page:
        page.goto(demonstration.address(path))
        page.evaluate("() => document.activeElement?.blur()")
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUSED) == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("() => location.hash") == "#content"


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_page_is_in_english_for_who_asks(demonstration: LiveServer, window: BrowserContext, visitor: str) -> None:
    faults = []
    starts = starts_of(window, demonstration, visitor)
    with watched_page(window) as page:
        page.goto(demonstration.address(starts[0]))
        page.get_by_role("button", name="switch to English").click()
        for opened in pages_of(page, demonstration, starts):
            if opened.status != 200 or page.locator("html").get_attribute("lang") != "en":
                faults.append(f"{opened.kind} {opened.path} answered {opened.status}, or not in English")
            left = french_wordings() & {plain(text) for text in page.evaluate(_WORDS)}
            faults += [f"{opened.kind} {opened.path} says « {text} »" for text in sorted(left)]
    assert not faults, "\n".join(faults)


@cache
def french_wordings() -> frozenset[str]:
    """Return what the application says in French and otherwise in English."""
    path = Path(ROOT) / "certify" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="en")
    both = {(text, message.string) for message in catalogue if message.id for text in [message.id]}
    english = {string for _id, string in both if isinstance(string, str)}
    return frozenset(plain(text) for text, _en in both if isinstance(text, str) and text not in english)


def plain(text: str) -> str:
    """Return a text with ordinary spaces only."""
    return re.sub(r"\s+", " ", text).strip()
