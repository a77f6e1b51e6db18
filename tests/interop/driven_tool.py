"""Driving a tool made with another library, as a browser and a curious test would."""

from typing import Any

import requests

from tests.services.lms import Platform


class SecondTool:
    """The tool of `second_tool.py`, launched from our platform."""

    def __init__(self, platform: Platform, url: str) -> None:
        self.platform = platform
        self.url = url

    def launch(self, *args: Any, browser: requests.Session | None = None, **kwargs: Any) -> dict[str, Any]:
        """Launch the tool and return what it read."""
        with browser or requests.Session() as visitor:
            asked = self.platform.login_request(*args, **kwargs)
            answer = visitor.post(self.platform.tool.login_url, data=asked, allow_redirects=False, timeout=10)
            assert answer.status_code == 302, answer.text
            token, state = self.platform.authorize(answer.headers["Location"])
            return self._read(
                visitor.post(f"{self.url}/lti/launch", data={"id_token": token, "state": state}, timeout=10)
            )

    def register(self) -> dict[str, Any]:
        """Have it register itself with our platform; return what either said."""
        asked = self.platform.registration_request()
        told: dict[str, Any] = self._read(requests.get(f"{self.url}/register", params=asked, timeout=20))
        return told

    def ask(self, path: str, launch: dict[str, Any], **more: str) -> Any:
        """Have it do something under a launch."""
        return self._read(requests.get(f"{self.url}{path}", params={"launch": launch["launch"], **more}, timeout=20))

    def _read(self, answer: requests.Response) -> Any:
        assert answer.status_code == 200, f"{answer.text}\n{self.platform.describe()}"
        return answer.json()
