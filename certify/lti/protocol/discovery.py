"""Dynamic registration: reading what a platform says of itself, asking it to know us, reading its answer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from certify.lti.protocol import names, shapes
from certify.lti.protocol.claims import HISTORY, MessageType
from certify.lti.protocol.errors import MAX_DETAIL, REGISTRATION, SECURITY
from certify.lti.protocol.quirks import quirks_for

FAULTS = {
    "configuration-malformed": f"{REGISTRATION}#platform-configuration",
    "configuration-missing": f"{REGISTRATION}#platform-configuration",
    "issuer-missing": f"{REGISTRATION}#platform-configuration",
    "issuer-foreign": f"{REGISTRATION}#issuer-and-openid-configuration-url-match",
    "endpoint-missing": f"{REGISTRATION}#platform-configuration",
    "endpoint-insecure": f"{REGISTRATION}#platform-configuration",
    "algorithm-unsupported": f"{SECURITY}#message-signing",
    "authentication-unsupported": f"{REGISTRATION}#platform-configuration",
    "response-unsupported": f"{REGISTRATION}#platform-configuration",
    "answer-malformed": f"{REGISTRATION}#successful-registration",
    "client-missing": f"{REGISTRATION}#successful-registration",
}
"""What can be wrong with a registration, and where it is specified."""

_HISTORY_VARIABLE = "Context.id.history"
_PLACEMENTS = {
    MessageType.RESOURCE_LINK: ("course_navigation",),
    MessageType.DEEP_LINKING: ("ContentArea", "link_selection", "assignment_selection"),
}
"""Where a message may start from: names of the specification, and those of Canvas."""


class RegistrationRefused(Exception):
    """A platform described itself, or answered our registration, in a way that cannot be used."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.spec = FAULTS[code]
        self.detail = shapes.text(detail, MAX_DETAIL)
        super().__init__(f"{code}: {self.detail}" if detail else code)


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """What a platform says of itself: https://www.imsglobal.org/spec/lti-dr/v1p0#platform-configuration."""

    issuer: str
    authorization_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    token_audience: str = ""
    """Whom requests of an access token address; empty for the token address."""
    product: str = ""
    version: str = ""
    messages: tuple[str, ...] = ()
    placements: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """How a platform knows us from now on."""

    client_id: str
    deployment_id: str | None


def check_configuration(
    document: Any, *, requested_url: str, hosts_allowed: Collection[str] = (), allow_insecure: bool = False
) -> PlatformConfiguration:
    """Return what a platform says of itself, or refuse what could be another platform or cannot work.

    https://www.imsglobal.org/spec/lti-dr/v1p0#issuer-and-openid-configuration-url-match: the issuer must be on the host
    that was asked, or that host is one of those listed for it. Lists that a platform leaves out are taken as complete.
    """
    if not isinstance(document, dict):
        raise RegistrationRefused("configuration-malformed", "not an object")
    about = document.get(names.PLATFORM_CONFIGURATION)
    if not isinstance(about, dict):
        raise RegistrationRefused("configuration-missing")
    product = shapes.text(about.get("product_family_code"), 40)
    issuer = _issuer(document.get("issuer"), allow_insecure)
    _check_host(issuer, requested_url, (*hosts_allowed, *quirks_for(product).registration_hosts(issuer)))
    _check_offers(document)
    return PlatformConfiguration(
        issuer=issuer,
        authorization_url=_endpoint(document, "authorization_endpoint", allow_insecure),
        token_url=_endpoint(document, "token_endpoint", allow_insecure),
        jwks_url=_endpoint(document, "jwks_uri", allow_insecure),
        registration_url=_endpoint(document, "registration_endpoint", allow_insecure),
        token_audience=shapes.text(document.get("authorization_server"), shapes.MAX_ADDRESS),
        product=product,
        version=shapes.text(about.get("version"), 60),
        messages=_types(about.get("messages_supported")),
        placements=_placements(about),
        variables=tuple(name.removeprefix("$") for name in shapes.texts(about.get("variables"))),
        scopes=shapes.texts(document.get("scopes_supported")),
        claims=shapes.texts(document.get("claims_supported")),
    )


def _issuer(value: Any, allow_insecure: bool) -> str:
    if not isinstance(value, str) or not value:
        raise RegistrationRefused("issuer-missing")
    issuer = shapes.address(value, shapes.MAX_ID)
    if not issuer or issuer != value:
        raise RegistrationRefused("configuration-malformed", "issuer is not an address")
    if not allow_insecure and not issuer.startswith("https://"):
        raise RegistrationRefused("endpoint-insecure", "issuer")
    return issuer


