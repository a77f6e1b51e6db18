"""Slowing down floods of logins."""

from certify.core import throttle

PER_MINUTE = 600
"""Logins let through from one network address in a minute, by each process."""


class Throttle(throttle.Throttle):
    """Counts the logins each address asks for in the current minute."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        super().__init__(per_minute)
