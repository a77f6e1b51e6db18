"""Reads about who gets the weekly mail, and who declined it."""

import uuid
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from certify.accounts.models import EXTERNAL_DOMAIN, User
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core.access import Actor
from certify.organisations.models import Membership
from certify.reminders.digests import STAFF
from certify.reminders.models import Subscription


def due(session: Session, week: date, limit: int) -> list[tuple[uuid.UUID, Subscription | None]]:
    """Return people whose week has not been considered yet, with their choice if they ever made one.

    Trainees under way, trainers and coordinators, who have an address and did not decline.
    """
    in_training = exists().where(Enrolment.user_id == User.id, Enrolment.state == EnrolmentState.ACTIVE)
    on_staff = exists().where(Membership.user_id == User.id, Membership.role.in_(STAFF), Membership.ended_at.is_(None))
    query = (
        select(User.id, Subscription)
        .outerjoin(Subscription, Subscription.user_id == User.id)
        .where(
            User.active,
            or_(User.contact != "", User.email.not_like("%" + EXTERNAL_DOMAIN)),
            or_(in_training, on_staff),
            or_(Subscription.user_id.is_(None), Subscription.is_wanted),
            or_(Subscription.considered_week.is_(None), Subscription.considered_week < week),
        )
        .order_by(User.id)
        .limit(limit)
        # Two workers at once share the people out instead of preparing the same ones.
        .with_for_update(of=User, skip_locked=True)
    )
    return [(person, subscription) for person, subscription in session.execute(query)]


def of_token(session: Session, token: str) -> Subscription | None:
    """Return the choice that a link of a mail speaks of."""
    return session.scalars(select(Subscription).where(Subscription.token == token)).one_or_none()


def wants_mail(session: Session, actor: Actor) -> bool:
    """Whether the weekly mail is sent to the actor."""
    wanted = session.scalar(select(Subscription.is_wanted).where(Subscription.user_id == actor.user_id))
    return wanted is not False
