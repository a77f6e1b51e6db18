"""What is said between a platform and certify while the platform registers it (LTI dynamic registration 1.0)."""

from certify.lti.client.http import Unreachable, client_for
from certify.lti.protocol import discovery
from certify.lti.protocol.discovery import PlatformConfiguration, Registered
from certify.lti.services.registrations import Platform
from certify.lti.tool import NAME, tool
from certify.settings import Settings

_LONGEST = 256 * 1024


def configuration_of(settings: Settings, url: str) -> PlatformConfiguration:
    """Return what a platform says of itself; Unreachable or RegistrationRefused when it cannot be used.

    https://www.imsglobal.org/spec/lti-dr/v1p0#openid-configuration
    """
    answer = client_for(settings).send("GET", url, limit=_LONGEST)
    if not answer.is_done:
        raise answer.refusal()
    return discovery.check_configuration(
        answer.json(), requested_url=answer.url, allow_insecure=settings.lti_allow_insecure
    )


def ask(settings: Settings, configuration: PlatformConfiguration, token: str) -> Registered:
    """Ask a platform to know certify and return how it does; `token` is the permission it gave its administrator.

    https://www.imsglobal.org/spec/lti-dr/v1p0#tool-registration-request
    """
    request = discovery.registration_request(tool(settings).base, NAME, configuration)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client_for(settings).send(
        "POST", configuration.registration_url, json=request, headers=headers, limit=_LONGEST
    )
    if not answer.is_done:
        raise answer.refusal("registration-refused")
    try:
        return discovery.read_answer(answer.json())
    except Unreachable as fault:
        raise discovery.RegistrationRefused("answer-malformed", fault.detail) from fault


def platform_of(configuration: PlatformConfiguration, registered: Registered) -> Platform:
    """Return what is kept of a platform once it knows certify."""
    return Platform(
        issuer=configuration.issuer,
        client_id=registered.client_id,
        authorization_url=configuration.authorization_url,
        token_url=configuration.token_url,
        jwks_url=configuration.jwks_url,
        token_audience=configuration.token_audience,
        product=configuration.product,
        product_version=configuration.version,
    )
