"""The platform answers right logins only, and what it signs can be verified."""

from typing import Any

import jwt
import pytest
import requests

from tests.services.lms import ABSENT, Platform, Refused, running_platform
from tests.services.lms.plain_tool import PlainTool
from tests.services.lms.vocabulary import CLAIM, DEEP_LINKING_REQUEST, SUBMISSION_REVIEW


def test_a_right_login_gets_a_token_that_the_published_keys_verify(platform: Platform, tool: PlainTool) -> None:
    asked = tool.authorization(platform.login_request("teacher"))

    token, state = platform.authorize(asked)

    keys = jwt.PyJWKSet.from_dict(requests.get(platform.jwks_url, timeout=10).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=platform.client_id, issuer=platform.issuer)
    assert (state, claims["nonce"], claims["sub"]) == (asked["state"], asked["nonce"], platform.teacher.sub)
    assert claims["exp"] - claims["iat"] == 60
    assert platform.counts["keys"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scope", "openid profile"),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("prompt", "login"),
        ("client_id", "another"),
        ("redirect_uri", "https://certify.example/lti/launch/"),
        ("state", "short"),
        ("nonce", ABSENT),
        ("login_hint", "3"),
        ("lti_message_hint", "not ours"),
    ],
)
def test_a_login_with_one_thing_wrong_is_refused(platform: Platform, tool: PlainTool, name: str, value: Any) -> None:
    asked = tool.authorization(platform.login_request(), **{name: value})

    with pytest.raises(Refused, match=name):
        platform.authorize(asked)
    again = tool.authorization(platform.login_request(), **{name: value})
    answer = requests.get(platform.authorization_url, params=again, timeout=10)

    assert answer.status_code == 400
    assert name in answer.text


def test_a_login_is_answered_once_and_its_secrets_are_not_used_again(platform: Platform, tool: PlainTool) -> None:
    first = tool.authorization(platform.login_request())
    platform.authorize(first)

    with pytest.raises(Refused, match="state was used"):
        platform.authorize(first)
    with pytest.raises(Refused, match="nonce was used"):
        platform.authorize(tool.authorization(platform.login_request(), nonce=first["nonce"]))
    with pytest.raises(Refused, match="lti_message_hint is unknown"):
        platform.authorize(tool.authorization({**first}))


def test_the_page_of_a_right_login_is_a_form_for_the_tool(platform: Platform, tool: PlainTool) -> None:
    asked = tool.authorization(platform.login_request())

    page = requests.get(platform.authorization_url, params=asked, timeout=10).text

    assert 'action="https://certify.example/lti/launch" method="post"' in page
    assert f'name="state" value="{asked["state"]}"' in page
    assert 'name="id_token"' in page


def test_a_platform_can_refuse_and_says_so_to_the_tool(platform: Platform, tool: PlainTool) -> None:
    platform.refusal = ("login_required", "Session expirée")

    page = requests.get(platform.authorization_url, params=tool.authorization(platform.login_request()), timeout=10)

    assert 'name="error" value="login_required"' in page.text
    assert "id_token" not in page.text


def test_claims_change_by_short_or_whole_name_and_can_be_left_out(platform: Platform) -> None:
    by_whole_name: dict[str, Any] = {f"{CLAIM}version": "2.0"}
    claims = platform.claims(roles=[], exp=ABSENT, resource_link=ABSENT, **by_whole_name)

    assert claims[f"{CLAIM}roles"] == []
    assert claims[f"{CLAIM}version"] == "2.0"
    assert not {"exp", f"{CLAIM}resource_link"} & set(claims)


@pytest.mark.parametrize("alg", ["RS256", "RS512", "HS256", "none"])
def test_tokens_are_signed_as_a_test_wants_them(platform: Platform, alg: str) -> None:
    token = platform.sign(platform.claims(), alg=alg, kid=ABSENT)

    assert jwt.get_unverified_header(token) == {"alg": alg, "typ": "JWT"}
    assert (token.split(".")[2] == "") == (alg == "none")


def test_a_launch_is_of_the_size_that_moodle_sends(platform: Platform) -> None:
    platform.know("https://certify.example")

    assert 3300 < len(platform.sign(platform.claims())) < 3900


def test_messages_hold_what_is_theirs(platform: Platform) -> None:
    choosing = platform.claims("teacher", message=DEEP_LINKING_REQUEST)
    review = platform.claims("teacher", message=SUBMISSION_REVIEW)

    assert f"{CLAIM}resource_link" not in choosing
    assert review[f"{CLAIM}for_user"]["user_id"] == platform.learner.sub


def test_a_copied_course_knows_what_it_is_a_copy_of(platform: Platform) -> None:
    platform.custom_parameters = {"context_id_history": "$Context.id.history", "unknown": "$ResourceLink.id.history"}
    copy, [link] = platform.copy_course(platform.course, "Copie")

    claims = platform.claims(link=link)

    assert claims[f"{CLAIM}context"]["id"] == copy.id != platform.course.id
    assert claims[f"{CLAIM}custom"]["context_id_history"] == platform.course.id
    assert claims[f"{CLAIM}custom"]["unknown"] == "$ResourceLink.id.history"


def test_keys_change_with_or_without_the_old_ones(platform: Platform) -> None:
    first = platform.keys.current.kid
    second = platform.rotate_keys().kid
    assert [key["kid"] for key in requests.get(platform.jwks_url, timeout=10).json()["keys"]] == [first, second]

    third = platform.rotate_keys(keep_old=False).kid
    assert [key["kid"] for key in requests.get(platform.jwks_url, timeout=10).json()["keys"]] == [third]


def test_two_platforms_may_share_an_issuer_but_no_key() -> None:
    with (
        running_platform(issuer="https://lms.example") as one,
        running_platform(host="127.0.0.1", issuer="https://lms.example") as other,
    ):
        assert one.issuer == other.issuer
        assert one.url.startswith("http://localhost:")
        assert other.url.startswith("http://127.0.0.1:")
        assert one.client_id != other.client_id
        assert one.keys.document() != other.keys.document()
