"""Answers about accounts from values alone: is this invitation good, how long must one wait, which device is it."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from certify.accounts.models import Invitation

FIRST_WAIT = timedelta(seconds=15)
SHARED_ADDRESS = 4
"""A training room signs in from one network address: it may fail this many times more often than one account."""


class InvitationState(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    UNKNOWN = "unknown"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def invitation_state(invitation: Invitation | None, now: datetime) -> InvitationState:
    """Return what has become of an invitation; used comes first, since it tells the person to sign in."""
    if invitation is None:
        return InvitationState.UNKNOWN
    if invitation.accepted_at is not None:
        return InvitationState.USED
    if invitation.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.EXPIRED if invitation.expires_at <= now else InvitationState.OPEN


def wait_after(failures: int, last: datetime | None, now: datetime, *, allowed: int, longest: timedelta) -> timedelta:
    """Return how long to wait before another try: nothing up to `allowed` failures, then a delay that doubles."""
    if last is None or failures < allowed:
        return timedelta(0)
    doublings = min(failures - allowed, 20)
    delay = min(FIRST_WAIT * (1 << doublings), longest)
    return max(timedelta(0), last + delay - now)


_BROWSERS = (
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux", "Linux"),
)


@lru_cache(maxsize=4096)
def device_named(user_agent: str) -> str:
    """Return the browser and the system of a `User-Agent` header in words, or nothing when it names none."""
    found = (next((name for sign, name in table if re.search(sign, user_agent)), "") for table in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
