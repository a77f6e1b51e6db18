"""What happens after a session of supervision is planned, moved or cancelled."""

import uuid

from sqlalchemy.orm import Session

from certify.core import outbox
from certify.supervision import mails
from certify.supervision.models import SupervisionSession
from certify.supervision.services.planning import PLANNED


@outbox.on(PLANNED)
def tell_expected(session: Session, session_id: str, change: str) -> None:
    """Tell the trainees expected when they are to come, or that they are not to come any more."""
    mails.planned(session, session.get_one(SupervisionSession, uuid.UUID(session_id)), change)
