"""What happens after a trainer has answered."""

import uuid

from sqlalchemy.orm import Session

from certify.core import outbox
from certify.logbook import mails
from certify.logbook.models import EntryReview


@outbox.on("logbook.reviewed")
def tell_trainee(session: Session, review_id: str) -> None:
    """Tell the author of an entry what was answered."""
    mails.reviewed(session, session.get_one(EntryReview, uuid.UUID(review_id)))