def _check_host(issuer: str, requested_url: str, allowed: Iterable[str]) -> None:
    asked, named = _host(requested_url), _host(issuer)
    if asked and asked == named:
        return
    for host in allowed:
        known = host.strip().lower()
        if known and (asked == known or (known.startswith(".") and asked.endswith(known))):
            return
    raise RegistrationRefused("issuer-foreign", f"{named} told by {asked}")


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _check_offers(document: dict[str, Any]) -> None:
    for name, needed, code in (
        ("id_token_signing_alg_values_supported", "RS256", "algorithm-unsupported"),
        ("token_endpoint_auth_signing_alg_values_supported", "RS256", "algorithm-unsupported"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt", "authentication-unsupported"),
        ("response_types_supported", "id_token", "response-unsupported"),
    ):
        offered = document.get(name)
        if offered is not None and needed not in shapes.texts([offered] if isinstance(offered, str) else offered):
            raise RegistrationRefused(code, name)


def _endpoint(document: dict[str, Any], name: str, allow_insecure: bool) -> str:
    value = document.get(name)
    if value is None or value == "":
        raise RegistrationRefused("endpoint-missing", name)
    address = shapes.address(value)
    if not address:
        raise RegistrationRefused("configuration-malformed", f"{name} is not an address")
    if not allow_insecure and not address.lower().startswith("https://"):
        raise RegistrationRefused("endpoint-insecure", name)
    return address


def _types(messages: Any) -> tuple[str, ...]:
    """Return the names of messages, which Moodle lists as texts where the specification wants objects."""
    listed = messages if isinstance(messages, list) else []
    return shapes.texts([one.get("type") if isinstance(one, dict) else one for one in listed])


def _placements(about: dict[str, Any]) -> tuple[str, ...]:
    messages = about.get("messages_supported")
    listed = [one.get("placements") for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    return tuple(dict.fromkeys(name for part in (about.get("placements"), *listed) for name in shapes.texts(part)))


def registration_request(
    base_url: str,
    name: str,
    configuration: PlatformConfiguration,
    *,
    description: str = "",
    logo_url: str = "",
    privacy_url: str = "",
    terms_url: str = "",
) -> dict[str, Any]:
    """Return what we ask a platform to keep of us.

    https://www.imsglobal.org/spec/lti-dr/v1p0#tool-configuration
    """
    base = base_url.rstrip("/")
    launch = f"{base}/lti/launch"
    tool: dict[str, Any] = {
        "domain": urlsplit(base).netloc,
        "target_link_uri": launch,
        "claims": ["iss", "sub", "name", "given_name", "family_name", "email", "locale"],
        "custom_parameters": _custom(configuration),
        "messages": _messages(launch, name, configuration),
    }
    request: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base}/lti/login",
        "redirect_uris": [launch],
        "client_name": name,
        "client_uri": base,
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(_scopes(configuration)),
    }
    optional = {"logo_uri": logo_url, "policy_uri": privacy_url, "tos_uri": terms_url}
    request |= {key: value for key, value in optional.items() if value}
    return request | {names.TOOL_CONFIGURATION: tool | ({"description": description} if description else {})}


def _custom(configuration: PlatformConfiguration) -> dict[str, str]:
    """Return the variables we want filled: unknown ones would come back as they are, so only known ones are asked."""
    known = _HISTORY_VARIABLE in configuration.variables
    if known or quirks_for(configuration.product).gives_course_history:
        return {HISTORY: f"${_HISTORY_VARIABLE}"}
    return {}


def _scopes(configuration: PlatformConfiguration) -> list[str]:
    """Return the services we use, but for those that a platform says it does not have."""
    return [scope for scope in names.SCOPES if not configuration.scopes or scope in configuration.scopes]


def _messages(launch: str, name: str, configuration: PlatformConfiguration) -> list[dict[str, Any]]:
    """Return the messages we take, but for those that a platform says it never sends.

    Links and the choice of links are always asked for: versions of Moodle list them under other names.
    """
    asked = []
    for message in MessageType:
        if message in _PLACEMENTS or not configuration.messages or message in configuration.messages:
            asked.append(
                {"type": message.value, "target_link_uri": launch, "label": name} | _placed(message, configuration)
            )
    return asked


def _placed(message: MessageType, configuration: PlatformConfiguration) -> dict[str, list[str]]:
    offered = [place for place in _PLACEMENTS.get(message, ()) if place in configuration.placements]
    if not offered and message is MessageType.DEEP_LINKING:
        offered = ["ContentArea"]
    return {"placements": offered} if offered else {}


def read_answer(document: Any) -> Registered:
    """Return the identifiers a platform gave us; it may make deployments only later.

    https://www.imsglobal.org/spec/lti-dr/v1p0#successful-registration
    """
    if not isinstance(document, dict):
        raise RegistrationRefused("answer-malformed", "not an object")
    client_id = _identifier(document.get("client_id"))
    if client_id is None:
        raise RegistrationRefused("client-missing")
    tool = document.get(names.TOOL_CONFIGURATION)
    return Registered(client_id, _identifier(tool.get("deployment_id")) if isinstance(tool, dict) else None)


def _identifier(value: Any) -> str | None:
    """Return an identifier; one written as a number is taken as its digits."""
    if type(value) is int and 0 <= value < 10**30:
        return str(value)
    found = shapes.text(value, shapes.MAX_ID + 1)
    return found if found and found == value and len(found) <= shapes.MAX_ID else None
