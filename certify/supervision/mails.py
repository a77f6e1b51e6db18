"""Mails about sessions of supervision: to the trainees expected, and to nobody else."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import mail
from certify.supervision import queries
from certify.supervision.models import SupervisionSession


def planned(session: Session, held: SupervisionSession, change: str) -> None:
    """Tell each trainee expected that a session is « planned », « amended » or « cancelled »."""
    query = select(User).join(Enrolment, Enrolment.user_id == User.id)
    expected = session.scalars(query.where(Enrolment.id.in_(queries.expected_ids(session, held))).order_by(User.id))
    supervisor = session.get_one(User, held.supervisor_id).name
    for trainee in expected:
        mail.queue(
            session, "supervision_planned", to=trainee.address, locale=trainee.locale, change=change, held=held,
            supervisor=supervisor, path=f"/supervision/{held.id}",
        )  # fmt: skip
