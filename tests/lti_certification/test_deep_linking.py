"""1EdTech LTI Advantage conformance, tool side: deep linking (7 rows).

https://www.imsglobal.org/spec/lti/v1p3/cert/#deep-linking and https://www.imsglobal.org/spec/lti-dl/v2p0
"""

import base64
import json
import time
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.cohorts.models import Cohort
from certify.lti.models import Context, Registration
from certify.lti.protocol import names
from tests.services.launches import landing, launch
from tests.services.lms import ABSENT, Platform
from tests.services.lms.vocabulary import DEEP_LINKING_REQUEST
from tests.services.visiting import Page, read, submit, visit

pytestmark = [pytest.mark.settings(lti_allow_insecure=True), pytest.mark.engines("sqlite")]


@pytest.fixture
def asked(
    client: FlaskClient, session: Session, platform: Platform, registration: Registration, cohort: Cohort
) -> Page:
    """Give the page that a deep linking launch, without any target as the suite sends it, leads to."""
    launch(client, platform, "teacher")
    session.scalars(select(Context)).one().cohort_id = cohort.id
    session.commit()
    response = launch(client, platform, "teacher", message=DEEP_LINKING_REQUEST, claims={names.TARGET_LINK_URI: ABSENT})
    assert landing(response) == "/course/choose"
    return visit(client, response.headers["Location"])


@pytest.fixture
def answered(client: FlaskClient, asked: Page) -> tuple[str, str]:
    """Give the address and the token of the response to a choice of two links."""
    page = read(submit(client, asked, "form#links", press="Ajouter au cours", targets=["logbook", "progress"]))
    form, field = page.select_one("form[data-lti-return]"), page.select_one("form[data-lti-return] input[name=JWT]")
    assert form is not None
    assert field is not None
    return str(form["action"]), str(field["value"])


def part(token: str, place: int) -> dict[str, Any]:
    segment = token.split(".")[place]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return found


def test_a_deep_linking_request_is_accepted(asked: Page) -> None:
    assert asked.select_one("form#links") is not None


def test_a_response_is_received(platform: Platform, answered: tuple[str, str]) -> None:
    address, token = answered
    assert requests.post(address, data={"JWT": token}, timeout=10).status_code == 200
    assert len(platform.responses) == 1


def test_the_response_is_a_deep_linking_response(answered: tuple[str, str]) -> None:
    claims = part(answered[1], 1)
    assert claims[names.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert claims[names.VERSION] == "1.3.0"


def test_the_timestamps_of_the_response_are_those_of_now(answered: tuple[str, str]) -> None:
    claims = part(answered[1], 1)
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["iat"] < claims["exp"] <= claims["iat"] + 3600


def test_the_response_is_signed_by_a_published_key(client: FlaskClient, answered: tuple[str, str]) -> None:
    header = part(answered[1], 0)
    published = client.get("/.well-known/jwks.json").get_json()["keys"]
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in published}


def test_the_response_has_its_required_claims(platform: Platform, answered: tuple[str, str]) -> None:
    claims = part(answered[1], 1)
    assert claims["iss"] == platform.client_id
    assert claims["aud"] in (platform.issuer, [platform.issuer])
    assert claims["nonce"]
    assert claims[names.DEPLOYMENT_ID] == platform.deployment_id


def test_the_links_of_the_response_are_those_chosen(platform: Platform, answered: tuple[str, str]) -> None:
    items = part(answered[1], 1)[names.DL_ITEMS]
    assert [item["type"] for item in items] == ["ltiResourceLink", "ltiResourceLink"]
    assert all(item["url"].endswith("/lti/launch") for item in items)
    address, token = answered
    requests.post(address, data={"JWT": token}, timeout=10)
    assert [item.title for item in platform.saved_items] == [item["title"] for item in items]
