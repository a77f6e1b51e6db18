"""1EdTech LTI Advantage conformance, tool side: known bad payloads (12 rows); each is refused and never opens a visit.

https://www.imsglobal.org/spec/lti/v1p3/cert/#tool-core-known-bad-payloads
"""

import base64
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.lti.models import Launch, Registration, Verdict
from certify.lti.protocol import names
from certify.lti.protocol.errors import RULES
from tests.services.launches import answer, begin
from tests.services.lms import ABSENT, Platform

pytestmark = pytest.mark.settings(lti_allow_insecure=True)

CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong LTI version": ({names.VERSION: "11.3.0"}, "version-wrong"),
    "no LTI version": ({names.VERSION: ABSENT}, "version-missing"),
    "timestamps incorrect": ({"iat": 11111, "exp": 22222}, "expired"),
    "message type missing": ({names.MESSAGE_TYPE: ABSENT}, "message-type-missing"),
    "roles missing": ({names.ROLES: ABSENT}, "roles-missing"),
    "deployment id missing": ({names.DEPLOYMENT_ID: ABSENT}, "deployment-missing"),
    "resource link id missing": ({names.RESOURCE_LINK: {"title": "Mon carnet"}}, "resource-link-missing"),
    "user missing": ({"sub": ABSENT}, "subject-missing"),
}


def check_refused(response: Any, session: Session, code: str) -> None:
    """Assert that a launch was refused for one reason, said on screen and kept as proof, and opened nothing."""
    assert response.status_code == RULES[code].family.status
    page = response.get_data(as_text=True)
    assert code in page
    assert RULES[code].spec.partition("#")[0] in page
    kept = session.scalars(select(Launch)).one()
    assert (kept.verdict, kept.reason) == (Verdict.REFUSED, code)
    assert not any("__Host-certify" in header for header in response.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(("changes", "code"), CLAIMS.values(), ids=CLAIMS.keys())
def test_a_payload_that_breaks_a_rule_is_refused(
    client: FlaskClient,
    session: Session,
    platform: Platform,
    registration: Registration,
    changes: dict[str, Any],
    code: str,
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"], **changes)
    check_refused(answer(client, token, state), session, code)


@pytest.mark.parametrize(
    ("header", "code"),
    [({"kid": ABSENT}, "kid-missing"), ({"kid": "imstester_66067"}, "kid-unknown")],
    ids=["no kid in the header", "incorrect kid in the header"],
)
def test_a_token_whose_key_cannot_be_told_is_refused(
    client: FlaskClient,
    session: Session,
    platform: Platform,
    registration: Registration,
    header: dict[str, Any],
    code: str,
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"])
    check_refused(answer(client, resigned(platform, token, **header), state), session, code)


def test_an_invalid_lti_message_is_refused(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    begun = begin(client, platform.login_request())
    _token, state = platform.authorize(begun.headers["Location"])
    check_refused(answer(client, platform.sign({"name": "badltilaunch"}), state), session, "issuer-wrong")


def test_a_launch_without_lti_claims_is_refused(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"])
    bare = {name: value for name, value in claims_of(token).items() if not name.startswith("https://")}
    check_refused(answer(client, platform.sign(bare), state), session, "version-missing")


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token, as anybody can read them."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def resigned(platform: Platform, token: str, **header: Any) -> str:
    """Return the same claims under another header."""
    return platform.sign(claims_of(token), **header)
