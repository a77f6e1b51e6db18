"""Where the platforms we know depart from the specifications, one class each; the code elsewhere knows no product."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from certify.lti.protocol import names


class Quirks:
    """A platform that does as specified."""

    gives_course_history = False
    """Whether it fills `$Context.id.history` without listing it among its variables."""

    def token_audience(self, token_url: str) -> str:
        """Return whom our requests of an access token address.

        https://www.imsglobal.org/spec/security/v1p0/#using-json-web-tokens-with-oauth-2-0-client-credentials-grant
        """
        return token_url

    def storage_origin(self, origin: str) -> str:
        """Return the origin that answers messages to the platform's storage: that of its login address.

        https://www.imsglobal.org/spec/lti-cs-pm/v0p1
        """
        return origin

    def schools(self) -> tuple[str, ...]:
        """Return the sites, in the terms of a content security policy, of the schools that one issuer stands for."""
        return ()

    def registration_hosts(self, issuer: str) -> tuple[str, ...]:
        """Return the hosts besides the issuer's that may describe it; one that starts with a dot stands for all below.

        https://www.imsglobal.org/spec/lti-dr/v1p0#issuer-and-openid-configuration-url-match
        """
        return ()

    def column_scopes(self, granted: Collection[str], *, writing: bool) -> tuple[str, ...]:
        """Return the scopes to ask for columns with: the least of those granted that will do.

        https://www.imsglobal.org/spec/lti-ags/v2p0#line-item-service-scope-and-allowed-http-methods
        """
        if writing or names.LINE_ITEM_READ not in granted:
            return (names.LINE_ITEM,)
        return (names.LINE_ITEM_READ,)

    def score_extras(self) -> Mapping[str, Any]:
        """Return what is added to every score."""
        return {}

    def is_conflict(self, status: int, body: str) -> bool:
        """Return whether a score was refused for not being newer than the one there is."""
        return status == 409

    def explain(self, status: int, body: str) -> str:
        """Return the code of the reason for which a score was refused for good, or nothing when it is not known."""
        return ""


class Moodle(Quirks):
    """Moodle 3.7 and later."""

    def column_scopes(self, granted: Collection[str], *, writing: bool) -> tuple[str, ...]:
        """Name the scope that reads: columns cannot be read with the one that writes them."""
        return (names.LINE_ITEM, names.LINE_ITEM_READ) if writing else (names.LINE_ITEM_READ,)

    def explain(self, status: int, body: str) -> str:
        """Say that the person has no grade here: it tells neither teachers nor strangers apart, and gives no word."""
        return "not-gradable" if status == 400 else ""


class Canvas(Quirks):
    """Canvas by Instructure: one issuer for all its customers."""

    def schools(self) -> tuple[str, ...]:
        """Every school has a site of its own, all known by one issuer or sign-in."""
        return ("https://*.instructure.com",)

    gives_course_history = True

    def registration_hosts(self, issuer: str) -> tuple[str, ...]:
        """Return the hosts of its single sign-on, and those of its customers."""
        return (".canvaslms.com", ".instructure.com") if _host(issuer).endswith(".instructure.com") else ()

    def score_extras(self) -> Mapping[str, Any]:
        """Keep a grade from counting as a new attempt of the trainee.

        https://canvas.instructure.com/doc/api/score.html
        """
        return {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}

    def explain(self, status: int, body: str) -> str:
        """Recognise its sentences about people and assignments."""
        if status != 422:
            return ""
        if "not a student" in body or "User not found" in body:
            return "not-enrolled"
        return "not-gradable" if "unpublished" in body or "concluded" in body or "attempts" in body else ""


class Blackboard(Quirks):
    """Blackboard Learn: one issuer for all its customers."""

    def schools(self) -> tuple[str, ...]:
        """Every school has a site of its own, all known by one issuer or sign-in."""
        return ("https://*.blackboard.com",)

    def registration_hosts(self, issuer: str) -> tuple[str, ...]:
        """Return the hosts of its portal for developers, which registers tools for every customer."""
        return ("developer.blackboard.com", "developer.anthology.com") if _host(issuer) == "blackboard.com" else ()

    def explain(self, status: int, body: str) -> str:
        """Recognise its sentence about people."""
        return "not-enrolled" if status == 400 and "User could not be found" in body else ""


class Brightspace(Quirks):
    """Brightspace by D2L."""

    def schools(self) -> tuple[str, ...]:
        """Every school has a site of its own, all known by one issuer or sign-in."""
        return ("https://*.brightspace.com",)

    def token_audience(self, token_url: str) -> str:
        """Return the audience it expects whatever the address."""
        return "https://api.brightspace.com/auth/token"

    def explain(self, status: int, body: str) -> str:
        """Recognise its sentences about people."""
        known = "not enrolled in the org unit" in body or "User in requested score does not exist" in body
        return "not-enrolled" if status in (403, 404) and known else ""


class OpenEdx(Quirks):
    """Open edX with its LTI consumer."""

    def is_conflict(self, status: int, body: str) -> bool:
        """Recognise its complaint about the timestamp of a score, which it makes as of any other mistake."""
        return status == 409 or (status == 400 and "timestamp" in body)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


_PLAIN = Quirks()


class Sakai(Quirks):
    """Sakai 21 and later: no departure from the specifications is known to us."""


_KNOWN: Mapping[str, Quirks] = {
    "moodle": Moodle(),
    "canvas": Canvas(),
    "blackboardlearn": Blackboard(),
    "blackboard": Blackboard(),
    "desire2learn": Brightspace(),
    "brightspace": Brightspace(),
    "d2l": Brightspace(),
    "openedx": OpenEdx(),
    "open edx": OpenEdx(),
    "sakai": Sakai(),
}


def quirks_for(product: str) -> Quirks:
    """Return how a product behaves, by its `product_family_code`; an unknown one as specified."""
    return _KNOWN.get(product.strip().lower(), _PLAIN)
