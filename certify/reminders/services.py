"""What can be done about the weekly mail: prepare a week, decline, want it again."""

import secrets
import uuid

from sqlalchemy.orm import Session

from certify.core import audit, clock, outbox
from certify.core.access import Actor
from certify.reminders import policies, queries
from certify.reminders.digests import digests_of
from certify.reminders.models import Subscription


def prepare(session: Session, *, limit: int = 200) -> int:
    """Consider the week of some people, and have a mail sent to those whom there is something to tell.

    Return how many people were considered; none are left when it is 0. Whoever was considered is not again this week,
    so that a run cut short, or two at once, send nobody a second mail.
    """
    week = policies.week_of(clock.now())
    found = queries.due(session, week, limit)
    if not found:
        return 0
    told = digests_of(session, [person for person, _subscription in found])
    for person, subscription in found:
        row = subscription or _new_subscription(person)
        session.add(row)
        row.considered_week = week
        if person in told:
            lines = [line.to_document() for line in told[person]]
            outbox.send(session, "reminders.due", user_id=person, week=week.isoformat(), lines=lines)
    session.flush()
    return len(found)


def choose(session: Session, actor: Actor, *, is_wanted: bool) -> Subscription:
    """Want the weekly mail, or not any more."""
    row = session.get(Subscription, actor.user_id) or _new_subscription(actor.user_id)
    session.add(row)
    _change(session, actor, row, is_wanted)
    return row


def decline(session: Session, subscription: Subscription) -> Subscription:
    """Stop the weekly mail from the link it holds; doing it twice changes nothing."""
    _change(session, None, subscription, is_wanted=False)
    return subscription


def _change(session: Session, actor: Actor | None, row: Subscription, is_wanted: bool) -> None:
    if row.is_wanted is is_wanted:
        return
    row.is_wanted, row.changed_at = is_wanted, clock.now()
    session.flush()
    tag = "reminders:mail:wanted" if is_wanted else "reminders:mail:declined"
    audit.record(session, actor, tag, row.user_id)


def _new_subscription(user_id: uuid.UUID) -> Subscription:
    return Subscription(user_id=user_id, token=secrets.token_urlsafe(32), is_wanted=True)
