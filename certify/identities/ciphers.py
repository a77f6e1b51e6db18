"""What is kept encrypted of a person: closed before it is written, opened by whoever has the right to read it."""

import json
from typing import Any

from flask import current_app

from certify.core import keys
from competencies.civil_status import CivilStatus


def closed_status(status: CivilStatus) -> bytes:
    """Encrypt a civil status."""
    return closed_text(json.dumps(status.to_document(), ensure_ascii=False, sort_keys=True))


def opened_status(content: bytes) -> CivilStatus:
    """Decrypt a civil status; raises Unavailable when it was closed with another key."""
    return CivilStatus.from_document(json.loads(opened_text(content)))


def closed_text(value: str) -> bytes:
    """Encrypt a few characters."""
    return keys.close(_settings(), value.encode())


def opened_text(content: bytes) -> str:
    """Decrypt a few characters; raises Unavailable when they were closed with another key."""
    return keys.open_(_settings(), content).decode()


def _settings() -> Any:
    return current_app.config["SETTINGS"]
