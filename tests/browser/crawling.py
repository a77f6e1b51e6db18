"""Finding every page a person can reach by its links: one page of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException

from tests.services.live_server import LiveServer

_LINKS = "links => links.filter(link => !link.hasAttribute('download')).map(link => link.href)"
_NOT_PAGES = ("static", "security.static", "health.", "evidence.file", "certificates.file", "juries.minutes_pdf", "juries.piece")
_STATE = {"logbook.show", "logbook.edit", "assessments.show", "juries.show", "certificates.verify", "certificates.show"}
"""Kinds of page that look different from one object to the next: several of each are opened."""
_FEW = 4


@dataclass(frozen=True)
class Opened:
    """A page the browser shows: what kind it is, where, and how it was answered."""

    kind: str
    path: str
    status: int


def pages_of(page: Page, server: LiveServer, *, start: str = "/", each: int = 1) -> Iterator[Opened]:
    """Open, one after the other, the pages reached from `start`, and give each while the browser shows it.

    A kind is an endpoint; `each` pages of it are opened, a few more of the kinds that show an object in several states.
    """
    waiting, known, opened = [start], {start}, dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(server.app, path)
        limit = max(each, _FEW) if each > 1 and kind in _STATE else each
        if kind is None or opened.get(kind, 0) >= limit:
            continue
        opened[kind] = opened.get(kind, 0) + 1
        answer = page.goto(server.address(path))
        assert answer is not None, path
        found = [_path(link) for link in page.locator("a[href]").evaluate_all(_LINKS) if link.startswith(server.url)]
        yield Opened(kind, path, answer.status)
        fresh = [link for link in dict.fromkeys(found) if link not in known]
        known.update(fresh)
        waiting += fresh


def kind_of(app: Flask, path: str) -> str | None:
    """Return the endpoint behind an address when it is a page, else nothing."""
    parts = urlsplit(path)
    if "format=csv" in parts.query or parts.path.endswith((".csv", ".pdf")):
        return None
    try:
        endpoint, _values = app.url_map.bind("").match(parts.path)
    except HTTPException:
        return None
    return None if str(endpoint).startswith(_NOT_PAGES) else str(endpoint)


def _path(link: str) -> str:
    parts = urlsplit(link)
    # Sorted, filtered and paged lists are the same page.
    return parts.path
