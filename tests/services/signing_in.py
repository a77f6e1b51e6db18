"""Signing people in: at once, through the session, or as they do it, through the form."""

import time
import uuid
from typing import Protocol

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select
from werkzeug.test import TestResponse

from certify.accounts.models import User, UserSession
from certify.core import clock
from certify.core.db import db
from tests.services.live_server import LiveServer
from tests.services.visiting import submit, visit

PASSWORD = "quatre mots sans aucun lien"


class SignIn(Protocol):
    """Returns a visitor signed in as a person."""

    def __call__(self, user: User) -> FlaskClient:
        """Sign the person in."""


def signed_in_client(app: Flask, user: User, *, second_factor: bool = True) -> FlaskClient:
    """Return a visitor signed in as a person, without the sign-in page; by default they have a second factor."""
    if second_factor and user.tf_primary_method is None:
        user.tf_primary_method = "email"
    client = app.test_client()
    sign_in(client, user)
    return client


def sign_in(client: FlaskClient, user: User) -> uuid.UUID:
    """Sign a person in without looking at a password; return the session opened."""
    opened = UserSession(user_id=user.id, started_at=clock.now(), last_seen_at=clock.now(), device="Firefox, Linux")
    db.session.add(opened)
    db.session.flush()
    session_id, unique = opened.id, user.fs_uniquifier
    db.session.commit()
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": unique, "_fresh": True, "session_id": str(session_id), "fs_paa": time.time()})
    return session_id


def sign_in_browser(context: BrowserContext, server: LiveServer, user: User, *, second_factor: bool = True) -> None:
    """Sign a browser in as a person, without the sign-in page; in the context of the server's application."""
    client = signed_in_client(server.app, user, second_factor=second_factor)
    name = server.app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    context.add_cookies([{"name": name, "value": cookie.value, "url": server.url}])


def sign_in_as(window: Page, server: LiveServer, email: str) -> None:
    """Sign a window in as the person of an address, for a test that stands outside the server's application."""
    with server.app.app_context():
        user = db.session.scalars(select(User).where(User.email == email)).one()
        sign_in_browser(window.context, server, user)


def sign_in_by_form(client: FlaskClient, email: str, password: str = PASSWORD, *, next_page: str = "") -> TestResponse:
    """Sign a person in the way they do, and return the answer to the form."""
    page = visit(client, f"/login?next={next_page}" if next_page else "/login")
    return submit(client, page, email=email, password=password)


def sign_out(client: FlaskClient) -> None:
    """Forget who the client is."""
    with client.session_transaction() as cookie:
        cookie.clear()


def open_sessions_of(user: User) -> list[UserSession]:
    """Return the sessions of a person still open."""
    query = select(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    return list(db.session.scalars(query.order_by(UserSession.started_at)))
