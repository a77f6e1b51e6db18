"""What certify tells platforms about itself: its addresses, the services it uses, where it can be placed."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from certify.core.i18n import lazy as _l
from certify.lti.protocol import names
from certify.settings import Settings

NAME = "certify"
CUSTOM = {"context_id_history": "$Context.id.history"}
"""What a platform is asked to add to its messages: the courses that a course was copied from."""


@dataclass(frozen=True)
class Tool:
    """certify as a platform sees it."""

    base: str

    @property
    def login_url(self) -> str:
        """Where a login begins."""
        return f"{self.base}/lti/login"

    def login_url_of(self, registration_id: uuid.UUID) -> str:
        """Return where a login of one platform begins, when several share an issuer."""
        return f"{self.login_url}/{registration_id}"

    @property
    def launch_url(self) -> str:
        """Where signed messages are received."""
        return f"{self.base}/lti/launch"

    @property
    def jwks_url(self) -> str:
        """Where the public keys of certify are."""
        return f"{self.base}/.well-known/jwks.json"

    @property
    def canvas_url(self) -> str:
        """Where Canvas reads all of this at once."""
        return f"{self.base}/lti/canvas.json"

    @property
    def custom(self) -> str:
        """The custom parameters, as platforms want them typed."""
        return "\n".join(f"{name}={value}" for name, value in CUSTOM.items())

    def register_url(self, token: str) -> str:
        """Return the address that an invitation gives."""
        return f"{self.base}/lti/register/{token}"


@dataclass(frozen=True)
class Usual:
    """Where a kind of platform usually keeps what it is asked for."""

    product: str
    name: str
    issuer: str
    authorization: str
    token: str
    keys: str
    audience: str = ""
    where: Any = ""
    """Where its administrator declares a tool."""
    field: Any = ""
    """Where the link of an invitation goes."""


USUAL = (
    Usual(
        "moodle",
        "Moodle",
        "https://moodle.exemple.fr",
        "https://moodle.exemple.fr/mod/lti/auth.php",
        "https://moodle.exemple.fr/mod/lti/token.php",
        "https://moodle.exemple.fr/mod/lti/certs.php",
        where=_l("Administration du site, Plugins, Outil externe, Gérer les outils"),
        field=_l("« URL de l’outil », puis « Ajouter LTI Advantage »"),
    ),
    Usual(
        "canvas",
        "Canvas",
        "https://canvas.instructure.com",
        "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "https://sso.canvaslms.com/login/oauth2/token",
        "https://sso.canvaslms.com/api/lti/security/jwks",
        where=_l("Administration, Applications (ou Clés de développeur)"),
        field=_l("« Ajouter une application », puis « Enregistrement dynamique »"),
    ),
    Usual(
        "desire2learn",
        "Brightspace",
        "https://votre-site.brightspace.com",
        "https://votre-site.brightspace.com/d2l/lti/authenticate",
        "https://auth.brightspace.com/core/connect/token",
        "https://votre-site.brightspace.com/d2l/.well-known/jwks",
        "https://api.brightspace.com/auth/token",
        _l("Outils d’administration, Gérer l’extensibilité, LTI Advantage"),
        _l("« Enregistrer un outil », puis « Dynamique »"),
    ),
    Usual(
        "BlackboardLearn",
        "Blackboard",
        "https://blackboard.com",
        "https://developer.blackboard.com/api/v1/gateway/oidcauth",
        "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
        "https://developer.blackboard.com/api/v1/management/applications/…/jwks.json",
        where=_l("Administration, Fournisseurs d’outils LTI"),
        field=_l("« Enregistrement dynamique », dans le portail pour développeurs"),
    ),
    Usual(
        "sakai",
        "Sakai",
        "https://sakai.exemple.fr",
        "https://sakai.exemple.fr/imsoidc/lti13/oidc_auth",
        "https://sakai.exemple.fr/imsblis/lti13/token/…",
        "https://sakai.exemple.fr/imsblis/lti13/keyset",
        where=_l("Espace d’administration, Outils externes"),
        field=_l("« LTI Advantage Auto-Provision »"),
    ),
)
"""Addresses of well-known platforms, to compare with what their administrator reads on the screen."""


def tool(settings: Settings) -> Tool:
    """Return certify as it is reached from outside."""
    return Tool(settings.public_url.rstrip("/"))


def canvas(shown: Tool) -> dict[str, Any]:
    """Return what Canvas reads when a developer key is made from an address.

    https://canvas.instructure.com/doc/api/file.lti_dev_key_config.html
    """
    link = {"message_type": "LtiResourceLinkRequest", "target_link_uri": shown.launch_url, "text": NAME}
    choice = link | {"message_type": "LtiDeepLinkingRequest"}
    return {
        "title": NAME,
        "description": str(_l("Formation et certification des facilitateurs des Maisons des 1000 premiers jours")),
        "target_link_uri": shown.launch_url,
        "oidc_initiation_url": shown.login_url,
        "public_jwk_url": shown.jwks_url,
        "scopes": list(names.SCOPES),
        "custom_fields": CUSTOM,
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": urlsplit(shown.base).netloc,
                "tool_id": NAME,
                "privacy_level": "public",
                "settings": {
                    "text": NAME,
                    "placements": [
                        link | {"placement": "course_navigation", "default": "disabled"},
                        choice | {"placement": "link_selection"},
                        choice | {"placement": "assignment_selection"},
                    ],
                },
            }
        ],
    }
