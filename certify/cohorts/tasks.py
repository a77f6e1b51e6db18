"""What happens after an enrolment: the invitation leaves, and the enrolment follows the account of the person."""

import uuid

from sqlalchemy.orm import Session

from certify.accounts import services as accounts
from certify.accounts.models import User
from certify.cohorts import policies, services
from certify.cohorts.models import Cohort, Enrolment
from certify.core import access, outbox
from certify.core.access import Actor
from certify.core.i18n import force_locale
from certify.core.i18n import gettext as _
from certify.organisations.models import Organisation


@outbox.on(services.INVITATION_WANTED)
def invite_trainee(session: Session, enrolment_id: str, actor_id: str | None) -> None:
    """Send the invitation of an enrolment, unless it was withdrawn meanwhile."""
    enrolment = session.get_one(Enrolment, uuid.UUID(enrolment_id))
    if not policies.may_be_invited(enrolment.state):
        return
    user = session.get_one(User, enrolment.user_id)
    if user.is_external:
        return
    cohort = session.get_one(Cohort, enrolment.cohort_id)
    training_body = session.get_one(Organisation, cohort.training_body_id)
    with force_locale(user.locale):
        reason = _("suivre la promotion « %(cohort)s »", cohort=cohort.name)
    accounts.invite(
        session,
        _actor(session, actor_id),
        user,
        organisation_id=training_body.id,
        organisation_name=training_body.name,
        reason=reason,
    )


@outbox.on(accounts.PERSON_CHANGED)
def follow_person(session: Session, user_id: str) -> None:
    """Follow somebody who opened their account or changed their name."""
    services.follow_person(session, session.get_one(User, uuid.UUID(user_id)))


def _actor(session: Session, actor_id: str | None) -> Actor | None:
    user = session.get(User, uuid.UUID(actor_id)) if actor_id else None
    return Actor(user.id, user.name, access.load_grants(session, user.id)) if user else None
