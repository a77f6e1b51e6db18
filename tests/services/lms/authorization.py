"""The authorization endpoint: third-party login, every parameter checked (1EdTech security 1.0, section 5.1.1)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.services.lms.people import Course, Link, Person
from tests.services.lms.refusals import refuse, require

FIXED = {
    "scope": "openid",
    "response_type": "id_token",
    "response_mode": "form_post",
    "prompt": "none",
}
_SHORTEST_SECRET = 22
"""Characters of base64 that hold 128 bits."""


@dataclass(frozen=True)
class Pending:
    """A login the platform started and the tool has not answered."""

    person: Person
    message: str
    course: Course
    link: Link | None
    overrides: Mapping[str, Any]


class Logins:
    """Logins under way; each is answered once."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}
        self._nonces: set[str] = set()
        self._states: set[str] = set()

    def begin(self, pending: Pending) -> str:
        """Remember a login and return its message hint, which looks like Moodle's."""
        launch = f"ltilaunch{len(self._pending) + 1}_{secrets.randbelow(10**9)}"
        self._pending[launch] = pending
        return json.dumps({"cmid": 2, "launchid": launch})

    def answered(self, asked: Mapping[str, str], *, client_id: str, redirect_uris: tuple[str, ...]) -> Pending:
        """Return the login that a right request is about; refuse a wrong one."""
        for name, value in FIXED.items():
            require(asked.get(name) == value, f"{name} is {asked.get(name)!r}, not {value!r}")
        require(asked.get("client_id") == client_id, f"client_id is {asked.get('client_id')!r}")
        require(asked.get("redirect_uri") in redirect_uris, f"redirect_uri is {asked.get('redirect_uri')!r}")
        self._check_secrets(asked.get("state", ""), asked.get("nonce", ""))
        pending = self._take(asked.get("lti_message_hint", ""))
        require(asked.get("login_hint") == pending.person.sub, "login_hint is not the person who is signed in")
        return pending

    def _check_secrets(self, state: str, nonce: str) -> None:
        require(len(state) >= _SHORTEST_SECRET, "state is missing or can be guessed")
        require(len(nonce) >= _SHORTEST_SECRET, "nonce is missing or can be guessed")
        require(state != nonce, "state and nonce are the same")
        require(state not in self._states, "state was used before")
        require(nonce not in self._nonces, "nonce was used before")
        self._states.add(state)
        self._nonces.add(nonce)

    def _take(self, hint: str) -> Pending:
        try:
            launch = json.loads(hint)["launchid"]
        except (ValueError, KeyError, TypeError):
            refuse(400, f"lti_message_hint is not what we gave: {hint!r}")
        pending = self._pending.pop(launch, None)
        if pending is None:
            refuse(404, "lti_message_hint is unknown or was used before")
        return pending


def parameters_of(asked: Mapping[str, str] | str, authorization_url: str) -> dict[str, str]:
    """Return the parameters of a request, given as such or as the address the browser was sent to."""
    if not isinstance(asked, str):
        return dict(asked)
    require(asked.startswith(f"{authorization_url}?"), f"not the authorization address: {asked}")
    found = parse_qs(urlsplit(asked).query, keep_blank_values=True)
    for name, values in found.items():
        require(len(values) == 1, f"{name} is given twice")
    return {name: values[0] for name, values in found.items()}
