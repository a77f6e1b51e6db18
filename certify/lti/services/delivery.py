"""Carrying a grade to its platform: one try, what was answered, and what is done about it.

LTI assignment and grade services 2.0 section 3.4. A try first commits the timestamp it will bear, so that a worker
killed at any moment is followed by a try with a later one: nothing is lost, and nothing counts twice.
"""

import random
import re
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from certify.core import clock
from certify.core.db import separate_session
from certify.lti.client import columns as client
from certify.lti.client.http import Unreachable
from certify.lti.models import (
    Context,
    Deployment,
    DeploymentState,
    Identity,
    LineItem,
    LineItemState,
    Registration,
    RegistrationState,
    Score,
    ScoreState,
)
from certify.lti.protocol import names, scoring
from certify.lti.protocol.quirks import quirks_for
from certify.lti.protocol.scoring import Kind, Outcome
from certify.lti.services.columns import is_gone
from certify.lti.services.grades import dispatch, resume
from certify.settings import Settings

PATIENCE = timedelta(days=30)
"""How long a platform that gives no usable answer is asked again."""
_WHILE_SUSPENDED = timedelta(hours=6)
_NEAR = 0.051
_SAID = 500
_MARKUP = re.compile(r"<[^>]*>")


class Verdict(StrEnum):
    """What came of a try."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class Attempt:
    """A try and what came of it."""

    verdict: Verdict
    version: int
    value: float
    reason: str = ""
    status: int | None = None
    said: str = ""
    retry_after: timedelta | None = None
    is_column_gone: bool = False


@dataclass(frozen=True)
class _Carried:
    """A grade with everything on its way."""

    score: Score
    column: LineItem
    context: Context
    sub: str
    deployment: Deployment
    registration: Registration

    @property
    def is_let_in(self) -> bool:
        active = self.registration.state is RegistrationState.ACTIVE
        return active and self.deployment.state is DeploymentState.ACTIVE


@dataclass(frozen=True)
class _Posted:
    """What was posted, and the answer."""

    version: int
    value: float
    maximum: float
    outcome: Outcome
    status: int | None
    said: str


def attempt(session: Session, settings: Settings, score_id: uuid.UUID, due: str) -> Attempt | None:
    """Post a grade now, unless another message is the one that counts for it; no lock is held meanwhile."""
    found = _carried(session, score_id)
    if found is None or not _counts(found.score, due):
        return None
    kept = Attempt(Verdict.SUSPENDED, found.score.version, found.score.value)
    if not found.is_let_in:
        return replace(kept, reason="suspended")
    if found.column.state is LineItemState.REMOVED:
        return replace(kept, verdict=Verdict.REFUSED, reason="gone")
    posted = _post(session, settings, found)
    if posted.outcome.kind is Kind.CONFLICT:
        if _is_there(session, settings, found, posted):
            return _attempt(Verdict.SENT, posted)
        posted = _post(session, settings, found)
    return _judged(session, settings, found, posted)


def _carried(session: Session, score_id: uuid.UUID) -> _Carried | None:
    row = session.execute(
        select(Score, LineItem, Context, Identity.sub, Deployment, Registration)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(Identity, Identity.id == Score.identity_id)
        .join(Context, Context.id == LineItem.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Score.id == score_id)
    ).one_or_none()
    return _Carried(*row) if row is not None else None


def _counts(row: Score, due: str) -> bool:
    return row.state is ScoreState.WAITING and row.due_at is not None and row.due_at.isoformat() == due


def _post(session: Session, settings: Settings, found: _Carried) -> _Posted:
    with separate_session() as own:
        row = own.get_one(Score, found.score.id, with_for_update=True)
        stamp = row.stamped_at = scoring.stamp(row.stamped_at, clock.now())
        version, value, maximum, comment = row.version, row.value, row.maximum, row.comment
        own.commit()
    quirks = quirks_for(found.registration.product)
    body = scoring.score_body(found.sub, value, maximum, stamp, comment, is_final=True, quirks=quirks)
    status, headers, answer = client.post_score(session, settings, found.registration, found.column.url, body)
    outcome, said = scoring.judge(status, headers, answer, quirks=quirks, now=clock.now()), _readable(answer)
    return _Posted(version, value, maximum, outcome, status, said)


def _readable(answer: bytes) -> str:
    text = _MARKUP.sub(" ", answer[:4000].decode("utf-8", "replace").replace("\0", " "))
    return " ".join(text.split())[:_SAID]


def _is_there(session: Session, settings: Settings, found: _Carried, posted: _Posted) -> bool:
    """Whether the platform already shows the value that it says is not newer."""
    if names.RESULT_READ not in found.context.ags_scopes:
        return False
    try:
        shown = client.result_of(session, settings, found.registration, found.column.url, found.sub)
    except Unreachable:
        return False
    if shown is None or shown.value is None or not shown.maximum:
        return False
    return abs(shown.value / shown.maximum - posted.value / posted.maximum) * posted.maximum < _NEAR


def _judged(session: Session, settings: Settings, found: _Carried, posted: _Posted) -> Attempt:
    outcome = posted.outcome
    if outcome.kind is Kind.DONE:
        return _attempt(Verdict.SENT, posted)
    if outcome.kind is not Kind.FINAL:
        return _attempt(Verdict.LATER, posted, _why_later(posted), outcome.retry_after)
    if outcome.reason != "gone":
        return _attempt(Verdict.REFUSED, posted, outcome.reason)
    gone = posted.status == 410 or is_gone(session, settings, found.registration, found.context, found.column.url)
    return replace(_attempt(Verdict.REFUSED, posted, "gone" if gone else "not-enrolled"), is_column_gone=gone)


def _why_later(posted: _Posted) -> str:
    if posted.outcome.kind is Kind.CONFLICT:
        return "outdated"
    if posted.outcome.kind is Kind.UNAUTHORISED:
        return "token-refused"
    if posted.status is None:
        # « refused » alone is said of grades.
        reason = posted.said.partition(":")[0]
        return "unreachable" if reason == "refused" else reason
    return "busy" if posted.status == 429 else "redirect" if 300 <= posted.status < 400 else "down"


def _attempt(verdict: Verdict, posted: _Posted, reason: str = "", retry_after: timedelta | None = None) -> Attempt:
    said = "" if verdict is Verdict.SENT else posted.said
    return Attempt(verdict, posted.version, posted.value, reason, posted.status, said, retry_after)


def settle(session: Session, score_id: uuid.UUID, due: str, tried: Attempt | None) -> None:
    """Note what came of a try, in the transaction that ends its message, and have the next one made if need be."""
    if tried is None:
        return
    if tried.is_column_gone:
        _remove_column(session, score_id)
    query = select(Score).where(Score.id == score_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    counts, had_failed, now = _counts(row, due), row.attempts > 0, clock.now()
    row.answer_status, row.answer = tried.status, f"{tried.reason}\n{tried.said}".strip()
    if tried.verdict is Verdict.SENT:
        row.sent_version, row.sent_value, row.sent_at = tried.version, tried.value, now
        if had_failed:
            _wake_others(session, row)
    if not counts:
        return
    if tried.verdict is Verdict.SUSPENDED:
        dispatch(session, row, now + _WHILE_SUSPENDED, later=True)
    elif tried.verdict is Verdict.LATER:
        _postpone(session, row, tried)
    elif row.version != tried.version:
        row.attempts = 0
        dispatch(session, row, now)
    else:
        row.state = ScoreState.SENT if tried.verdict is Verdict.SENT else ScoreState.REFUSED
        row.due_at = None


def _postpone(session: Session, row: Score, tried: Attempt) -> None:
    now = clock.now()
    row.attempts += 1
    if now - row.wanted_at > PATIENCE:
        row.state, row.due_at, row.answer = ScoreState.REFUSED, None, f"abandoned\n{tried.reason} {tried.said}".strip()
        return
    dispatch(session, row, now + scoring.wait_before(row.attempts, tried.retry_after, random.random), later=True)


def _remove_column(session: Session, score_id: uuid.UUID) -> None:
    # Locked before any of its grades, as whoever wants grades does.
    query = select(LineItem).join(Score, Score.line_item_id == LineItem.id).where(Score.id == score_id)
    session.scalars(query.with_for_update(of=LineItem)).one().state = LineItemState.REMOVED


def _wake_others(session: Session, row: Score) -> None:
    """Try at once what waited for a platform that was down: it just took a grade."""
    query = (
        select(Deployment.registration_id)
        .join(Context, Context.deployment_id == Deployment.id)
        .join(LineItem, LineItem.context_id == Context.id)
        .where(LineItem.id == row.line_item_id)
    )
    was_down = or_(Score.answer_status.is_(None), Score.answer_status >= 500)
    resume(session, session.execute(query).scalar_one(), Score.id != row.id, was_down)
