"""The platform saves right deep linking responses and takes right registrations."""

import copy
from typing import Any

import pytest
import requests

from tests.services.lms import ABSENT, Platform
from tests.services.lms.plain_tool import PlainTool
from tests.services.lms.vocabulary import (
    CLAIM,
    DEEP_LINKING,
    DEEP_LINKING_REQUEST,
    PLATFORM_CONFIGURATION,
    TOOL_CONFIGURATION,
)

ITEM: dict[str, Any] = {
    "type": "ltiResourceLink",
    "title": "Ma progression",
    "url": "https://certify.example/lti/launch",
    "custom": {"certify_item": "7"},
    "lineItem": {"label": "Bloc 1", "scoreMaximum": 10, "tag": "bloc-1"},
}


def _begin(platform: Platform, tool: PlainTool, **settings: Any) -> None:
    offered = platform.claims("teacher", message=DEEP_LINKING_REQUEST)[f"{DEEP_LINKING}deep_linking_settings"]
    login = platform.login_request(
        "teacher", message=DEEP_LINKING_REQUEST, deep_linking_settings={**offered, **settings}
    )
    platform.authorize(tool.authorization(login))


def _bring_back(platform: Platform, token: str) -> requests.Response:
    return requests.post(platform.return_url(platform.course), data={"JWT": token}, timeout=10)


def test_items_become_links_and_columns(platform: Platform, tool: PlainTool) -> None:
    _begin(platform, tool, data="à rendre")

    answer = _bring_back(platform, tool.response([ITEM], **{f"{DEEP_LINKING}data": "à rendre"}))

    assert answer.status_code == 200, answer.text
    assert platform.saved_items[0].title == "Ma progression"
    assert platform.link.custom == {"certify_item": "7"}
    assert platform.gradebook.columns_of_link(platform.link.id)[0].tag == "bloc-1"
    claims = platform.claims(link=platform.link)
    assert claims[f"{CLAIM}custom"]["certify_item"] == "7"


def test_giving_up_is_a_response_without_items(platform: Platform, tool: PlainTool) -> None:
    _begin(platform, tool)

    assert _bring_back(platform, tool.response([])).status_code == 200
    assert [response.items for response in platform.responses] == [()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aud", "https://elsewhere.example"),
        ("iss", "another"),
        ("exp", 1),
        ("nonce", ABSENT),
        (f"{CLAIM}deployment_id", "2"),
        (f"{CLAIM}message_type", "LtiDeepLinkingRequest"),
        (f"{CLAIM}version", ABSENT),
        (f"{DEEP_LINKING}data", "not given"),
        (f"{DEEP_LINKING}msg", 3),
        (f"{DEEP_LINKING}content_items", {"type": "ltiResourceLink"}),
    ],
)
def test_a_response_with_one_thing_wrong_saves_nothing(
    platform: Platform, tool: PlainTool, name: str, value: Any
) -> None:
    _begin(platform, tool)

    assert _bring_back(platform, tool.response([ITEM], **{name: value})).status_code in {400, 401}
    assert platform.saved_items == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "html"},
        {"url": "/lti/launch"},
        {"custom": {"certify_item": 7}},
        {"lineItem": {"label": "Bloc 1"}},
        {"lineItem": {"scoreMaximum": True}},
        {"title": None},
        {"line_item": {}},
        {"iframe": {"width": "100%"}},
    ],
    ids=str,
)
def test_an_item_with_one_thing_wrong_is_not_saved(
    platform: Platform, tool: PlainTool, changes: dict[str, Any]
) -> None:
    _begin(platform, tool)

    assert _bring_back(platform, tool.response([ITEM | changes])).status_code == 400
    assert platform.saved_items == []


def test_data_is_compared_byte_by_byte_and_a_dialogue_is_answered_once(platform: Platform, tool: PlainTool) -> None:
    _begin(platform, tool, data="a+b%20c")
    assert _bring_back(platform, tool.response([], **{f"{DEEP_LINKING}data": "a b c"})).status_code == 400

    right = tool.response([], **{f"{DEEP_LINKING}data": "a+b%20c"})
    assert _bring_back(platform, right).status_code == 200
    assert _bring_back(platform, right).status_code == 400


def test_one_item_is_all_a_platform_takes_that_asks_for_one(platform: Platform, tool: PlainTool) -> None:
    _begin(platform, tool, accept_multiple=False)
    assert _bring_back(platform, tool.response([ITEM, ITEM])).status_code == 400

    _begin(platform, tool, accept_lineitem=False)
    assert _bring_back(platform, tool.response([ITEM])).status_code == 400


def _registration() -> dict[str, Any]:
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": "https://certify.example/lti/login",
        "redirect_uris": ["https://certify.example/lti/launch"],
        "client_name": "certify",
        "jwks_uri": "https://certify.example/.well-known/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": "https://purl.imsglobal.org/spec/lti-ags/scope/score",
        TOOL_CONFIGURATION: {
            "domain": "certify.example",
            "target_link_uri": "https://certify.example/lti/launch",
            "claims": ["iss", "sub", "name"],
            "messages": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
            "custom_parameters": {"context_id_history": "$Context.id.history"},
        },
    }


def _register(platform: Platform, body: dict[str, Any], token: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {token or platform.registration_request()['registration_token']}"}
    return requests.post(platform.registration_url, json=body, headers=headers, timeout=10)


def test_a_tool_registers_itself_once_with_its_token(platform: Platform) -> None:
    described = requests.get(platform.configuration_url, timeout=10).json()
    token = platform.registration_request()["registration_token"]

    answer = _register(platform, _registration(), token).json()

    assert described["registration_endpoint"] == platform.registration_url
    assert "Context.id.history" in described[PLATFORM_CONFIGURATION]["variables"]
    assert answer["client_id"] == platform.client_id
    assert answer[TOOL_CONFIGURATION]["deployment_id"] == platform.deployment_id
    assert platform.tool.login_url == "https://certify.example/lti/login"
    assert _register(platform, _registration(), token).status_code == 401


@pytest.mark.parametrize(
    "name",
    ["response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", "token_endpoint_auth_method"],
)
def test_a_registration_that_lacks_something_is_refused(platform: Platform, name: str) -> None:
    body = _registration()
    del body[name]

    assert _register(platform, body).status_code == 400


@pytest.mark.parametrize(
    ("name", "value"), [("domain", "elsewhere.example"), ("target_link_uri", ""), ("claims", None), ("messages", None)]
)
def test_a_registration_with_something_wrong_about_the_tool_is_refused(
    platform: Platform, name: str, value: Any
) -> None:
    body = copy.deepcopy(_registration())
    body[TOOL_CONFIGURATION][name] = value

    assert _register(platform, body).status_code == 400
    assert platform.registrations.done == []
