"""The token endpoint: a client assertion is believed when all of it is right (1EdTech security 1.0, section 4)."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

import jwt

from tests.services.lms.refusals import refuse, require
from tests.services.lms.vocabulary import SCOPES

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE_SECONDS = 3600
_LONGEST_ASSERTION = 3600
_LEEWAY = 10


@dataclass
class Tool:
    """What the platform knows of the tool."""

    target_link_uri: str = ""
    login_url: str = ""
    redirect_uris: tuple[str, ...] = ()
    jwks: str | Callable[[], dict[str, Any]] = ""
    """Address of its keys, or what gives them when it is not served."""
    key_reads: int = 0
    _keys: dict[str, Any] = field(default_factory=dict)

    def key(self, kid: str) -> Any:
        """Return a public key of the tool; like Moodle, keep what was read and read again when a key is unknown."""
        if kid not in self._keys:
            self._keys = self._read()
        require(kid in self._keys, f"the tool publishes no key {kid!r}", status=401, error="invalid_client")
        return self._keys[kid]

    def _read(self) -> dict[str, Any]:
        self.key_reads += 1
        if callable(self.jwks):
            document = self.jwks()
        else:
            with urlopen(Request(self.jwks, headers={"Accept": "application/json"}), timeout=5) as answer:
                document = json.load(answer)
        for key in document["keys"]:
            require({"kty", "n", "e", "kid"} <= set(key), "a key of the tool is incomplete")
            require(not {"d", "p", "q", "dp", "dq", "qi"} & set(key), "the tool publishes a private key")
        return {key["kid"]: jwt.PyJWK(key, algorithm="RS256").key for key in document["keys"]}


def verified(token: str, tool: Tool, *, reason: str) -> dict[str, Any]:
    """Return the claims of a JWT the tool signed, its signature verified; refuse it otherwise."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        refuse(401, f"{reason}: {error}", error="invalid_client")
    require(header.get("alg") == "RS256", f"{reason}: algorithm {header.get('alg')!r}", status=401)
    require(isinstance(header.get("kid"), str), f"{reason}: no kid", status=401, error="invalid_client")
    unchecked = {
        "verify_exp": False,
        "verify_iat": False,
        "verify_aud": False,
        "verify_nbf": False,
        "verify_sub": False,
    }
    try:
        claims: dict[str, Any] = jwt.decode(token, tool.key(header["kid"]), algorithms=["RS256"], options=unchecked)  # type: ignore[arg-type]
    except jwt.PyJWTError as error:
        refuse(401, f"{reason}: {error}", error="invalid_client")
    return claims


def check_times(claims: Mapping[str, Any], *, longest: int, reason: str) -> None:
    """Refuse claims that are too old, from the future, or meant to live too long."""
    now = time.time()
    for name in ("iat", "exp"):
        is_number = isinstance(claims.get(name), int | float) and not isinstance(claims.get(name), bool)
        require(is_number, f"{reason}: {name} is not a number", status=401, error="invalid_client")
    require(claims["iat"] <= now + _LEEWAY, f"{reason}: from the future", status=401, error="invalid_client")
    require(claims["exp"] > now - _LEEWAY, f"{reason}: expired", status=401, error="invalid_client")
    require(claims["exp"] - claims["iat"] <= longest, f"{reason}: lives too long", status=401, error="invalid_client")


@dataclass(frozen=True)
class AccessToken:
    """A token given to the tool."""

    value: str
    scopes: frozenset[str]
    expires_at: float


class AccessTokens:
    """Tokens given and assertions seen."""

    def __init__(self) -> None:
        self.given: list[AccessToken] = []
        self.life = LIFE_SECONDS
        self._valid: dict[str, AccessToken] = {}
        self._seen: set[str] = set()

    def give(self, form: Mapping[str, str], tool: Tool, *, client_id: str, audience: str) -> dict[str, Any]:
        """Return the answer to a right request."""
        require(form.get("grant_type") == "client_credentials", "grant_type", error="unsupported_grant_type")
        require(form.get("client_assertion_type") == ASSERTION_TYPE, "client_assertion_type", error="invalid_request")
        claims = verified(form.get("client_assertion", ""), tool, reason="client assertion")
        self._check(claims, client_id, audience)
        scopes = form.get("scope", "").split(" ")
        require(form.get("scope") and set(scopes) <= set(SCOPES), f"scope: {scopes}", error="invalid_scope")
        token = AccessToken(secrets.token_hex(16), frozenset(scopes), time.time() + self.life)
        self.given.append(token)
        self._valid[token.value] = token
        return {"access_token": token.value, "token_type": "Bearer", "expires_in": self.life, "scope": " ".join(scopes)}

    def revoke(self) -> None:
        """Forget every token given: the next request with one of them gets a 401."""
        self._valid.clear()

    def check(self, authorization: str, allowed: tuple[str, ...]) -> None:
        """Refuse a request whose token is unknown, too old or not for this."""
        kind, _, value = authorization.partition(" ")
        token = self._valid.get(value)
        if kind != "Bearer" or token is None or token.expires_at < time.time():
            refuse(401, "the access token is unknown or expired")
        require(token.scopes & set(allowed), f"the access token is for {sorted(token.scopes)}", status=403)

    def _check(self, claims: Mapping[str, Any], client_id: str, audience: str) -> None:
        for name in ("iss", "sub"):
            require(
                claims.get(name) == client_id, f"{name} is {claims.get(name)!r}", status=401, error="invalid_client"
            )
        meant = claims.get("aud")
        is_for_us = meant == audience or (isinstance(meant, list) and audience in meant)
        require(is_for_us, f"aud is {meant!r}, not {audience!r}", status=401, error="invalid_client")
        check_times(claims, longest=_LONGEST_ASSERTION, reason="client assertion")
        identifier = claims.get("jti")
        require(isinstance(identifier, str) and identifier, "jti is missing", status=401, error="invalid_client")
        require(identifier not in self._seen, "jti was used before", status=401, error="invalid_client")
        self._seen.add(str(identifier))
