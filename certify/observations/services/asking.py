"""The trainee's verbs: ask, send again, take back."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.anonymity.services import require_anonymous
from certify.cohorts.models import Enrolment, EnrolmentState
from certify.core import audit, clock
from certify.core.access import Actor
from certify.core.errors import Conflict, Invalid
from certify.core.i18n import lazy as _l
from certify.core.types import new_id
from certify.frameworks.queries import framework_of
from certify.observations import mails, policies, queries
from certify.observations.models import ObservationRequest, Way
from certify.observations.policies import MOST_INDICATORS, MOST_WAITING
from certify.observations.queries import Asked, token_digest


@dataclass(frozen=True)
class Wish:
    """Whom a trainee asks, how, and what."""

    way: Way
    referent_name: str
    referent_role: str = ""
    referent_email: str = ""
    locale: str = "fr"
    message: str = ""
    indicators: tuple[str, ...] = ()
    meeting_id: uuid.UUID | None = None


def ask(session: Session, actor: Actor, enrolment: Enrolment, wish: Wish) -> ObservationRequest:
    """Ask a named referent what they saw; by mail, the link leaves at once."""
    if enrolment.state not in (EnrolmentState.INVITED, EnrolmentState.ACTIVE):
        raise Conflict(_l("Votre inscription n’est plus active : vous ne pouvez plus demander d’observation."))
    trainee = session.get_one(User, enrolment.user_id)
    codes = _indicators(session, enrolment, wish)
    _require_sendable(session, enrolment, trainee, wish)
    texts = [("message", _l("Message"), wish.message), ("referent_role", _l("Fonction"), wish.referent_role)]
    require_anonymous(session, enrolment.id, texts)
    now = clock.now()
    request = ObservationRequest(
        id=new_id(), enrolment_id=enrolment.id, training_body_id=enrolment.training_body_id,
        framework_version_id=enrolment.framework_version_id, meeting_id=_meeting(session, enrolment, wish.meeting_id),
        way=wish.way, referent_name=wish.referent_name, referent_role=wish.referent_role,
        referent_email=wish.referent_email, locale=wish.locale, message=wish.message, indicators=codes, draft={},
        created_at=now, expires_at=now + timedelta(days=mails.link_days()),
    )  # fmt: skip
    session.add(request)
    session.flush()
    if wish.way is Way.MAIL:
        _send(session, request, trainee, is_again=False)
    facts = {"way": request.way.value, "indicators": codes}
    audit.record(
        session, actor, "observations:request:made", request, organisation_id=request.training_body_id, **facts
    )
    return request


def resend(session: Session, actor: Actor, found: Asked) -> ObservationRequest:
    """Send the referent a new link, for a new delay; the former one opens nothing any more, the draft stays."""
    session.refresh(found.request, with_for_update=True)
    if not policies.may_be_sent_again(found.state, found.request) or not found.request.referent_email:
        raise Conflict(_l("Cette demande n’attend plus de réponse : faites-en une nouvelle."))
    found.request.expires_at = clock.now() + timedelta(days=mails.link_days())
    _send(session, found.request, found.trainee, is_again=True)
    audit.record(
        session, actor, "observations:request:resent", found.request, organisation_id=found.request.training_body_id
    )
    return found.request


def revoke(session: Session, actor: Actor, found: Asked) -> ObservationRequest:
    """Take a request back: its link opens nothing any more, and what was being written is forgotten."""
    session.refresh(found.request, with_for_update=True)
    if found.request.answered_at is not None or not policies.may_be_revoked(found.state):
        raise Conflict(_l("Cette demande n’attend plus de réponse : elle ne peut pas être annulée."))
    found.request.revoked_at, found.request.draft = clock.now(), {}
    audit.record(
        session, actor, "observations:request:revoked", found.request, organisation_id=found.request.training_body_id
    )
    return found.request


def _send(session: Session, request: ObservationRequest, trainee: User, *, is_again: bool) -> None:
    secret = secrets.token_urlsafe(32)
    request.token_digest, request.sent_at = token_digest(secret), clock.now()
    mails.ask(session, request, trainee, secret, is_again=is_again)


def _indicators(session: Session, enrolment: Enrolment, wish: Wish) -> list[str]:
    framework = framework_of(session, enrolment.framework_version_id)
    codes = [one.code for one in framework.indicators if one.code in set(wish.indicators)]
    if not codes:
        raise Invalid(_l("Choisissez au moins un indicateur à observer."), "indicators")
    if len(codes) > MOST_INDICATORS:
        raise Invalid(
            _l("Choisissez %(max)s indicateurs au plus : au-delà, personne ne répond.", max=MOST_INDICATORS),
            "indicators",
        )
    return codes


def _require_sendable(session: Session, enrolment: Enrolment, trainee: User, wish: Wish) -> None:
    if wish.way is Way.MAIL and not wish.referent_email:
        raise Invalid(_l("Donnez l’adresse e-mail de la personne : le lien y est envoyé."), "referent_email")
    if wish.referent_email and wish.referent_email.casefold() == (trainee.address or "").casefold():
        raise Invalid(
            _l("Cette adresse est la vôtre : demandez à une autre personne ce qu’elle a observé."), "referent_email"
        )
    if queries.waiting_requests(session, enrolment.id) >= MOST_WAITING:
        raise Conflict(
            _l(
                "%(max)s de vos demandes attendent déjà une réponse : annulez-en une, ou attendez.",
                max=MOST_WAITING,
            )
        )


def _meeting(session: Session, enrolment: Enrolment, meeting_id: uuid.UUID | None) -> uuid.UUID | None:
    if meeting_id is None:
        return None
    if meeting_id not in {one.id for one in queries.own_meetings(session, enrolment.id)}:
        raise Invalid(_l("Cette rencontre n’est pas celle d’un de vos groupes."), "meeting")
    return meeting_id
