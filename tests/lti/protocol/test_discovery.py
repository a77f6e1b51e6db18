"""Dynamic registration: a platform speaks for itself only, over https, and is asked for what it has."""

from typing import Any

import pytest

from certify.lti.protocol import names
from certify.lti.protocol.discovery import (
    FAULTS,
    PlatformConfiguration,
    Registered,
    RegistrationRefused,
    check_configuration,
    read_answer,
    registration_request,
)
from tests.lti.protocol.messages import ABSENT, ISSUER

URL = f"{ISSUER}/mod/lti/openid-configuration.php"
BASE = "https://certify.exemple.fr"


def document(**changes: Any) -> dict[str, Any]:
    """Return what a Moodle says of itself, some of it changed or left out."""
    said = {
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{ISSUER}/certs",
        "authorization_endpoint": f"{ISSUER}/auth",
        "registration_endpoint": f"{ISSUER}/register",
        "scopes_supported": [names.LINE_ITEM, names.SCORE, "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name"],
        names.PLATFORM_CONFIGURATION: {
            "product_family_code": "moodle",
            "version": "4.5.6 (Build: 20250811)",
            "messages_supported": ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"],
            "placements": ["AddContentMenu"],
            "variables": ["Context.id.history", "User.username"],
        },
    }
    return {name: value for name, value in (said | changes).items() if value is not ABSENT}


def canvas(**changes: Any) -> dict[str, Any]:
    about = {
        "product_family_code": "canvas",
        "version": "vCloud",
        "messages_supported": [
            {"type": "LtiResourceLinkRequest", "placements": ["course_navigation"]},
            {"type": "LtiDeepLinkingRequest", "placements": ["editor_button", "link_selection"]},
        ],
        "variables": [],
    }
    return document(**{"issuer": "https://canvas.instructure.com", names.PLATFORM_CONFIGURATION: about} | changes)


def refusal(said: Any, **expected: Any) -> RegistrationRefused:
    with pytest.raises(RegistrationRefused) as caught:
        check_configuration(said, **({"requested_url": URL} | expected))
    return caught.value


def test_what_a_moodle_says_of_itself_is_read() -> None:
    assert check_configuration(document(), requested_url=URL) == PlatformConfiguration(
        issuer=ISSUER,
        authorization_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
        jwks_url=f"{ISSUER}/certs",
        registration_url=f"{ISSUER}/register",
        token_audience="",
        product="moodle",
        version="4.5.6 (Build: 20250811)",
        messages=("LtiResourceLinkRequest", "LtiDeepLinkingRequest"),
        placements=("AddContentMenu",),
        variables=("Context.id.history", "User.username"),
        scopes=(names.LINE_ITEM, names.SCORE, "openid"),
        claims=("sub", "iss", "name"),
    )


def test_what_a_platform_may_leave_out_is_taken_as_there() -> None:
    optional = (
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "scopes_supported",
        "response_types_supported",
        "id_token_signing_alg_values_supported",
        "claims_supported",
    )
    said = document(**dict.fromkeys(optional, ABSENT), **{names.PLATFORM_CONFIGURATION: {}})
    read = check_configuration(said, requested_url=URL)

    assert (read.product, read.messages, read.variables, read.scopes) == ("", (), (), ())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({names.PLATFORM_CONFIGURATION: ABSENT}, "configuration-missing"),
        ({names.PLATFORM_CONFIGURATION: ["moodle"]}, "configuration-missing"),
        ({"issuer": ABSENT}, "issuer-missing"),
        ({"issuer": 5}, "issuer-missing"),
        ({"issuer": "plateforme"}, "configuration-malformed"),
        ({"issuer": f" {ISSUER}"}, "configuration-malformed"),
        ({"issuer": "https://autre.exemple.fr"}, "issuer-foreign"),
        ({"issuer": "http://plateforme.exemple.fr"}, "endpoint-insecure"),
        ({"token_endpoint": ABSENT}, "endpoint-missing"),
        ({"jwks_uri": ""}, "endpoint-missing"),
        ({"registration_endpoint": None}, "endpoint-missing"),
        ({"authorization_endpoint": "/auth"}, "configuration-malformed"),
        ({"jwks_uri": ["https://exemple.fr"]}, "configuration-malformed"),
        ({"token_endpoint": "http://plateforme.exemple.fr/token"}, "endpoint-insecure"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "algorithm-unsupported"),
        ({"token_endpoint_auth_signing_alg_values_supported": ["ES256"]}, "algorithm-unsupported"),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, "authentication-unsupported"),
        ({"token_endpoint_auth_methods_supported": {"a": 1}}, "authentication-unsupported"),
        ({"response_types_supported": ["code"]}, "response-unsupported"),
    ],
)
def test_a_platform_that_could_not_work_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(document(**changes)).code == code


