"""Mails about pieces answered by themselves: to the trainee, and to nobody else."""

from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import mail
from certify.evidence.models import EvidenceItem, EvidenceKind


def answered(session: Session, item: EvidenceItem, reviewer: User, outcome: str, answer: str) -> None:
    """Tell the trainee that a piece was accepted or returned, by whom, with the answer."""
    enrolment = session.get_one(Enrolment, item.enrolment_id)
    trainee = session.get_one(User, enrolment.user_id)
    folder = "prior-learning" if item.kind is EvidenceKind.PRIOR else "evidence"
    mail.queue(
        session, f"evidence_{outcome}", to=trainee.address, locale=trainee.locale, title=item.title,
        reviewer=reviewer.name, answer=answer, path=f"/{folder}/{item.id}",
    )  # fmt: skip
