"""Showing one's badge to everybody, and no longer."""

from sqlalchemy.orm import Session

from certify.badges.models import Badge
from certify.core import audit, clock
from certify.core.access import Actor


def publish(session: Session, actor: Actor, badge: Badge) -> None:
    """Show a badge to whoever has its address, and on the public page of its certificate."""
    if badge.published_at is None:
        badge.published_at = clock.now()
        audit.record(session, actor, "badge:record:published", badge, organisation_id=badge.organisation_id)


def withdraw(session: Session, actor: Actor, badge: Badge) -> None:
    """Show a badge to nobody any more."""
    if badge.published_at is not None:
        badge.published_at = None
        audit.record(session, actor, "badge:record:withdrawn", badge, organisation_id=badge.organisation_id)