def test_a_single_value_in_place_of_a_list_is_read() -> None:
    said = document(token_endpoint_auth_methods_supported="private_key_jwt")

    assert check_configuration(said, requested_url=URL).issuer == ISSUER


@pytest.mark.parametrize("said", [None, [], "text", 5])
def test_what_is_no_object_is_refused(said: Any) -> None:
    assert refusal(said).code == "configuration-malformed"


def test_a_platform_speaks_only_for_itself_unless_its_host_is_listed() -> None:
    elsewhere = "https://portail.exemple.fr/configuration"

    assert refusal(document(), requested_url=elsewhere).code == "issuer-foreign"
    assert refusal(document(), requested_url="https://[").code == "issuer-foreign"
    assert refusal(document(), requested_url=elsewhere, hosts_allowed=["autre.fr", ""]).code == "issuer-foreign"
    assert refusal(document(), requested_url=elsewhere, hosts_allowed=[".portail.exemple.fr"]).code == "issuer-foreign"
    for hosts in (["portail.exemple.fr"], ["PORTAIL.exemple.fr"], [".exemple.fr"]):
        assert check_configuration(document(), requested_url=elsewhere, hosts_allowed=hosts).issuer == ISSUER


def test_the_host_of_a_platform_has_no_case_and_any_port() -> None:
    url = "https://PLATEFORME.exemple.fr:8443/configuration"

    assert check_configuration(document(), requested_url=url).issuer == ISSUER


def test_hosts_of_canvas_speak_for_its_only_issuer_and_for_no_other() -> None:
    url = "https://sso.canvaslms.com/api/lti/security/openid-configuration"

    assert check_configuration(canvas(), requested_url=url).product == "canvas"
    assert refusal(canvas(), requested_url="https://canvaslms.com.exemple.fr/").code == "issuer-foreign"
    assert refusal(canvas(issuer=ISSUER), requested_url=url).code == "issuer-foreign"


def test_a_platform_in_the_clear_is_for_trials() -> None:
    said = document(issuer="http://127.0.0.1:8099", token_endpoint="http://127.0.0.1:8099/token")

    assert refusal(said, requested_url="http://127.0.0.1:8099/c").code == "endpoint-insecure"
    read = check_configuration(said, requested_url="http://127.0.0.1:8099/c", allow_insecure=True)
    assert read.token_url == "http://127.0.0.1:8099/token"


def test_the_audience_of_access_tokens_is_read() -> None:
    said = document(authorization_server="https://autorite.exemple.fr")

    assert check_configuration(said, requested_url=URL).token_audience == "https://autorite.exemple.fr"


def request_for(said: dict[str, Any], url: str = URL, **words: str) -> dict[str, Any]:
    return registration_request(f"{BASE}/", "certify", check_configuration(said, requested_url=url), **words)


def test_a_platform_is_told_our_addresses() -> None:
    request = request_for(document())

    assert request["application_type"] == "web"
    assert request["response_types"] == ["id_token"]
    assert request["grant_types"] == ["implicit", "client_credentials"]
    assert request["token_endpoint_auth_method"] == "private_key_jwt"
    assert request["initiate_login_uri"] == f"{BASE}/lti/login"
    assert request["redirect_uris"] == [f"{BASE}/lti/launch"]
    assert request["jwks_uri"] == f"{BASE}/.well-known/jwks.json"
    assert request["client_name"] == "certify"
    tool = request[names.TOOL_CONFIGURATION]
    assert tool["domain"] == "certify.exemple.fr"
    assert tool["target_link_uri"] == f"{BASE}/lti/launch"
    assert {"name", "given_name", "family_name", "email"} <= set(tool["claims"])
    assert "logo_uri" not in request
    assert "description" not in tool


