"""Driving the platforms of others, as a browser does: where a launch starts, and what they kept of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.interop.programs import running_program
from tests.services.processes import free_port

DEEP_LINKING = "LtiDeepLinkingRequest"


@dataclass(frozen=True)
class Form:
    """A form that a page sends by itself."""

    action: str
    fields: dict[str, str]


@dataclass(frozen=True)
class OtherPlatform:
    """A platform that others wrote, running."""

    url: str
    teacher: str
    """Who teaches, as the platform calls them when a launch starts."""
    learner: str
    learner_sub: str
    """What the tool is told of the first trainee."""

    def registration(self) -> dict[str, str]:
        """Return what the tool must know: issuer, client, deployment and addresses."""
        return self._read("/registration")

    def kept(self) -> dict[str, Any]:
        """Return what the platform kept: items chosen, columns, scores."""
        return self._read("/kept")

    def login_request(self, user: str, *, message: str = "LtiResourceLinkRequest") -> tuple[str, dict[str, str]]:
        """Start a launch; return the tool's login address and its parameters."""
        answer = requests.get(
            f"{self.url}/start", params={"user": user, "message": message}, allow_redirects=False, timeout=20
        )
        assert answer.status_code == 302, answer.text
        address, _, query = answer.headers["Location"].partition("?")
        return address, dict(parse_qsl(query))

    def authorize(self, address: str) -> Form:
        """Go where the tool sends people; return the form that comes back, with the id token."""
        assert address.startswith(self.registration()["authorization_url"]), address
        answer = requests.get(address, timeout=20)
        assert answer.status_code == 200, answer.text
        return self_sending_form(answer.text)

    def choose(self, form: Form) -> requests.Response:
        """Bring a deep linking response back."""
        assert urlsplit(form.action).netloc == urlsplit(self.url).netloc, form.action
        answer = requests.post(form.action, data=form.fields, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer

    def _read(self, path: str) -> dict[str, Any]:
        answer = requests.get(f"{self.url}{path}", timeout=20)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def self_sending_form(page: str) -> Form:
    """Return the form of a page that has one."""
    found = re.search(r"<form\b[^>]*?\baction=\"([^\"]*)\"", page, re.DOTALL)
    assert found is not None, page
    fields = {}
    for tag in re.findall(r"<input\b[^>]*>", page, re.DOTALL):
        values = {name: unescape(value) for name, value in re.findall(r"\b([\w-]+)=\"([^\"]*)\"", tag, re.DOTALL)}
        if "name" in values:
            fields[values["name"]] = values.get("value", "")
    return Form(unescape(found[1]), fields)


@contextmanager
def running_openedx(tool_url: str, folder: Path, *, ags: str = "programmatic") -> Iterator[OtherPlatform]:
    """Run Open edX's platform for as long as the block lasts."""
    port = free_port()
    env = {"TOOL": tool_url, "FOLDER": str(folder), "AGS": ags}
    with running_program("openedx_platform", port=port, folder=folder, env=env):
        yield OtherPlatform(f"http://localhost:{port}", "1", "2", "externe-2")


@contextmanager
def running_openlearning(tool_url: str, folder: Path) -> Iterator[OtherPlatform]:
    """Run OpenLearning's platform for as long as the block lasts."""
    port = free_port()
    with running_program("openlearning_platform", port=port, folder=folder, env={"TOOL": tool_url}):
        yield OtherPlatform(f"http://localhost:{port}", "u1", "u2", "u2")
