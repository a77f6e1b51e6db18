"""Grades on their way to a platform: what is sent, when again, and what its answers mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from certify.lti.protocol.quirks import Quirks

_SECOND = timedelta(seconds=1)
_FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=24)
_PATIENT = {408, 425, 429}
_MAX_BODY = 4000


def scores_address(line_item_url: str) -> str:
    """Return where scores of a column are posted.

    https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service; a query, as Moodle has one, stays
    at the end.
    """
    return _below(line_item_url, "/scores")


def results_address(line_item_url: str) -> str:
    """Return where results of a column are read: https://www.imsglobal.org/spec/lti-ags/v2p0#result-service."""
    return _below(line_item_url, "/results")


def _below(address: str, name: str) -> str:
    parts = urlsplit(address)
    return parts._replace(path=parts.path.rstrip("/") + name).geturl()


def stamp(previous: datetime | None, now: datetime) -> datetime:
    """Return the moment to put on a score: later than the previous one by a whole second, whatever our clock says.

    https://www.imsglobal.org/spec/lti-ags/v2p0#timestamp: platforms refuse or ignore a score that is not newer, and
    Moodle compares whole seconds.
    """
    return now if previous is None else max(now, previous + _SECOND)


def score_body(
    user_id: str,
    value: float,
    maximum: float,
    stamp: datetime,
    comment: str,
    *,
    is_final: bool,
    quirks: Quirks | None = None,
) -> dict[str, Any]:
    """Return a score to post; a validated result is final, another awaits somebody's decision.

    https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service
    """
    body: dict[str, Any] = {
        "userId": user_id,
        "scoreGiven": value,
        "scoreMaximum": maximum,
        "timestamp": stamp.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "activityProgress": "Completed" if is_final else "Submitted",
        "gradingProgress": "FullyGraded" if is_final else "PendingManual",
    }
    if comment:
        body["comment"] = comment
    return body | dict((quirks or Quirks()).score_extras())


class Kind(StrEnum):
    """What an answer calls for."""

    DONE = "done"
    CONFLICT = "conflict"
    """The platform holds a score that is as new: stamp again."""
    UNAUTHORISED = "unauthorised"
    LATER = "later"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer to a score means."""

    kind: Kind
    reason: str = ""
    """For a final one: not-enrolled, not-gradable, gone, forbidden or refused."""
    retry_after: timedelta | None = None
    """How long the platform asks us to wait."""


def judge(
    status: int | None,
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    quirks: Quirks | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Say what an answer to a posted score means; no status means that none came.

    https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service: any 2xx is done, whatever its body.
    """
    if status is None or status in _PATIENT or status >= 500 or status < 200:
        return Outcome(Kind.LATER, retry_after=_retry_after(headers, now))
    if status < 300:
        return Outcome(Kind.DONE)
    if status == 401:
        return Outcome(Kind.UNAUTHORISED)
    if status < 400:
        # A site that moves or is closed for maintenance sends everybody to a page.
        return Outcome(Kind.LATER, retry_after=_retry_after(headers, now))
    told = body[:_MAX_BODY] if isinstance(body, str) else body[:_MAX_BODY].decode("utf-8", "replace")
    quirks = quirks or Quirks()
    if quirks.is_conflict(status, told):
        return Outcome(Kind.CONFLICT)
    return Outcome(Kind.FINAL, quirks.explain(status, told) or _REASONS.get(status, "refused"))


_REASONS = {403: "forbidden", 404: "gone", 410: "gone"}


def _retry_after(headers: Mapping[str, str], now: datetime | None) -> timedelta | None:
    """Return how long to wait, told in seconds or as a moment: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3."""
    said = {name.lower(): value for name, value in headers.items()}
    wanted = said.get("retry-after", "").strip()
    if wanted.isascii() and wanted.isdigit():
        return min(timedelta(seconds=int(wanted[:9])), LONGEST_WAIT)
    until, since = _moment(wanted), now or _moment(said.get("date", ""))
    if until is None or since is None:
        return None
    return min(max(until - since, timedelta(0)), LONGEST_WAIT)


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def wait_before(attempt: int, retry_after: timedelta | None, random: Callable[[], float]) -> timedelta:
    """Return how long to wait before a try, the first again being 1: doubling, up to a day, never all at once.

    `random` gives numbers from 0 to 1: half of the wait is left to chance, so that a class of grades does not knock
    together at a platform that has just come back.
    """
    usual: timedelta = min(_FIRST_WAIT * 2 ** min(max(attempt, 1) - 1, 20), LONGEST_WAIT)
    wait: timedelta = usual * (0.5 + random() / 2)
    return min(max(wait, retry_after + wait / 10), LONGEST_WAIT) if retry_after is not None else wait
