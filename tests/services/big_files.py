"""Sending a big file piece by piece, as a tus client does."""

import base64
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.services.visiting import visit

PIECE = 5 * 1024 * 1024
"""What a browser of ours sends at once."""


class Sender:
    """A browser that sends a file piece by piece, as tus clients do."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        page = visit(client, "/evidence/new/file")
        token = page.select_one("form#new-file input[name=csrf_token]")
        assert token is not None
        self.headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": str(token["value"]), "Accept": "application/json"}

    def announce(self, name: str, size: int, **more: str) -> TestResponse:
        """Say what comes."""
        said = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in {"filename": name, **more}.items()
        )
        headers = self.headers | {"Upload-Length": str(size), "Upload-Metadata": said}
        return self.client.post("/uploads", headers=headers)

    def send(self, address: str, offset: int, content: bytes, **more: str) -> TestResponse:
        """Send the next bytes."""
        headers = self.headers | {"Upload-Offset": str(offset)} | more
        return self.client.patch(address, data=content, headers=headers, content_type="application/offset+octet-stream")

    def where(self, address: str) -> int:
        """Ask how far it has come."""
        return int(self.client.head(address, headers=self.headers).headers["Upload-Offset"])

    def state(self, address: str) -> dict[str, Any]:
        """Ask what became of it."""
        answer = self.client.get(address, headers={"Accept": "application/json"}).get_json()
        assert isinstance(answer, dict)
        return answer

    def send_all(self, name: str, content: bytes, piece: int = PIECE, **more: str) -> str:
        """Send a whole file; return its address."""
        address = str(self.announce(name, len(content), **more).headers["Location"])
        for start in range(0, len(content), piece):
            answer = self.send(address, start, content[start : start + piece])
            assert answer.status_code == 204, answer.get_data(as_text=True)
        return address
