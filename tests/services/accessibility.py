"""Accessibility of a page in a real browser, checked by axe-core."""

from collections.abc import Mapping
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def assert_accessible(page: Page) -> None:
    """Assert that axe finds nothing on the page as it is now; the message says what, where and how to mend it."""
    faults = Axe().run(page, options={"runOnly": {"type": "tag", "values": _TAGS}}).response["violations"]
    described = "\n".join(_describe(fault) for fault in faults)
    assert not faults, f"{len(faults)} accessibility fault(s) on {page.url}:\n{described}"


def assert_all_accessible(page: Page, places: Mapping[str, str]) -> None:
    """Open each page of a list: it answers, axe finds nothing, nothing is wider than the window."""
    for name, address in places.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, name
        assert_accessible(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name


def _describe(fault: dict[str, Any]) -> str:
    places = [f"    {' '.join(node['target'])}\n      {node['html'][:200]}" for node in fault["nodes"][:5]]
    more = len(fault["nodes"]) - len(places)
    return "\n".join(
        [f"  {fault['id']} ({fault['impact']}): {fault['help']}", *places, *([f"    and {more} more"] if more else [])]
    )
