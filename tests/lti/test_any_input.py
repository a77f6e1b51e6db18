"""Whatever is posted to a launch, or signed as its claims: a page that says no, never a fault, never a session."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from certify.lti.models import Registration
from certify.lti.protocol import names
from tests.services.launches import answer, begin
from tests.services.lms import Platform

pytestmark = [pytest.mark.settings(lti_allow_insecure=True), pytest.mark.engines("sqlite")]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
CLAIM_NAMES = [
    "iss", "sub", "aud", "azp", "exp", "iat", "name", "email", "locale", names.MESSAGE_TYPE, names.VERSION,
    names.DEPLOYMENT_ID, names.ROLES, names.CONTEXT, names.RESOURCE_LINK, names.CUSTOM, names.AGS, names.NRPS,
    names.PRESENTATION, names.PLATFORM, names.TARGET_LINK_URI, names.DL_SETTINGS, names.FOR_USER,
]  # fmt: skip


def check_refused(response: TestResponse) -> None:
    assert 400 <= response.status_code < 500, response.status_code
    assert response.mimetype == "text/html"
    assert not any("__Host-certify" in header for header in response.headers.getlist("Set-Cookie"))


@settings(max_examples=60)
@given(body=st.binary(max_size=300), kind=st.sampled_from(["application/x-www-form-urlencoded", "text/plain", ""]))
def test_any_bytes_posted_to_a_launch_are_refused(client: FlaskClient, body: bytes, kind: str) -> None:
    check_refused(client.post("/lti/launch", data=body, content_type=kind))


@settings(max_examples=60)
@given(state=st.text(max_size=60), token=st.text(max_size=200), error=st.text(max_size=20))
def test_any_fields_posted_to_a_launch_are_refused(client: FlaskClient, state: str, token: str, error: str) -> None:
    check_refused(client.post("/lti/launch", data={"state": state, "id_token": token, "error": error}))
    check_refused(client.post("/lti/launch/stored", data={"state": state, "id_token": token, "binder": error}))


@settings(max_examples=60)
@given(token=st.binary(max_size=300))
def test_any_token_for_a_login_under_way_is_refused(
    app: Flask, client: FlaskClient, platform: Platform, registration: Registration, token: bytes
) -> None:
    begun = begin(client, platform.login_request())
    _token, state = platform.authorize(begun.headers["Location"])
    check_refused(client.post("/lti/launch", data={"state": state, "id_token": token}))


@settings(max_examples=150)
@given(changes=st.dictionaries(st.sampled_from(CLAIM_NAMES), JSON, min_size=1, max_size=4))
def test_any_signed_claims_open_a_page_or_are_refused(
    client: FlaskClient, platform: Platform, registration: Registration, changes: dict[str, Any]
) -> None:
    begun = begin(client, platform.login_request())
    token, state = platform.authorize(begun.headers["Location"], **changes)
    response = answer(client, token, state)
    if response.status_code == 303:
        inside = client.get(response.headers["Location"], follow_redirects=True)
        assert inside.status_code in (200, 404)
    else:
        check_refused(response)


@settings(max_examples=60)
@given(
    asked=st.dictionaries(
        st.sampled_from(
            ["iss", "login_hint", "client_id", "target_link_uri", "lti_message_hint", "lti_storage_target"]
        ),
        st.text(max_size=40),
    )
)
def test_any_login_request_is_refused_or_sent_to_the_platform(
    client: FlaskClient, platform: Platform, registration: Registration, asked: dict[str, str]
) -> None:
    response = client.get("/lti/login", query_string={"iss": platform.issuer, **asked})
    if response.status_code == 302:
        assert response.headers["Location"].startswith(platform.authorization_url)
    elif response.status_code != 200:
        check_refused(response)
