"""Dynamic registration: the platform describes itself, checks what the tool says, and answers as Moodle does."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.services.lms.access import Tool
from tests.services.lms.refusals import refuse, require
from tests.services.lms.vocabulary import (
    DEEP_LINKING_REQUEST,
    PLATFORM_CONFIGURATION,
    RESOURCE_LINK,
    SCOPES,
    SUBMISSION_REVIEW,
    TOOL_CONFIGURATION,
)

if TYPE_CHECKING:
    from tests.services.lms.platform import Platform

VARIABLES = (
    "Context.id", "Context.id.history", "Context.title", "CourseSection.title", "Moodle.Person.userGroupIds",
    "Person.address.country", "Person.email.primary", "Person.name.family", "Person.name.full", "Person.name.given",
    "ResourceLink.description", "ResourceLink.title", "User.id", "User.username", "basic-lti-launch-request",
)  # fmt: skip
_COMPULSORY = (
    "response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", "token_endpoint_auth_method",
    TOOL_CONFIGURATION,
)  # fmt: skip


@dataclass(frozen=True)
class Registered:
    """A tool that registered itself, with what it asked for."""

    client_id: str
    deployment_id: str
    body: Mapping[str, Any]

    @property
    def tool(self) -> Mapping[str, Any]:
        """Return what it says about LTI."""
        found: Mapping[str, Any] = self.body[TOOL_CONFIGURATION]
        return found


def configuration(platform: "Platform") -> dict[str, Any]:
    """Return what the platform says of itself (OpenID discovery, LTI dynamic registration section 3.2)."""
    return {
        "issuer": platform.issuer,
        "token_endpoint": platform.token_url,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": platform.jwks_url,
        "authorization_endpoint": platform.authorization_url,
        "registration_endpoint": platform.registration_url,
        "scopes_supported": [*SCOPES, "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM_CONFIGURATION: {
            "product_family_code": platform.product,
            "version": "4.5.6 (Build: 20250811)",
            "messages_supported": [
                {"type": RESOURCE_LINK},
                {"type": DEEP_LINKING_REQUEST, "placements": ["ContentArea"]},
                {"type": SUBMISSION_REVIEW},
            ],
            "variables": list(platform.variables),
        },
    } | dict(platform.configuration_changes)


class Registrations:
    """Tokens that let a tool register itself, once each, and the tools that did."""

    def __init__(self) -> None:
        self.done: list[Registered] = []
        self._tokens: set[str] = set()

    def open(self) -> str:
        """Return a token."""
        token = secrets.token_urlsafe(40)
        self._tokens.add(token)
        return token

    def take(self, authorization: str, body: Any, deployment_id: str) -> Registered:
        """Return the tool that registers itself with a right request; refuse a wrong one."""
        kind, _, token = authorization.partition(" ")
        if kind != "Bearer" or token not in self._tokens:
            refuse(401, "the registration token is unknown or was used")
        _check(body)
        self._tokens.remove(token)
        registered = Registered(secrets.token_hex(8), deployment_id, body)
        self.done.append(registered)
        return registered


def tool_of(registered: Registered) -> Tool:
    """Return what the platform then knows of the tool."""
    body = registered.body
    return Tool(
        registered.tool["target_link_uri"], body["initiate_login_uri"], tuple(body["redirect_uris"]), body["jwks_uri"]
    )


def answer(registered: Registered) -> dict[str, Any]:
    """Return the registration response; Moodle forgets messages that are not deep linking."""
    messages = [item for item in registered.tool.get("messages", []) if item["type"] == DEEP_LINKING_REQUEST]
    told = {**registered.tool, "deployment_id": registered.deployment_id, "messages": messages}
    return {**registered.body, "client_id": registered.client_id, TOOL_CONFIGURATION: told}


def _check(body: Any) -> None:
    require(isinstance(body, dict), "the request is not an object")
    for name in _COMPULSORY:
        require(body.get(name), f"missing required attribute {name}")
    require("id_token" in body["response_types"], "invalid_response_types")
    require(isinstance(body["redirect_uris"], list), "invalid_redirect_uris")
    require(body["token_endpoint_auth_method"] == "private_key_jwt", "invalid_token_endpoint_auth_method")
    require(body.get("application_type", "web") == "web", "invalid_application_type")
    # The specification asks for more than Moodle looks at (LTI dynamic registration section 3.5.2).
    require({"client_credentials", "implicit"} <= set(body.get("grant_types", [])), "invalid_grant_types")
    require(set(str(body.get("scope", "")).split()) <= {*SCOPES, "openid"}, f"unknown scope in {body.get('scope')!r}")
    _check_tool(body[TOOL_CONFIGURATION], [body["initiate_login_uri"], body["jwks_uri"], *body["redirect_uris"]])


def _check_tool(tool: Mapping[str, Any], addresses: list[str]) -> None:
    require(tool.get("domain"), "missing required attribute domain")
    require(tool.get("target_link_uri"), "missing required attribute target_link_uri")
    for address in [*addresses, tool["target_link_uri"]]:
        require(
            urlsplit(address).netloc in {tool["domain"], *_with_port(tool["domain"], address)}, f"{address}: domain"
        )
    require(isinstance(tool.get("claims"), list), "claims is compulsory")
    require(isinstance(tool.get("messages"), list), "messages is compulsory")
    for message in tool["messages"]:
        require(isinstance(message.get("type"), str), "a message without a type")
    custom = tool.get("custom_parameters", {})
    require(all(isinstance(value, str) for value in custom.values()), "a custom parameter is not a text")


def _with_port(domain: str, address: str) -> list[str]:
    port = urlsplit(address).port
    return [f"{domain}:{port}"] if port else []
