"""Finding every page a person can reach by its links: one page of each kind."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException

from tests.services.live_server import LiveServer

_LINKS = "links => links.filter(link => !link.hasAttribute('download')).map(link => link.href)"
_NOT_PAGES = ("static", "security.static", "health.", "evidence.file", "certificates.file", "juries.piece")
PUBLIC = ("/login", "/reset", "/verify", "/aide", "/accessibilite", "/mentions-legales", "/mailbox")
"""Where somebody who has not signed in begins."""
_SEVERAL = {
    "logbook.show": 4,
    "logbook.review": 2,
    "assessments.show": 2,
    "juries.show": 3,
    "juries.candidacy": 3,
    "certificates.show": 2,
    "reports.trainee": 3,
    "pages.mail": 3,
}
"""Kinds of page that look different from one object to the next: how many of each are opened."""


@dataclass(frozen=True)
class Opened:
    """A page the browser shows: what kind it is, where, and how it was answered."""

    kind: str
    path: str
    status: int


def pages_of(page: Page, server: LiveServer, starts: Iterable[str] = ("/",)) -> Iterator[Opened]:
    """Open, one after the other, the pages reached from `starts`, and give each while the browser shows it.

    A kind of page is an endpoint.
    """
    waiting = list(starts)
    known, opened = set(waiting), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(server.app, path)
        if kind is None or opened[kind] >= _SEVERAL.get(kind, 1):
            continue
        opened[kind] += 1
        answer = page.goto(server.address(path))
        assert answer is not None, path
        links = _links(page, server)
        if kind == "pages.mail":
            # A mail leads to pages of whom it was written to; only an invitation opens to whoever holds it.
            links = [link for link in links if kind_of(server.app, link) == "accounts.invitation"]
        fresh = [link for link in dict.fromkeys(links) if link not in known]
        yield Opened(kind, path, answer.status)
        known.update(fresh)
        waiting += fresh


def kind_of(app: Flask, path: str) -> str | None:
    """Return the endpoint behind an address when it is a page, else nothing."""
    if path.endswith((".csv", ".pdf")):
        return None
    try:
        endpoint, _values = app.url_map.bind("").match(path)
    except HTTPException:
        return None
    return None if str(endpoint).startswith(_NOT_PAGES) else str(endpoint)


def _links(page: Page, server: LiveServer) -> list[str]:
    # Mails name the application by its public address.
    own = (server.url, server.app.config["SETTINGS"].public_url)
    links = [link for link in page.locator("a[href]").evaluate_all(_LINKS) if link.startswith(own)]
    # Sorted, filtered and paged lists are the same page.
    return [urlsplit(link).path for link in links if "format=csv" not in link]
