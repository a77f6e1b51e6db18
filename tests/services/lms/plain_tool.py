"""A tool with nothing in it but a key: says to the platform whatever a test wants it to, right or wrong."""

import time
import uuid
from typing import Any

import requests

from tests.services.lms.access import ASSERTION_TYPE
from tests.services.lms.claims import changed
from tests.services.lms.keys import Key, KeyRing, signed
from tests.services.lms.platform import Platform
from tests.services.lms.vocabulary import CLAIM, DEEP_LINKING, DEEP_LINKING_RESPONSE, SCOPES


class PlainTool:
    """Knows the platform, which knows its key."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.keys = KeyRing()
        self.key_seconds = 300
        platform.know("https://certify.example", jwks=self.keys.document)

    def authorization(self, login: dict[str, str], **changes: Any) -> dict[str, str]:
        """Return a right authorization request for a login, then changed."""
        asked = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": login["client_id"],
            "redirect_uri": self.platform.tool.redirect_uris[0],
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
            "state": uuid.uuid4().hex,
            "nonce": uuid.uuid4().hex,
        }
        return changed(asked, changes)

    def assertion(self, *, key: Key | None = None, **changes: Any) -> str:
        """Return a right client assertion, then changed."""
        now = int(time.time())
        claims = {
            "iss": self.platform.client_id,
            "sub": self.platform.client_id,
            "aud": self.platform.token_url,
            "iat": now,
            "exp": now + self.key_seconds,
            "jti": uuid.uuid4().hex,
        }
        return signed(changed(claims, changes), key or self.keys.current, {})

    def ask_token(self, *, scope: str = " ".join(SCOPES), assertion: str = "", **form: str) -> requests.Response:
        """Ask for an access token."""
        asked = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            "scope": scope,
        }
        return requests.post(self.platform.token_url, data={**asked, **form}, timeout=10)

    def send(
        self, method: str, url: str, *, kind: str, scope: str = " ".join(SCOPES), token: str = "", body: Any = None
    ) -> requests.Response:
        """Ask a service something; `kind` is the media type, of the body or of what is wanted."""
        value = token or self.ask_token(scope=scope).json()["access_token"]
        headers = {"Authorization": f"Bearer {value}", "Accept": kind, "Content-Type": kind}
        return requests.request(method, url, headers=headers, json=body, timeout=10)

    def response(self, items: list[dict[str, Any]], **changes: Any) -> str:
        """Return a right deep linking response, then changed."""
        now = int(time.time())
        claims = {
            "iss": self.platform.client_id,
            "aud": self.platform.issuer,
            "iat": now,
            "exp": now + 300,
            "nonce": uuid.uuid4().hex,
            f"{CLAIM}message_type": DEEP_LINKING_RESPONSE,
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}deployment_id": self.platform.deployment_id,
            f"{DEEP_LINKING}content_items": items,
        }
        return signed(changed(claims, changes), self.keys.current, {})

    def close(self) -> None:
        """Leave the keys to the next one."""
        self.keys.close()
