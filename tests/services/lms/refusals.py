"""Saying no, with a status and a reason that a test can read."""

from typing import NoReturn


class Refused(Exception):
    """The platform refuses what the tool sent."""

    def __init__(self, status: int, reason: str, *, error: str = "", body: str | None = None) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
        self.error = error
        """Code of OAuth 2.0, where there is one."""
        self.body = body
        """What is answered, when it is not the reason: real platforms say little."""


def refuse(status: int, reason: str, *, error: str = "", body: str | None = None) -> NoReturn:
    """Refuse."""
    raise Refused(status, reason, error=error, body=body)


def require(is_right: object, reason: str, *, status: int = 400, error: str = "", body: str | None = None) -> None:
    """Refuse unless something is right."""
    if not is_right:
        refuse(status, reason, error=error, body=body)
