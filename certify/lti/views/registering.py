"""What a platform's administrator meets when adding certify: what will be shared, the confirmation, how to close.

A platform opens these pages in a frame of another site, where no cookie of ours comes along: the secret of the
invitation in the address stands for the session and for the token of the form.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from certify.core import clock, web
from certify.core.access import PUBLIC, requires
from certify.core.db import db
from certify.core.errors import Refusal
from certify.lti import addresses, wording
from certify.lti.client.http import Unreachable
from certify.lti.protocol.discovery import PlatformConfiguration, RegistrationRefused
from certify.lti.protocol.quirks import quirks_for
from certify.lti.queries import registrations as queries
from certify.lti.queries.registrations import Inviting, Standing
from certify.lti.services import registering
from certify.lti.services import registrations as services
from certify.lti.tool import USUAL, canvas, tool
from certify.lti.wording import Words
from certify.settings import Settings

_LONGEST_TOKEN = 16 * 1024
_OPENED = "openid_configuration"


@requires(PUBLIC)
def register(token: str = "") -> ResponseReturnValue:
    """Let a platform register itself through an invitation; to a person, explain what to do with the link."""
    url = request.values.get(_OPENED, "")
    origin = addresses.origin_of(url)
    if addresses.fault_of(url, allow_insecure=_settings().lti_allow_insecure) is None and origin:
        g.frame_ancestors = [origin]
    invitation = queries.invitation_by_token(db.session, token, clock.now()) if token else None
    if token and (invitation is None or invitation.standing is not Standing.OPEN):
        return _page("closed", 410 if invitation else 404, invitation=invitation, origin=origin)
    if invitation is None or not url:
        return _page("opened", 200, invitation=invitation, link=tool(_settings()).register_url(token), usual=USUAL)
    if request.method == "POST":
        return _told(lambda: _confirmed(invitation, url), invitation, origin)
    return _told(lambda: _shown(invitation, token, url), invitation, origin)


web.csrf.exempt(register)


@requires(PUBLIC)
def canvas_settings() -> ResponseReturnValue:
    """Give Canvas everything it asks for, at one address."""
    return jsonify(canvas(tool(_settings())))


def _shown(invitation: Inviting, token: str, url: str) -> ResponseReturnValue:
    configuration = registering.configuration_of(_settings(), url)
    return _page(
        "confirm",
        200,
        invitation=invitation,
        configuration=configuration,
        host=urlsplit(configuration.issuer).netloc,
        token=token,
        url=url,
        registration_token=request.values.get("registration_token", "")[:_LONGEST_TOKEN],
        product=quirks_name(configuration.product),
    )


def _confirmed(invitation: Inviting, url: str) -> ResponseReturnValue:
    settings = _settings()
    # Nothing is held in the database while the platform is waited for; the invitation is taken at the end, once.
    db.session.rollback()
    configuration = registering.configuration_of(settings, url)
    known = registering.ask(settings, configuration, request.form.get("registration_token", "")[:_LONGEST_TOKEN])
    made = services.register_from_platform(
        db.session,
        settings,
        invitation.id,
        platform=registering.platform_of(configuration, known),
        deployment_id=known.deployment_id,
    )
    is_open = known.deployment_id is not None
    return _page(
        "done", 200, invitation=invitation, registration=made, is_open=is_open, origins=_origins(configuration, url)
    )


def _told(act: Callable[[], ResponseReturnValue], invitation: Inviting, origin: str) -> ResponseReturnValue:
    """Do something with a platform; what goes wrong is told on a page of the frame, and changes nothing."""
    try:
        return act()
    except Unreachable as fault:
        said, status = wording.of_registration(fault.reason), 502
        detail = fault.detail
    except RegistrationRefused as fault:
        said, status, detail = wording.of_registration(fault.code), 422, fault.detail
    except Refusal as refusal:
        said, status, detail = Words(refusal.message, "", "", ""), 409, ""
    return _page("failed", status, invitation=invitation, said=said, detail=detail, origin=origin)


def quirks_name(product: str) -> str:
    """Return how people call a product."""
    return {one.product.lower(): one.name for one in USUAL}.get(product.lower(), product)


def _origins(configuration: PlatformConfiguration, url: str) -> list[str]:
    """Return whom the page tells that it can be closed: the platform, by each of the names it goes by."""
    known = (url, configuration.issuer, configuration.authorization_url)
    return list(dict.fromkeys(origin for one in known if (origin := addresses.origin_of(one))))


def _page(name: str, status: int, **values: Any) -> Response:
    configuration: PlatformConfiguration | None = values.get("configuration")
    if configuration is not None:
        hosts = quirks_for(configuration.product).registration_hosts(configuration.issuer)
        g.frame_ancestors = [
            *g.get("frame_ancestors", []),
            *(f"https://*{host}" if host.startswith(".") else f"https://{host}" for host in hosts),
        ]
    page = make_response(render_template(f"lti/register/{name}.html", **values), status)
    # A platform that opened a window is told by it when all is done; the usual policy would cut the two apart.
    page.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    # The address holds a secret.
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
