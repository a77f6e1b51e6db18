"""Mails about logbook entries: to the trainee, and to nobody else."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from certify.accounts.models import User
from certify.cohorts.models import Enrolment
from certify.core import mail
from certify.logbook.models import EntryReview, LogbookEntry


def reviewed(session: Session, review: EntryReview) -> None:
    """Tell the trainee that an entry was returned or accepted, by whom, with the comment."""
    author = (
        select(LogbookEntry, User)
        .join(Enrolment, Enrolment.id == LogbookEntry.enrolment_id)
        .join(User, User.id == Enrolment.user_id)
    )
    entry, trainee = session.execute(author.where(LogbookEntry.id == review.entry_id)).one()
    reviewer = session.get_one(User, review.reviewer_id)
    mail.queue(
        session,
        f"logbook_{review.outcome.value}",
        to=trainee.address,
        locale=trainee.locale,
        trainee=trainee.name,
        title=entry.title,
        reviewer=reviewer.name,
        comment=review.comment,
        path=f"/logbook/{entry.id}",
    )
