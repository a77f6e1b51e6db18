"""The rules a login or a launch can break, each with its place in the specifications."""

from dataclasses import dataclass
from enum import StrEnum

CORE = "https://www.imsglobal.org/spec/lti/v1p3/"
SECURITY = "https://www.imsglobal.org/spec/security/v1p0/"
DEEP_LINKING = "https://www.imsglobal.org/spec/lti-dl/v2p0"
REGISTRATION = "https://www.imsglobal.org/spec/lti-dr/v1p0"
SUBMISSION_REVIEW = "https://www.imsglobal.org/spec/lti-sr/v1p0"

_LOGIN = f"{SECURITY}#step-1-third-party-initiated-login"
_RESPONSE = f"{SECURITY}#step-3-authentication-response"
_ERROR = f"{SECURITY}#authentication-error-response"
_VALIDATION = f"{SECURITY}#authentication-response-validation"
_ID_TOKEN = f"{SECURITY}#id-token"
_KEYS = f"{SECURITY}#h_key-set-url"
_DEPLOYMENT = f"{CORE}#lti-deployment-id-claim"
_TENANCY = f"{CORE}#tool-deployment"


class Family(StrEnum):
    """Kinds of refusals, each answered with one HTTP status."""

    MALFORMED = "malformed"
    SECURITY = "security"
    INACTIVE = "inactive"
    PLATFORM = "platform"

    @property
    def status(self) -> int:
        """Return the HTTP status of the pages that tell such a refusal."""
        return _STATUS[self]


MAX_DETAIL = 300
"""Longest detail kept with a launch."""

_STATUS = {Family.MALFORMED: 400, Family.SECURITY: 401, Family.INACTIVE: 403, Family.PLATFORM: 502}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a login or a launch must keep."""

    code: str
    family: Family
    spec: str
    """Address of the section that states it."""


_PLACES: dict[Family, dict[str, str]] = {
    Family.MALFORMED: {
        "issuer-missing": _LOGIN,
        "login-hint-missing": _LOGIN,
        "registration-unknown": _LOGIN,
        "registration-ambiguous": f"{CORE}#client_id-login-parameter",
        "target-missing": f"{CORE}#target-link-uri",
        "target-foreign": f"{CORE}#target-link-uri",
        "state-missing": _RESPONSE,
        "token-missing": _RESPONSE,
        "token-too-large": _RESPONSE,
        "token-malformed": _RESPONSE,
        "time-missing": _ID_TOKEN,
        "nonce-missing": _ID_TOKEN,
        "subject-missing": f"{CORE}#user-identity-claims",
        "version-missing": f"{CORE}#lti-version-claim",
        "version-wrong": f"{CORE}#lti-version-claim",
        "message-type-missing": f"{CORE}#message-type-claim",
        "message-type-unknown": f"{CORE}#message-type-claim",
        "deployment-missing": _DEPLOYMENT,
        "roles-missing": f"{CORE}#roles-claim",
        "roles-malformed": f"{CORE}#roles-claim",
        "resource-link-missing": f"{CORE}#resource-link-claim",
        "deep-linking-settings-missing": f"{DEEP_LINKING}#deep-linking-settings",
        "for-user-missing": f"{SUBMISSION_REVIEW}#for-user-claim",
        "claims-malformed": f"{CORE}#message-claims",
    },
    Family.SECURITY: {
        "state-unknown": _VALIDATION,
        "state-expired": _VALIDATION,
        "used-already": _ID_TOKEN,
        "browser-unbound": f"{SECURITY}#prohibiting-the-login-csrf-vulnerability",
        "kid-missing": _KEYS,
        "kid-unknown": _KEYS,
        "algorithm-refused": f"{SECURITY}#message-signing",
        "key-too-weak": f"{SECURITY}#rsa-key",
        "signature-wrong": _VALIDATION,
        "issuer-wrong": _VALIDATION,
        "audience-wrong": _VALIDATION,
        "azp-wrong": _VALIDATION,
        "expired": _VALIDATION,
        "lifetime-too-long": _VALIDATION,
        "issued-in-future": _VALIDATION,
        "issued-too-long-ago": _VALIDATION,
        "nonce-wrong": _VALIDATION,
    },
    Family.INACTIVE: {
        "registration-disabled": _TENANCY,
        "registration-pending": _TENANCY,
        "person-inactive": f"{CORE}#user-identity-claims",
        "deployment-pending": _DEPLOYMENT,
        "deployment-disabled": _DEPLOYMENT,
    },
    Family.PLATFORM: {
        "platform-error": _ERROR,
        "keys-unreachable": _KEYS,
    },
}

RULES = {code: Rule(code, family, spec) for family, places in _PLACES.items() for code, spec in places.items()}
"""Every rule by its code."""


class LaunchRefused(Exception):
    """A login or a launch broke a rule; the detail is for administrators and names nobody."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.rule = RULES[code]
        # It may quote what a platform sent: neither databases nor logs take every character of JSON.
        self.detail = detail[:MAX_DETAIL].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        super().__init__(f"{code}: {self.detail}" if detail else code)

    @property
    def code(self) -> str:
        """Return the code of the broken rule."""
        return self.rule.code
