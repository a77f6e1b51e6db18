"""Observation requests at every stage."""

import itertools
import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core.mail import MailMessage
from certify.observations import policies, queries, services
from certify.observations.models import ObservationRequest, Way
from certify.observations.policies import Draft, Seen
from certify.observations.queries import Asked
from tests.factories.cohorts import make_enrolment
from tests.factories.people import actor_of

_numbers = itertools.count(1)
INDICATORS = ("3.1.1", "3.1.2", "3.3.1")
SECRET = re.compile(r"/observe/([\w-]{20,})")


def make_observation(session: Session, enrolment: Enrolment | None = None, **values: Any) -> ObservationRequest:
    """Make a request that waits, by mail unless `way` says otherwise."""
    enrolment = enrolment or make_enrolment(session)
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "way": Way.MAIL,
        "referent_name": f"Référente {number:02d}",
        "referent_role": "éducatrice de jeunes enfants",
        "referent_email": f"referente-{number}@exemple.test",
        "message": "Vous étiez à la rencontre de mardi.",
        "indicators": INDICATORS,
    }
    actor = actor_of(session, session.get_one(User, enrolment.user_id))
    request = services.ask(session, actor, enrolment, services.Wish(**defaults | values))
    session.flush()
    return request


def secret_of(session: Session, request: ObservationRequest) -> str:
    """Return the secret of the last link that left for a request, as its mail holds it."""
    query = select(MailMessage.text).where(MailMessage.recipient == request.referent_email)
    text = session.scalars(query.order_by(MailMessage.created_at.desc(), MailMessage.id.desc()).limit(1)).one()
    found = SECRET.search(text)
    assert found is not None
    return found.group(1)


def fill(session: Session, request: ObservationRequest, **levels: str) -> Asked:
    """Tick levels, given by the last digits of a code (`l1_1="acquired"` for 3.1.1), and keep the draft."""
    chosen = {f"3.{name[1:].replace('_', '.')}": level for name, level in levels.items()}
    seen = {code: Seen(chosen.get(code, ""), "") for code in request.indicators}
    found = queries.asked(session, request.id)
    services.save_draft(session, found, Draft(seen, ""), revision=policies.revision_of(request))
    session.flush()
    return queries.asked(session, request.id)


def make_answered(session: Session, enrolment: Enrolment | None = None, **values: Any) -> ObservationRequest:
    """Make a request answered from its link: the first indicator acquired, the second not observed."""
    request = make_observation(session, enrolment, **values)
    level = queries.asked(session, request.id).framework.scale_of("3.1.1").threshold
    found = fill(session, request, l1_1=level, l1_2="none")
    secret = secret_of(session, request) if request.way is Way.MAIL else ""
    services.sign(
        session, None, found, revision=policies.revision_of(request), name=request.referent_name, secret=secret
    )
    session.flush()
    return request
