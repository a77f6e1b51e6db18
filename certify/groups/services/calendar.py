"""The verbs of the secret address under which somebody's calendar program reads their meetings."""

from sqlalchemy.orm import Session

from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.types import random_token
from certify.groups.models import CalendarFeed

_BYTES = 32


def make_feed(session: Session, actor: Actor) -> CalendarFeed:
    """Make the actor's address, or another in its place: the one before answers no more."""
    feed = session.get(CalendarFeed, actor.user_id, with_for_update=True)
    tag = "groups:calendar:made" if feed is None else "groups:calendar:renewed"
    if feed is None:
        feed = CalendarFeed(user_id=actor.user_id)
        session.add(feed)
    feed.token, feed.made_at = random_token(_BYTES), clock.now()
    session.flush()
    audit.record(session, actor, tag, actor.user_id)
    return feed


def revoke_feed(session: Session, actor: Actor) -> None:
    """Take the actor's address away: whoever has it reads nothing more."""
    feed = session.get(CalendarFeed, actor.user_id, with_for_update=True)
    if feed is not None:
        session.delete(feed)
        audit.record(session, actor, "groups:calendar:revoked", actor.user_id)
