"""One real web server of two processes, and many people who use it at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.settings import Settings
from tests.nodes.balancer import Balancer, Browser
from tests.nodes.path import PASSWORD
from tests.services.visiting import follow, submit, visit

Sending = Callable[[], TestResponse]


@dataclass(frozen=True)
class Server:
    """A real server of two processes, the application it serves, and the browsers that reach it."""

    url: str
    app: Flask
    settings: Settings

    def browser_of(self, email: str) -> Browser:
        """Return the browser of somebody signed in."""
        browser = Browser(Balancer([self.url]), self.url)
        page = visit(browser, "/login")
        follow(browser, submit(browser, page, 'form:has([name="email"])', email=email, password=PASSWORD))
        return browser

    def tabs(self, browser: Browser, count: int) -> list[Browser]:
        """Return so many tabs of one browser."""
        cookie = browser.get_cookie("certify", domain=str(urlsplit(self.url).hostname))
        assert cookie is not None
        tabs = [Browser(Balancer([self.url]), self.url) for _ in range(count)]
        for tab in tabs:
            tab.set_cookie(cookie.key, cookie.value, domain=cookie.domain)
        return tabs


def known(session: Session, user: User) -> str:
    """Give somebody a password, and return their address."""
    accounts.set_password(session, user, PASSWORD)
    session.commit()
    return user.email


def at_once(work: Sequence[Sending]) -> list[TestResponse]:
    """Send everything at the same moment; return the answers."""
    together = Barrier(len(work))

    def send(one: Sending) -> TestResponse:
        together.wait(30)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(send, work))
