"""Launching certify from a platform, as a browser does it: login, back to the platform, launch, and where it leads."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from certify.core import clock
from certify.core.db import db
from certify.lti import keys
from certify.lti.models import Deployment, DeploymentState, Registration, RegistrationState
from certify.organisations.models import Organisation
from tests.services.lms import Platform
from tests.services.visiting import Visitor

TOOL = "http://127.0.0.1:8000"
"""The public address of the application under test, unless its settings say otherwise."""


def register(
    session: Session,
    platform: Platform,
    organisation: Organisation,
    *,
    tool: str = TOOL,
    jwks: Any = "",
    **values: Any,
) -> Registration:
    """Make the platform and certify know each other, with one deployment let in.

    Unless certify is served somewhere, the platform is handed its keys instead of reading them at an address.
    """
    platform.know(tool, jwks=jwks if tool != TOOL else jwks or published_by(current_app))
    now = clock.now()
    registration = Registration(
        **{
            "organisation_id": organisation.id,
            "name": "Plateforme de formation",
            "issuer": platform.issuer,
            "client_id": platform.client_id,
            "authorization_url": platform.authorization_url,
            "token_url": platform.token_url,
            "jwks_url": platform.jwks_url,
            "product": platform.product,
            "state": RegistrationState.ACTIVE,
            "role_mapping": {},
            "created_at": now,
            "changed_at": now,
            **values,
        }
    )
    session.add(registration)
    session.flush()
    session.add(
        Deployment(
            registration_id=registration.id,
            lms_id=platform.deployment_id,
            state=DeploymentState.ACTIVE,
            first_seen_at=now,
            decided_at=now,
        )
    )
    session.commit()
    return registration


def published_by(app: Any) -> Callable[[], dict[str, Any]]:
    """Return what reads the public keys of an application of this process."""
    actual: Flask = app._get_current_object()

    def published() -> dict[str, Any]:
        with actual.app_context():
            return keys.published(db.session, actual.config["SETTINGS"])

    return published


def begin(visitor: Visitor, asked: Mapping[str, str], **headers: str) -> TestResponse:
    """Open the login address as the platform has the browser do it."""
    return visitor.get("/lti/login", query_string=dict(asked), headers=headers)


def answer(visitor: Visitor, token: str, state: str) -> TestResponse:
    """Post the platform's answer as its page does."""
    return visitor.post("/lti/launch", data={"id_token": token, "state": state})


def launch(
    visitor: Visitor, platform: Platform, *who: Any, claims: Mapping[str, Any] | None = None, **how: Any
) -> TestResponse:
    """Launch from the platform and return the answer to the launch."""
    begun = begin(visitor, platform.login_request(*who, **how))
    assert begun.status_code == 302, begun.get_data(as_text=True)
    token, state = platform.authorize(begun.headers["Location"], **(claims or {}))
    return answer(visitor, token, state)


def landing(response: TestResponse) -> str:
    """Return the page a launch led to, without the part that names the launch."""
    assert response.status_code == 303, response.get_data(as_text=True)
    path = urlsplit(response.headers["Location"])
    _nothing, letter, _public_id, rest = path.path.split("/", 3)
    assert letter == "l"
    return f"/{rest}" + (f"?{path.query}" if path.query else "")
