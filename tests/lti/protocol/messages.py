"""Claims as a platform sends them, and the keys that sign them."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from hypothesis import strategies as st

from certify.lti.protocol import names

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ISSUER = "https://plateforme.exemple.fr"
CLIENT = "client-1"
NONCE = "a nonce of the tests"
KID = "key-1"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"

ABSENT = object()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
"""Any value that JSON can carry, lone surrogates aside."""


@cache
def key() -> RSAPrivateKey:
    """Return the key of the platform, made once."""
    return generate_private_key(65537, 2048)


@cache
def weak_key() -> RSAPrivateKey:
    """Return a key that was long enough once."""
    return generate_private_key(65537, 1024)


def key_for(kid: str) -> RSAPublicKey:
    """Return the public key of the platform, whatever the name."""
    return key().public_key()


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a resource link launch, some of them changed or, when ABSENT, left out."""
    issued = int(NOW.timestamp())
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "4",
        "iat": issued,
        "exp": issued + 60,
        "nonce": NONCE,
        "name": "Stagiaire 03",
        "given_name": "Stagiaire",
        "family_name": "03",
        "email": "stagiaire03@exemple.fr",
        "locale": "fr",
        names.VERSION: "1.3.0",
        names.MESSAGE_TYPE: "LtiResourceLinkRequest",
        names.DEPLOYMENT_ID: "1",
        names.TARGET_LINK_URI: "https://certify.exemple.fr/lti/launch",
        names.ROLES: [LEARNER],
        names.CONTEXT: {"id": "2", "label": "C2", "title": "Cours d’essai", "type": ["CourseSection"]},
        names.RESOURCE_LINK: {"id": "7", "title": "Carnet de bord", "description": ""},
    }
    for name, value in changes.items():
        said[getattr(names, name, name)] = value
    return {name: value for name, value in said.items() if value is not ABSENT}


def choosing(**settings: Any) -> dict[str, Any]:
    """Return the claims of a deep linking launch with these settings."""
    asked = {
        "deep_link_return_url": f"{ISSUER}/retour?id=3",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
    }
    kept = {name: value for name, value in (asked | settings).items() if value is not ABSENT}
    return claims(MESSAGE_TYPE="LtiDeepLinkingRequest", RESOURCE_LINK=ABSENT, TARGET_LINK_URI=ABSENT, DL_SETTINGS=kept)
