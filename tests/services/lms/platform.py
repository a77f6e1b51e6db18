"""The platform as tests see it: people, launches, what the tool's services did, and bad days to order."""

import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.services.lms import authorization, claims, registering
from tests.services.lms.access import AccessTokens, Tool
from tests.services.lms.campus import Campus
from tests.services.lms.deep_linking import DeepLinkings, Response, SavedItem
from tests.services.lms.faults import Faults, Wanted
from tests.services.lms.gradebook import Gradebook, LineItem, Score
from tests.services.lms.keys import Key, KeyRing, signed
from tests.services.lms.paging import LinkStyle
from tests.services.lms.people import Course, Link, Person
from tests.services.lms.vocabulary import (
    DEEP_LINKING,
    DEEP_LINKING_REQUEST,
    LINE_ITEMS,
    RESOURCE_LINK,
    RESULTS,
    SCORES,
)


@dataclass(frozen=True)
class Seen:
    """A request that reached the platform."""

    name: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Platform(Campus):
    """A learning platform that knows one tool, with a course, its people and a link."""

    def __init__(self, url: str, *, issuer: str = "", client_id: str = "", product: str = "moodle") -> None:
        super().__init__()
        self.url = url
        self.issuer = issuer or url
        self.client_id = client_id or secrets.token_hex(8)
        self.type_id = "1"
        self.deployment_id = "1"
        self.product = product
        self.locale = "fr"
        self.tool = Tool()
        self.keys = KeyRing()
        self.access = AccessTokens()
        self.gradebook = Gradebook(f"{url}/mod/lti/services.php", self.type_id)
        self.logins = authorization.Logins()
        self.deep_linkings = DeepLinkings()
        self.registrations = registering.Registrations()
        self.faults = Faults()
        self._set_behaviour()
        self._set_memory()

    def _set_behaviour(self) -> None:
        """What a test may change, beside the above."""
        self.down = False
        """Every connection is closed without an answer."""
        self.keys_headers: dict[str, str] = {}
        """Headers of the JWKS, such as `Cache-Control`."""
        self.token_audience = ""
        """Asked of client assertions when it is not the token address."""
        self.shares_names = True
        self.shares_emails = True
        self.grade_scopes: tuple[str, ...] = (LINE_ITEMS, RESULTS, SCORES)
        """Given in the launch; none means no grade service at all."""
        self.has_roster = True
        self.has_short_roles = True
        self.roster_links = LinkStyle.CORRECT
        self.column_links = LinkStyle.CURLY
        self.page_size: int | None = None
        """Size of pages when the tool does not ask; Moodle then has one page."""
        self.patience = 60.0
        """Seconds that a request which gets no answer is held."""
        self.refusal: tuple[str, str] | None = None
        """Error and description sent to the tool instead of a token."""
        self.variables: tuple[str, ...] = registering.VARIABLES
        self.custom_parameters: dict[str, str] = {}
        self.configuration_changes: dict[str, Any] = {}

    def _set_memory(self) -> None:
        self.counts: Counter[str] = Counter()
        """Requests by the name of what was asked: keys, token, roster, line_items, line_item, scores, results…"""
        self.seen: list[Seen] = []
        self.refusals: list[str] = []
        """Why the platform refused what the tool sent, in order."""
        self.saved_items: list[SavedItem] = []
        self.responses: list[Response] = []
        """Deep linking responses, empty ones included."""
        self.closing = threading.Event()

    # Addresses.

    @property
    def authorization_url(self) -> str:
        """Return where the tool sends people to be identified."""
        return f"{self.url}/mod/lti/auth.php"

    @property
    def token_url(self) -> str:
        """Return where the tool gets access tokens."""
        return f"{self.url}/mod/lti/token.php"

    @property
    def jwks_url(self) -> str:
        """Return where the public keys are."""
        return f"{self.url}/mod/lti/certs.php"

    @property
    def configuration_url(self) -> str:
        """Return where the platform describes itself."""
        return f"{self.url}/mod/lti/openid-configuration.php"

    @property
    def registration_url(self) -> str:
        """Return where tools register themselves."""
        return f"{self.url}/mod/lti/openid-registration.php"

    def return_url(self, course: Course) -> str:
        """Return where deep linking responses go."""
        return f"{self.url}/mod/lti/contentitem_return.php?course={course.id}&id={self.type_id}&sesskey=mQ7rT2xV9k"

    def roster_url(self, course: Course) -> str:
        """Return where the members of a course are."""
        services = f"{self.url}/mod/lti/services.php"
        return f"{services}/CourseSection/{course.id}/bindings/{self.type_id}/memberships"

    def shared_identity(self, person: Person) -> dict[str, str]:
        """Return what the privacy settings of the tool let out."""
        names = {"given_name": person.given_name, "family_name": person.family_name, "name": person.name}
        shared = (names if self.shares_names else {}) | ({"email": person.email} if self.shares_emails else {})
        return {name: value for name, value in shared.items() if value}

    def delete_link(self, link: Link) -> None:
        """Delete a link with its columns."""
        super().delete_link(link)
        for column in self.gradebook.columns_of_link(link.id):
            self.gradebook.remove(column)

    # What the platform knows of the tool.

    def know(self, tool_url: str, *, jwks: str | Callable[[], dict[str, Any]] = "") -> None:
        """Register certify by hand, at its usual addresses; `jwks` gives its keys when nothing serves them."""
        self.tool = Tool(
            f"{tool_url}/lti/launch",
            f"{tool_url}/lti/login",
            (f"{tool_url}/lti/launch",),
            jwks or f"{tool_url}/.well-known/jwks.json",
        )

    def registration_request(self) -> dict[str, str]:
        """Return the parameters that a platform adds to the registration address of a tool."""
        return {"openid_configuration": self.configuration_url, "registration_token": self.registrations.open()}

    def adopt(self, registered: registering.Registered) -> None:
        """Know the tool that registered itself."""
        self.client_id = registered.client_id
        self.tool = registering.tool_of(registered)
        self.custom_parameters = dict(registered.tool.get("custom_parameters", {}))

    # Launching.

    def claims(
        self,
        who: Person | str | None = None,
        *,
        message: str = RESOURCE_LINK,
        course: Course | None = None,
        link: Link | None = None,
        **overrides: Any,
    ) -> dict[str, Any]:
        """Return the claims of a launch; overrides go by whole or short names, `ABSENT` leaves one out."""
        chosen = link or (self.link if message != DEEP_LINKING_REQUEST else None)
        where = course or (chosen.course if chosen else self.course)
        made = claims.made(self, self.person(who), message, where, chosen)
        return claims.changed(made, overrides)

    def sign(self, claims: Mapping[str, Any], *, key: Key | None = None, **header: Any) -> str:
        """Return an id token, signed as the platform signs unless the header or the key say otherwise."""
        return signed(claims, key or self.keys.current, header)

    def login_request(
        self,
        who: Person | str | None = None,
        link: Link | None = None,
        *,
        message: str = RESOURCE_LINK,
        course: Course | None = None,
        storage_target: str = "",
        **overrides: Any,
    ) -> dict[str, str]:
        """Return what the platform sends to the tool's login address; overrides are those of the claims to come."""
        person = self.person(who)
        where = course or (link.course if link else self.course)
        chosen = link or (self.link if message != DEEP_LINKING_REQUEST and course is None else None)
        hint = self.logins.begin(authorization.Pending(person, message, where, chosen, overrides))
        asked = {
            "iss": self.issuer,
            "target_link_uri": (chosen.url if chosen else "") or self.tool.target_link_uri,
            "login_hint": person.sub,
            "lti_message_hint": hint,
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
        }
        return asked | ({"lti_storage_target": storage_target} if storage_target else {})

    def authorize(self, asked: Mapping[str, str] | str, **overrides: Any) -> tuple[str, str]:
        """Return the id token and the state that answer a right request, given as parameters or as an address."""
        parameters = authorization.parameters_of(asked, self.authorization_url)
        pending = self.logins.answered(parameters, client_id=self.client_id, redirect_uris=self.tool.redirect_uris)
        made = claims.made(self, pending.person, pending.message, pending.course, pending.link)
        told = claims.changed(made, {"nonce": parameters["nonce"], **pending.overrides, **overrides})
        if pending.message == DEEP_LINKING_REQUEST:
            self.deep_linkings.settings = told.get(f"{DEEP_LINKING}deep_linking_settings")
        return self.sign(told), parameters["state"]

    # Deep linking.

    def save(self, course: Course, token: str) -> Response:
        """Save what a deep linking response adds to a course: links, with their columns."""
        response = self.deep_linkings.verified(
            token, self.tool, issuer=self.issuer, client_id=self.client_id, deployment_id=self.deployment_id
        )
        self.responses.append(response)
        for item in response.items:
            self.saved_items.append(item)
            link = self.add_link(item.title, course=course, url=item.url, **item.custom)
            if item.line_item is not None:
                column = {"label": item.title, **item.line_item, "resourceLinkId": link.id}
                self.gradebook.add(
                    course.id, {name: value for name, value in column.items() if name != "gradesReleased"}
                )
        return response

    # What came of it.

    @property
    def scores(self) -> list[Score]:
        """Return the scores the gradebook took, in order."""
        return list(self.gradebook.scores)

    @property
    def line_items(self) -> list[LineItem]:
        """Return the columns."""
        return list(self.gradebook.line_items.values())

    # Bad days.

    def next_answers(self, *wanted: Wanted, to: str = "") -> None:
        """Have the next requests to a service (or to any) go wrong: `503, (429, {"Retry-After": "5"}), "timeout"`."""
        self.faults.add(wanted, to)

    def rotate_keys(self, *, keep_old: bool = True) -> Key:
        """Sign with a new key from now on."""
        return self.keys.rotate(keep_old=keep_old)

    def revoke_tokens(self) -> None:
        """Have every access token given so far refused with a 401."""
        self.access.revoke()

    def close(self) -> None:
        """Let requests that are held go, and the keys."""
        self.closing.set()
        self.keys.close()

    def describe(self) -> str:
        """Return what a test would want to read when it fails."""
        return json.dumps({"counts": dict(self.counts), "refusals": self.refusals}, indent=1)