def test_what_we_may_say_of_us_is_said() -> None:
    words = {"logo_url": f"{BASE}/l.svg", "privacy_url": f"{BASE}/p", "terms_url": f"{BASE}/t"}
    request = request_for(document(), description="Certification", **words)

    assert (request["logo_uri"], request["policy_uri"], request["tos_uri"]) == tuple(words.values())
    assert request[names.TOOL_CONFIGURATION]["description"] == "Certification"


def test_only_services_that_the_platform_has_are_asked_for() -> None:
    assert request_for(document())["scope"] == f"{names.LINE_ITEM} {names.SCORE}"
    assert request_for(document(scopes_supported=ABSENT))["scope"].split() == list(names.SCOPES)


def test_messages_are_those_the_platform_sends() -> None:
    messages = request_for(document())[names.TOOL_CONFIGURATION]["messages"]

    assert [one["type"] for one in messages] == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
    assert "placements" not in messages[0]
    assert messages[1]["placements"] == ["ContentArea"]
    assert {one["target_link_uri"] for one in messages} == {f"{BASE}/lti/launch"}


def test_links_are_asked_for_by_their_names_of_today_although_an_old_moodle_lists_others() -> None:
    about = document()[names.PLATFORM_CONFIGURATION] | {"messages_supported": ["LtiResourceLink"]}
    messages = request_for(document(**{names.PLATFORM_CONFIGURATION: about}))[names.TOOL_CONFIGURATION]["messages"]

    assert [one["type"] for one in messages] == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]


def test_every_message_is_asked_for_where_the_platform_lists_none() -> None:
    messages = request_for(document(**{names.PLATFORM_CONFIGURATION: {}}))[names.TOOL_CONFIGURATION]["messages"]

    assert [one["type"] for one in messages] == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
        "LtiSubmissionReviewRequest",
        "DataPrivacyLaunchRequest",
    ]


def test_canvas_is_asked_for_its_own_placements_and_its_history() -> None:
    request = request_for(canvas(), "https://sso.canvaslms.com/configuration")
    tool = request[names.TOOL_CONFIGURATION]

    assert [one["placements"] for one in tool["messages"]] == [["course_navigation"], ["link_selection"]]
    assert tool["custom_parameters"] == {"context_id_history": "$Context.id.history"}


def test_the_history_of_courses_is_asked_only_of_platforms_that_know_it() -> None:
    about = document()[names.PLATFORM_CONFIGURATION]
    with_dollar = about | {"variables": ["$Context.id.history"]}
    without = about | {"variables": ["User.username"]}
    asked = {"context_id_history": "$Context.id.history"}

    for variables, custom in ((about, asked), (with_dollar, asked), (without, {})):
        request = request_for(document(**{names.PLATFORM_CONFIGURATION: variables}))
        assert request[names.TOOL_CONFIGURATION]["custom_parameters"] == custom


@pytest.mark.parametrize(
    ("tool", "deployment"),
    [
        ({"deployment_id": "1"}, "1"),
        ({"deployment_id": 12}, "12"),
        ({}, None),
        (None, None),
        ({"deployment_id": ""}, None),
    ],
)
def test_the_answer_of_a_platform_is_read(tool: Any, deployment: str | None) -> None:
    assert read_answer({"client_id": "c1", names.TOOL_CONFIGURATION: tool}) == Registered("c1", deployment)


def test_an_identifier_that_could_not_be_kept_whole_is_none() -> None:
    for wrong in ("x" * 256, " c1", "c\0", "\ud800", ["c1"], True, -1):
        with pytest.raises(RegistrationRefused, match="client-missing"):
            read_answer({"client_id": wrong})


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(RegistrationRefused, match="answer-malformed: not an object"):
        read_answer(["c1"])


def test_every_fault_says_where_it_is_specified() -> None:
    fault = RegistrationRefused("issuer-foreign", "x\0" * 400)

    assert fault.spec == FAULTS["issuer-foreign"]
    assert "\0" not in fault.detail
    assert len(fault.detail) <= 300
    assert all(spec.startswith("https://www.imsglobal.org/spec/") for spec in FAULTS.values())
