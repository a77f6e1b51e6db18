"""A story: people who follow one another at a computer, somebody on a phone, and every page they meet checked."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

import competencies
from tests.browser.town import Town

FRAMEWORK = competencies.demo()
Check = Callable[[Page], None]


@dataclass
class Story:
    """The people's browsers, what checks a page, and the addresses met on the way."""

    town: Town
    page: Page
    phone: Page
    axe: Check
    urls: dict[str, str] = field(default_factory=dict)

    def sit(self, email: str, path: str) -> Page:
        """Let somebody of the staff sit down and open a page, which is checked."""
        self.town.become(self.page, email)
        return self.at(self.page, path)

    def at(self, window: Page, path: str) -> Page:
        """Open a page and check it."""
        self.town.open(window, path)
        self.check(window)
        return window

    def check(self, window: Page) -> None:
        """Check that a page is accessible and as wide as its window."""
        self.axe(window)
        assert not window.evaluate("document.documentElement.scrollWidth > innerWidth"), window.url
